"""The access table is complete, and every cell of it is what the API answers."""

import pytest

from deploy.access_table import RELATIONS, ROLE_NAMES, answer_of
from jinyun.access.table import Answer, Rule, read_rule, read_table
from tests.access.examples import request_of
from tests.access.world import PEOPLE, World

TABLE = read_table()
VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
HOW = "add it to src/jinyun/access/table.yaml, with a request in tests/access/examples.py; then `make format`"


def documented(world: World) -> set[str]:
    """Return every route of the API document."""
    paths = world.app.openapi()["paths"]
    return {f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs if verb.upper() in VERBS}


def said(status: int, rule: Rule) -> set[Answer]:
    """Return which answers a status can be: what passed may still be refused for other reasons than who asks."""
    if status == 403:
        return {Answer.FORBID}
    if status == 404 and rule.verb in {"find", "list", "filter", "within"}:
        return {Answer.HIDE}
    if status == 401 or status >= 500:
        return set()
    return {Answer.ALLOW, Answer.FILTER}


def test_every_route_is_in_the_table_and_nothing_else(world: World) -> None:
    in_table = {route.partition("?")[0] for route in TABLE.routes}
    missing, gone = documented(world) - in_table, in_table - documented(world)
    assert not missing, f"not in the access table: {sorted(missing)}; {HOW}"
    assert not gone, f"in the access table, but there is no such route: {sorted(gone)}; take it out"


def test_every_role_is_in_the_table(world: World) -> None:
    assert PEOPLE.keys() == ROLE_NAMES.keys() == {*TABLE.roles, "employee"}
    for role, login in PEOPLE.items():
        held = {grant.role for grant in world.actor(login).grants}
        assert held == {"employee": set(), "owner": {"owner", "user"}, "approver": {"approver", "user", "owner"}}.get(
            role, {role}
        )


@pytest.mark.parametrize("route", sorted(TABLE.routes))
def test_every_cell_is_what_the_api_answers(world: World, route: str) -> None:
    rule = read_rule(TABLE.routes[route])
    if rule.verb == "open":
        answer = world.anonymous.request(**request_of(route, world.things["own"]))
        assert answer.json().get("code") != "not-signed-in"
        return
    unsigned = world.anonymous.request(**request_of(route, world.things["own"]))
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "not-signed-in")
    wrong = []
    for role, login in PEOPLE.items():
        for relation in RELATIONS if rule.verb in {"find", "within"} else RELATIONS[:1]:
            request = request_of(route, world.things[relation])
            given = world.clients[login].request(**request)
            expected = answer_of(TABLE, role, relation, rule)
            if expected not in said(given.status_code, rule):
                wrong.append(f"{role}, {relation}: {expected} in the table, but {given.status_code} {given.text[:300]}")
    assert not wrong, "\n".join([route, *wrong])
