"""Tokens: never more than their person has, never more than they say, and nothing once they are revoked."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jinyun.access.authority import allowed, visible
from jinyun.access.errors import NotAProgram, NotSignedIn, SessionNeeded
from jinyun.access.http import CurrentCall
from jinyun.access.models import ApiToken, PersonSession, RoleGrant
from jinyun.audit.models import AuditRecord
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.errors import AlreadyExists
from jinyun.kit.idempotency import IdempotencyKey
from jinyun.organisation.models import Project
from tests.unit.access.stage import House

ACTIONS = ("server.read", "server.operate", "network.manage", "person.manage")
SESSION_ONLY = [
    ("POST", "/v1/tokens", {"name": "x", "actions": ["server.read"], "expires_at": "2099-01-01T00:00:00Z"}),
    ("GET", "/v1/tokens", None),
    ("PUT", "/v1/self/password", {"current": "x", "new": "a password of its own"}),
    ("POST", "/v1/service-accounts", {"login": "svc-x", "name": "x", "project": "PAY"}),
    ("GET", "/v1/service-accounts", None),
    ("DELETE", "/v1/service-accounts/svc-x", None),
    ("GET", "/v1/sessions", None),
    ("DELETE", "/v1/sessions", None),
    ("DELETE", "/v1/sessions/current", None),
]


def probe() -> APIRouter:
    """Tells what a caller may do: to each application system, and in lists."""
    router = APIRouter()

    @router.get("/probe/{action}")
    def ask(call: CurrentCall, action: str) -> dict[str, Any]:
        def each(session: Session, actor: Actor) -> dict[str, bool]:
            projects = session.execute(select(Project.id, Project.code))
            return {code: allowed(session, actor, action, project_id) for project_id, code in projects}

        seen = call.read(lambda s, a: list(s.scalars(select(Project.code).where(visible(a, action, Project.id)))))
        return {"system": call.read(lambda s, a: allowed(s, a, action)), "one": call.read(each), "seen": sorted(seen)}

    return router


def wanted(**changes: Any) -> dict[str, Any]:
    expires_at = (utc_now() + timedelta(days=1)).isoformat()
    return {"name": "robot", "actions": ["server.read"], "expires_at": expires_at} | changes


def make(house: House, login: str = "alice", **changes: Any) -> dict[str, Any]:
    house.give_password(login)
    answer = house.terminal(login).post("/v1/tokens", json=wanted(**changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def may(house: House, token: str, action: str) -> dict[str, Any]:
    client = TestClient(house.app(probe()), headers={"Authorization": f"Bearer {token}"})
    answer = client.get(f"/probe/{action}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_token_is_shown_once_and_kept_as_a_digest(house: House) -> None:
    made = make(house)
    kept = house.database.read(lambda session: vars(session.scalars(select(ApiToken)).one()))
    assert made["token"].startswith("jy_")
    assert made["token"] not in str(kept)
    (listed,) = house.terminal().get("/v1/tokens").json()["items"]
    assert "token" not in listed
    assert house.program(made["token"]).get("/v1/self").json()["login"] == "alice"


def test_a_repeated_answer_does_not_show_the_token_again(house: House) -> None:
    terminal, body, key = house.terminal(), wanted(), {"Idempotency-Key": "one-and-the-same"}
    first = terminal.post("/v1/tokens", json=body, headers=key).json()
    again = terminal.post("/v1/tokens", json=body, headers=key).json()
    assert again == first | {"token": None}
    kept = house.database.read(lambda session: str(session.scalars(select(IdempotencyKey)).one().answer))
    assert first["token"] not in kept


def test_a_token_does_what_it_names_and_nothing_else(house: House) -> None:
    token = make(house)["token"]
    assert may(house, token, "server.read") == {"system": False, "one": {"PAY": True, "HR": False}, "seen": ["PAY"]}
    assert may(house, token, "server.operate")["seen"] == []
    assert not any(may(house, token, "server.operate")["one"].values())


def test_a_scope_wider_than_the_person_gives_nothing(house: House) -> None:
    """It may name every action and every system of the bank: its person's grants decide."""
    token = make(house, actions=list(ACTIONS))["token"]
    assert may(house, token, "network.manage") == {"system": False, "one": {"PAY": False, "HR": False}, "seen": []}
    assert may(house, token, "server.operate")["seen"] == ["PAY"]
    assert house.program(token).delete("/v1/people/bob/sessions").status_code == 403


