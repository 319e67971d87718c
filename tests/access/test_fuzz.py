"""Whoever asks for whatever: no answer that the access table does not allow."""

from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from deploy.access_table import RELATIONS
from jinyun.access.roles import ROLES
from jinyun.access.table import APPLICANT, ASKED, Answer, answer, read_rule, read_table
from jinyun.kit.actor import Actor
from jinyun.kit.ids import new_id
from tests.access.examples import request_of
from tests.access.test_table import said
from tests.access.world import APPLICANTS, APPROVERS, MIXED, PEOPLE, Things, World

TABLE = read_table()
EXAMPLES = 500
PATHS = {
    "own": "/head-office/retail/",
    "department": "/head-office/retail/",
    "below": "/head-office/retail/retail-channels/",
    "foreign": "/head-office/corporate/",
}
STRANGE = ["x", "%", "*", "mobile-banking", "' OR 1=1 --", "汉字"]


def here(actor: Actor, relation: str, things: Things) -> set[str]:
    """Return what somebody may do to these things, worked out from his grants one by one."""
    actions: set[str] = set()
    for grant in actor.grants:
        covered = grant.scope == "system" or (grant.scope == "project" and grant.scope_id == things.project_id)
        inside = grant.department_path is not None and PATHS[relation].startswith(grant.department_path)
        if covered or inside:
            actions |= ROLES[grant.role]
    applied, asked = actor.login == APPLICANTS[relation], actor.login == APPROVERS[relation]
    actions |= ({APPLICANT} if applied else set()) | ({ASKED} if asked else set())
    return actions


@seed(20261122)
@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_answer_that_the_table_does_not_allow(world: World, data: st.DataObject) -> None:
    actor = world.actor(data.draw(st.sampled_from(sorted({*PEOPLE.values(), *MIXED}))))
    route = data.draw(st.sampled_from(sorted(TABLE.routes)))
    relation = data.draw(st.sampled_from(RELATIONS))
    rule, things = read_rule(TABLE.routes[route]), world.things[relation]
    everywhere: set[str] = set().union(*(ROLES[grant.role] for grant in actor.grants if grant.scope == "system"))
    somewhere: set[str] = set().union(*(ROLES[grant.role] for grant in actor.grants))
    expected = answer(rule, here(actor, relation, things), somewhere, everywhere)
    given = world.clients[actor.login].request(**request_of(route, things))
    if expected is not Answer.OPEN:
        assert expected in said(given.status_code, rule), (actor.login, route, relation, given.status_code, given.text)


@seed(20261122)
@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_not_there_is_nobodys(world: World, data: st.DataObject) -> None:
    finding = sorted(route for route, rule in TABLE.routes.items() if rule.startswith("find ") and "_id}" in route)
    route = data.draw(st.sampled_from(finding))
    known = world.things["own"].values()
    ids = [value for name, value in known.items() if name.endswith("_id")]
    wrong = data.draw(st.sampled_from([*ids, new_id(), *STRANGE]))
    made: dict[str, Any] = {name: wrong if name.endswith("_id") else value for name, value in known.items()}
    login = data.draw(st.sampled_from(sorted({*PEOPLE.values(), *MIXED})))
    name = route.partition("{")[2].partition("}")[0]
    if known[name] == wrong:
        return
    given = world.clients[login].request(**request_of(route, Things(**made)))
    assert given.status_code in {307, 404, 405, 422}, (login, route, wrong, given.status_code, given.text)
