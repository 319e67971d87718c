"""Registering a region: its secret stays one, and where it cannot be reached it says so until it can."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.audit.models import AuditRecord
from jinyun.kit.database import Base
from jinyun.kit.vault import open_sealed
from jinyun.operations import states as operation_states
from jinyun.providers.simulated.faults import FaultKind, clear_faults, set_fault
from jinyun.regions import states
from jinyun.regions.models import Region
from jinyun.regions.routes import router
from tests.api import APPLICANT, AUDITOR, SYSTEM_ADMINISTRATOR, Api
from tests.unit.regions.conftest import PASSWORD, Site


def test_a_region_is_registered_read_and_ready(site: Site) -> None:
    operation = site.register()
    assert (operation["kind"], operation["subject_name"]) == ("sync-region", "sim-1")
    assert site.region()["state"] == states.REGISTERING
    site.run()
    region = site.region()
    assert (region["state"], region["problem"], region["release"]) == (states.READY, None, "simulated-1")
    assert region["simulated"] is True
    assert region["zones"] == ["az-general", "az-scale"]
    assert region["last_seen_at"] is not None
    assert site.operation(operation["id"]).state == operation_states.SUCCEEDED


def test_the_secret_is_sealed_and_stands_nowhere_in_clear(site: Site) -> None:
    site.register()
    site.run()
    site.administrator.put("/v1/regions/sim-1/secret", json={"secret": "another-" + PASSWORD})
    with site.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert PASSWORD not in repr(connection.execute(select(table)).all()), table.name
    region = site.database.read(lambda session: session.scalars(select(Region)).one())
    assert region.sealed_secret is not None
    assert open_sealed(site.settings.key_directory, region.sealed_secret) == "another-" + PASSWORD
    assert PASSWORD not in json.dumps(site.region())


def test_an_api_node_cannot_open_what_it_sealed(site: Site) -> None:
    (site.settings.key_directory / "provider-secrets.private").unlink()
    operation = site.register()
    site.run()
    ended = site.operation(operation["id"])
    assert (ended.state, (ended.problem or {})["code"]) == (operation_states.NEEDS_OPERATOR, "unforeseen")


def test_a_wrong_password_is_told_in_both_languages_until_it_is_put_right(site: Site) -> None:
    operation = site.register(secret="wrong")
    site.run()
    region = site.region()
    assert region["state"] == states.UNREACHABLE
    assert region["problem"]["code"] == "credentials-rejected"
    assert "rejects Jinyun's user name or password" in region["problem"]["text"]
    assert "拒绝了金云的用户名或密码" in site.region("zh")["problem"]["text"]
    assert site.operation(operation["id"]).state == operation_states.RUNNING

    site.wake(operation["id"])
    site.run()
    assert site.operation(operation["id"]).state == operation_states.RUNNING

    site.administrator.put("/v1/regions/sim-1/secret", json={"secret": PASSWORD})
    site.wake(operation["id"])
    site.run()
    assert (site.region()["state"], site.region()["problem"]) == (states.READY, None)
    assert site.operation(operation["id"]).state == operation_states.SUCCEEDED


def test_a_wrong_address_is_put_right_while_the_operation_waits(site: Site) -> None:
    operation = site.register(public={"world": "/nowhere/world.db"})
    site.run()
    region = site.region()
    assert (region["state"], region["problem"]["code"]) == (states.UNREACHABLE, "backend-down")
    assert "/nowhere/world.db" in region["problem"]["words"]
    right = {"public": {"world": str(site.world.path)}, "name": "Moved"}
    answer = site.administrator.patch("/v1/regions/sim-1", json=right, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"], answer.json()["name"]) == (200, '"2"', "Moved")
    site.wake(operation["id"])
    site.run()
    assert site.region()["state"] == states.READY


@pytest.mark.parametrize("verb", ["inventory.hosts", "inventory.networks"])
def test_a_region_that_fails_half_way_is_not_ready(site: Site, verb: str) -> None:
    operation = site.register()
    set_fault(site.world, verb, FaultKind.DOWN)
    site.run()
    assert site.region()["state"] == states.UNREACHABLE
    clear_faults(site.world)
    site.wake(operation["id"])
    site.run()
    assert site.region()["state"] == states.READY


def test_every_change_of_state_is_one_of_those_written_down(site: Site) -> None:
    seen = []
    operation = site.register(secret="wrong")
    for secret in ("wrong", PASSWORD, "wrong", PASSWORD):
        seen.append(site.region()["state"])
        site.administrator.put("/v1/regions/sim-1/secret", json={"secret": secret})
        if site.operation(operation["id"]).state in operation_states.ENDED:
            operation = site.administrator.post("/v1/regions/sim-1/sync").json()
        site.wake(operation["id"])
        site.run()
    seen.append(site.region()["state"])
    assert seen == [
        states.REGISTERING,
        states.UNREACHABLE,
        states.READY,
        states.UNREACHABLE,
        states.READY,
    ]
    assert all(after in states.TRANSITIONS[before] for before, after in pairwise(seen))


OPENSTACK = {"auth_url": "https://cloud:5000/v3", "username": "jinyun", "project_name": "admin"}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"provider": "magic"}, "unknown-provider", "provider"),
        ({"provider": "simulated", "public": {}}, "invalid-field", "public.world"),
        ({"provider": "openstack", "public": {"username": "x"}}, "invalid-field", "public.auth_url"),
        ({"provider": "openstack", "public": OPENSTACK, "secret": None}, "invalid-field", "secret"),
        ({"public": {"world": "w", "password": "p"}}, "secret-in-public", "public.password"),
        (
            {"provider": "openstack", "public": OPENSTACK | {"auth_url": "file:///etc"}},
            "invalid-field",
            "public.auth_url",
        ),
        (
            {"provider": "openstack", "public": OPENSTACK | {"auth_url": "https://me:pass@cloud/"}},
            "invalid-field",
            "public.auth_url",
        ),
        ({"code": "No Code"}, "invalid-field", "code"),
        ({"public": {"World": "w"}}, "invalid-field", "public.World.[key]"),
    ],
)
def test_what_cannot_be_a_connection_is_refused(site: Site, changes: dict[str, object], code: str, field: str) -> None:
    answer = site.administrator.post("/v1/regions", json=site.request(**changes))
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)
    assert PASSWORD not in answer.text
    assert site.administrator.get("/v1/regions").json()["items"] == []


def test_a_code_is_given_once(site: Site) -> None:
    site.register()
    answer = site.administrator.post("/v1/regions", json=site.request())
    assert (answer.status_code, answer.json()["code"]) == (409, "already-exists")


def test_the_same_request_registers_once(site: Site) -> None:
    headers = {"Idempotency-Key": "register-sim-1"}
    first = site.administrator.post("/v1/regions", json=site.request(), headers=headers)
    again = site.administrator.post("/v1/regions", json=site.request(), headers=headers)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"


def test_users_see_regions_but_not_how_they_are_reached(site: Site) -> None:
    site.register()
    shown = site.api.as_(APPLICANT).get("/v1/regions").json()["items"][0]
    assert (shown["code"], shown["public"], shown["endpoint"]) == ("sim-1", None, None)
    assert site.region()["public"] == {"world": str(site.world.path)}
    assert site.api.as_(AUDITOR).get("/v1/regions").status_code == 403


def test_only_those_who_manage_regions_change_them(site: Site) -> None:
    site.register()
    applicant = site.api.as_(APPLICANT)
    attempts: list[Any] = [
        applicant.post("/v1/regions", json=site.request(code="other")),
        applicant.patch("/v1/regions/sim-1", json={"name": "x"}, headers={"If-Match": '"1"'}),
        applicant.put("/v1/regions/sim-1/secret", json={"secret": "x"}),
        applicant.post("/v1/regions/sim-1/sync"),
    ]
    assert [attempt.status_code for attempt in attempts] == [403] * 4
    assert site.api.as_(SYSTEM_ADMINISTRATOR).put("/v1/regions/sim-1/secret", json={"secret": "x"}).status_code == 200


def test_a_change_made_for_an_older_version_is_refused(site: Site) -> None:
    site.register()
    etag = site.administrator.get("/v1/regions/sim-1").headers["ETag"]
    site.administrator.put("/v1/regions/sim-1/secret", json={"secret": "newer"})
    late = site.administrator.patch("/v1/regions/sim-1", json={"name": "late"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "stale-version")
    without = site.administrator.patch("/v1/regions/sim-1", json={"name": "late"})
    assert (without.status_code, without.json()["field"]) == (422, "If-Match")


def test_an_unknown_region_is_not_found(site: Site) -> None:
    answers = [
        site.administrator.get("/v1/regions/nowhere"),
        site.administrator.patch("/v1/regions/nowhere", json={}, headers={"If-Match": '"1"'}),
        site.administrator.put("/v1/regions/nowhere/secret", json={"secret": "x"}),
        site.administrator.post("/v1/regions/nowhere/sync"),
        site.administrator.get("/v1/pools?region=nowhere"),
        site.administrator.get("/v1/hosts?region=nowhere"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 6


def test_every_change_leaves_its_record(site: Site) -> None:
    site.register()
    site.administrator.put("/v1/regions/sim-1/secret", json={"secret": "x"})
    site.administrator.patch("/v1/regions/sim-1", json={"name": "New"}, headers={"If-Match": '"2"'})
    noted = select(AuditRecord).where(AuditRecord.subject_kind == "region").order_by(AuditRecord.id)
    records = site.database.read(lambda session: list(session.scalars(noted)))
    assert [record.action for record in records] == ["region.register", "region.set-secret", "region.change"]
    assert records[2].before == {"name": "模拟区域 Simulated", "public": {"world": str(site.world.path)}}
    assert {record.actor_login for record in records} == {SYSTEM_ADMINISTRATOR}


def test_without_keys_nothing_is_registered(site: Site, tmp_path: Path) -> None:
    keyless = Api(site.bank, [router], tmp_path / "no-keys")
    answer = keyless.as_(SYSTEM_ADMINISTRATOR).post("/v1/regions", json=site.request())
    assert answer.status_code == 500
    assert site.administrator.get("/v1/regions").json()["items"] == []