def test_a_token_loses_what_its_person_loses(house: House) -> None:
    token = make(house, "otto", actions=["server.read", "network.manage"])["token"]
    assert may(house, token, "network.manage")["system"]
    house.change(lambda s: s.execute(delete(RoleGrant).where(RoleGrant.person_id == house.bank.people["otto"])))
    assert may(house, token, "network.manage") == {"system": False, "one": {"PAY": False, "HR": False}, "seen": []}


def test_a_token_for_one_system_reaches_no_other_and_nothing_of_the_whole(house: House) -> None:
    """Also where its person works with everything: an operator, and the head of a department above."""
    token = make(house, "otto", actions=["server.operate", "network.manage"], projects=["HR"])["token"]
    assert may(house, token, "server.operate") == {"system": False, "one": {"PAY": False, "HR": True}, "seen": ["HR"]}
    assert not may(house, token, "network.manage")["system"]
    head = make(house, "chief", actions=["server.read"], projects=["PAY"])["token"]
    assert may(house, head, "server.read")["seen"] == ["PAY"]


def test_what_follows_from_who_one_is_does_not_follow_for_a_token(house: House) -> None:
    token, terminal = make(house)["token"], house.terminal()
    router = APIRouter()

    @router.get("/in-person")
    def tell(call: CurrentCall) -> bool:
        return call.actor.in_person

    app = house.app(router)
    assert TestClient(app, headers={"Authorization": f"Bearer {token}"}).get("/in-person").json() is False
    assert TestClient(app, headers=dict(terminal.headers)).get("/in-person").json() is True


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("actions", {"actions": ["server.read", "server.conquer"]}),
        ("actions", {"actions": []}),
        ("projects", {"projects": ["HR"]}),
        ("projects", {"projects": ["NONE"]}),
        ("expires_at", {"expires_at": "2020-01-01T00:00:00Z"}),
        ("expires_at", {"expires_at": (utc_now() + timedelta(days=366)).isoformat()}),
        ("expires_at", {"expires_at": "2099-01-01T00:00:00"}),
    ],
)
def test_what_cannot_be_a_token_is_refused(house: House, field: str, change: dict[str, Any]) -> None:
    answer = house.terminal().post("/v1/tokens", json=wanted(**change))
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_name_is_taken_while_its_token_lives(house: House) -> None:
    made, terminal = make(house), house.terminal()
    assert terminal.post("/v1/tokens", json=wanted()).json()["code"] == AlreadyExists.code
    terminal.delete(f"/v1/tokens/{made['id']}")
    assert terminal.post("/v1/tokens", json=wanted()).status_code == 201
    house.change(lambda session: session.execute(update(ApiToken).values(expires_at=utc_now())))
    assert terminal.post("/v1/tokens", json=wanted()).status_code == 201


@pytest.mark.parametrize(("method", "path", "body"), SESSION_ONLY)
def test_a_token_makes_no_further_ways_in(house: House, method: str, path: str, body: Any) -> None:
    answer = house.program(make(house)["token"]).request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, SessionNeeded.code)


def test_token_replay_after_revocation(house: House) -> None:
    """From the moment the revocation is answered, also with the very same connection."""
    made, terminal = make(house), house.terminal()
    program = house.program(made["token"])
    assert program.get("/v1/self").status_code == 200
    assert terminal.delete(f"/v1/tokens/{made['id']}").status_code == 204
    for _ in range(3):
        assert program.get("/v1/self").json()["code"] == NotSignedIn.code
    assert terminal.delete(f"/v1/tokens/{made['id']}").status_code == 204
    revocations = select(AuditRecord).where(AuditRecord.action == "token.revoke")
    assert len(house.database.read(lambda session: list(session.scalars(revocations)))) == 1


def test_a_token_may_end_itself_and_no_other(house: House) -> None:
    first, second = make(house), make(house, name="another")
    program = house.program(first["token"])
    assert program.delete(f"/v1/tokens/{second['id']}").json()["code"] == SessionNeeded.code
    assert program.delete(f"/v1/tokens/{first['id']}").status_code == 204
    assert program.get("/v1/self").status_code == 401


def test_somebody_elses_token_is_not_there(house: House) -> None:
    made = make(house)
    house.give_password("bob")
    assert house.terminal("bob").delete(f"/v1/tokens/{made['id']}").status_code == 404
    assert house.terminal("bob").get("/v1/tokens").json()["items"] == []


def test_an_expired_token_is_none(house: House) -> None:
    made = make(house)
    house.change(lambda session: session.execute(update(ApiToken).values(expires_at=utc_now())))
    assert house.program(made["token"]).get("/v1/self").json()["code"] == NotSignedIn.code
    assert house.terminal().get("/v1/tokens").json()["items"] == []


def test_the_last_use_is_shown(house: House) -> None:
    made, terminal = make(house), house.terminal()
    assert terminal.get("/v1/tokens").json()["items"][0]["last_used_at"] is None
    house.program(made["token"]).get("/v1/self")
    assert terminal.get("/v1/tokens").json()["items"][0]["last_used_at"] is not None


def test_signing_out_everywhere_keeps_tokens_and_being_signed_out_does_not(house: House) -> None:
    house.give_password("sec")
    program = house.program(make(house)["token"])
    house.terminal().delete("/v1/sessions")
    assert program.get("/v1/self").status_code == 200
    house.terminal("sec").delete("/v1/people/alice/sessions")
    assert program.get("/v1/self").status_code == 401


def test_a_service_account_works_for_its_system_by_tokens_alone(house: House) -> None:
    owner = house.terminal()
    account = {"login": "svc-deploy", "name": "Deployment", "project": "PAY"}
    assert owner.post("/v1/service-accounts", json=account).json() == account
    assert owner.get("/v1/service-accounts").json()["items"] == [account]
    body = wanted(service_account="svc-deploy", actions=["server.operate", "network.manage"])
    token = owner.post("/v1/tokens", json=body).json()["token"]
    assert may(house, token, "server.operate")["seen"] == ["PAY"]
    assert not may(house, token, "network.manage")["system"]
    assert house.program(token).get("/v1/self").json()["login"] == "svc-deploy"
    assert owner.get("/v1/tokens", params={"service_account": "svc-deploy"}).json()["items"][0]["name"] == "robot"
    assert owner.get("/v1/tokens").json()["items"] == []


def test_ending_a_service_account_ends_its_tokens(house: House) -> None:
    owner = house.terminal()
    owner.post("/v1/service-accounts", json={"login": "svc-deploy", "name": "Deployment", "project": "PAY"})
    token = owner.post("/v1/tokens", json=wanted(service_account="svc-deploy")).json()["token"]
    assert owner.delete("/v1/service-accounts/svc-deploy").status_code == 204
    assert house.program(token).get("/v1/self").status_code == 401
    assert owner.get("/v1/service-accounts").json()["items"] == []
    assert owner.delete("/v1/service-accounts/svc-deploy").json()["code"] == NotAProgram.code


def test_who_does_not_answer_for_a_system_makes_no_programs_for_it(house: House) -> None:
    for login in ("bob", "otto", "sec"):
        house.give_password(login)
    account = {"login": "svc-x", "name": "x", "project": "PAY"}
    assert house.terminal("bob").post("/v1/service-accounts", json=account).status_code == 404
    assert house.terminal("otto").post("/v1/service-accounts", json=account).status_code == 403
    assert house.terminal("sec").post("/v1/service-accounts", json=account).status_code == 201
    assert house.terminal("bob").delete("/v1/service-accounts/svc-x").json()["code"] == NotAProgram.code
    assert house.terminal("otto").delete("/v1/service-accounts/svc-x").status_code == 403
    assert house.terminal("bob").post("/v1/tokens", json=wanted(service_account="svc-x")).status_code == 404
    assert house.terminal().post("/v1/tokens", json=wanted(service_account="bob")).json()["code"] == NotAProgram.code


def test_a_service_account_has_a_name_that_no_person_has(house: House) -> None:
    body = {"login": "bob", "name": "x", "project": "PAY"}
    assert house.terminal().post("/v1/service-accounts", json=body).status_code == 422
    body["login"] = "svc-twice"
    assert house.terminal().post("/v1/service-accounts", json=body).status_code == 201
    assert house.terminal().post("/v1/service-accounts", json=body).json()["code"] == AlreadyExists.code


def test_sessions_are_no_tokens(house: House) -> None:
    house.terminal()
    assert house.database.read(lambda session: len(list(session.scalars(select(PersonSession))))) == 1
    assert house.database.read(lambda session: list(session.scalars(select(ApiToken)))) == []
