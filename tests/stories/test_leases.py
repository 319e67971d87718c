"""A lease: notice, the end, an extension that is approved, and what is key and never goes silently."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from jinyun.kit.clock import utc_now
from jinyun.servers import leases
from jinyun.servers.models import Server
from jinyun.volumes import recycling
from jinyun.volumes.models import Volume
from tests.api import APPLICANT, FOREIGN_APPLICANT, MANAGER
from tests.stories.stage import Caller, Stage, a_server, a_volume, await_that, decide, new_order

FAR = date(2999, 12, 31)


def leased(stage: Stage, hostname: str, project: str = "mobile-banking-test") -> str:
    """Deliver a server, and return its id."""
    order = stage.deliver(APPLICANT, a_server(hostname), project=project)
    return str(order["items"][0]["allocation"]["server_id"])


def end_at(stage: Stage, server_id: str, moment: datetime | None) -> None:
    """Let the lease of a server end at a moment."""
    stage.database.write(
        lambda session: session.execute(update(Server).where(Server.id == server_id).values(expires_at=moment))
    )


def extend(stage: Stage, *hostnames: str, **more: Any) -> dict[str, Any]:
    """Have longer leases ordered and approved; return the order when it has ended."""
    items = [{"kind": "lease-extension", "hostname": hostname} for hostname in hostnames]
    applicant = stage.as_(APPLICANT)
    order = applicant.post("/v1/orders", new_order(*items, **more), 201)
    decide(stage.as_(MANAGER), order, "approve")
    return applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")


def recycled(caller: Caller, server_id: str) -> dict[str, Any]:
    return caller.becomes(f"/v1/servers/{server_id}", "state", "recycled")


def test_a_server_has_the_lease_that_was_ordered(stage: Stage) -> None:
    applicant = stage.as_(APPLICANT)
    order = applicant.post("/v1/orders", new_order(a_server("lease-0"), until=FAR.isoformat()), 201)
    decide(stage.as_(MANAGER), order, "approve")
    applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")
    server = applicant.get(f"/v1/servers/{order['items'][0]['allocation']['server_id']}")
    assert datetime.fromisoformat(server["expires_at"]) == datetime(2999, 12, 31, 16, tzinfo=UTC)


def notices(stage: Stage, login: str, hostname: str) -> list[str]:
    """Return what somebody was told of a server's lease."""
    told = stage.as_(login, language="zh").all_of("/v1/notices")
    return [each["body"] for each in told if f"服务器 {hostname} 的租期" in each["subject"]]


def test_notice_is_given_once_for_each_end(stage: Stage) -> None:
    server_id = leased(stage, "lease-1")
    ahead = timedelta(days=stage.settings.lease_notice_days)
    end_at(stage, server_id, utc_now() + ahead + timedelta(hours=1))
    leases.notice_due(stage.database, stage.settings)
    assert not notices(stage, APPLICANT, "lease-1")
    soon = utc_now() + ahead - timedelta(hours=1)
    end_at(stage, server_id, soon)
    leases.notice_due(stage.database, stage.settings)
    leases.notice_due(stage.database, stage.settings)
    assert len(notices(stage, APPLICANT, "lease-1")) == 1
    assert "移入回收站" in notices(stage, APPLICANT, "lease-1")[0]
    assert not notices(stage, FOREIGN_APPLICANT, "lease-1")
    end_at(stage, server_id, soon + timedelta(minutes=1))
    leases.notice_due(stage.database, stage.settings)
    assert len(notices(stage, APPLICANT, "lease-1")) == 2
    end_at(stage, server_id, None)


def test_a_lease_ends_in_the_recycle_bin_and_an_extension_brings_the_server_back(stage: Stage) -> None:
    server_id = leased(stage, "lease-2")
    applicant = stage.as_(APPLICANT)
    end_at(stage, server_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database, stage.settings)
    recycled(applicant, server_id)
    leases.end_due(stage.database, stage.settings)
    assert applicant.post(f"/v1/servers/{server_id}/restore", {}, 409)["code"] == "lease-over"
    extend(stage, "lease-2", until=FAR.isoformat())
    applicant.done(applicant.post(f"/v1/servers/{server_id}/restore", {}, 202))
    assert applicant.get(f"/v1/servers/{server_id}")["expires_at"].startswith("2999-12-31")
    leases.end_due(stage.database, stage.settings)


def test_a_server_that_somebody_is_at_goes_when_he_is_done(stage: Stage) -> None:
    server_id = leased(stage, "lease-3")
    applicant = stage.as_(APPLICANT)
    reboot = applicant.post(f"/v1/servers/{server_id}/reboot", {"hard": True}, 202)
    end_at(stage, server_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database, stage.settings)
    applicant.done(reboot)
    leases.end_due(stage.database, stage.settings)
    recycled(applicant, server_id)


def test_what_is_key_runs_on_with_an_alarm_until_it_is_extended(stage: Stage) -> None:
    server_id = leased(stage, "lease-4", project="mobile-banking")
    end_at(stage, server_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database, stage.settings)
    leases.end_due(stage.database, stage.settings)
    operator = stage.as_("zhao.yun")
    standing = [alarm for alarm in operator.all_of("/v1/alarms") if alarm["kind"] == "lease-over"]
    assert [alarm["subject"] for alarm in standing] == ["lease-4"]
    assert stage.as_(APPLICANT).get(f"/v1/servers/{server_id}")["state"] == "active"
    extend(stage, "lease-4", project="mobile-banking")
    leases.end_due(stage.database, stage.settings)
    assert not [alarm for alarm in operator.all_of("/v1/alarms") if alarm["kind"] == "lease-over"]
    assert stage.as_(APPLICANT).get(f"/v1/servers/{server_id}")["expires_at"] is None


def test_a_lease_can_only_become_longer(stage: Stage) -> None:
    server_id = leased(stage, "lease-5")
    extension = {"kind": "lease-extension", "hostname": "lease-5"}
    applicant = stage.as_(APPLICANT)
    refused = applicant.post("/v1/orders", new_order(extension), 409)
    assert (refused["code"], refused["field"]) == ("lease-not-longer", "items.0.hostname")
    end_at(stage, server_id, datetime(2900, 1, 1, tzinfo=UTC))
    refused = applicant.post("/v1/orders", new_order(extension, until="2899-01-01"), 409)
    assert refused["code"] == "lease-not-longer"


@pytest.mark.parametrize("hostname", ["nowhere-1", "lease-0"])
def test_nothing_is_learned_of_servers_of_other_systems(stage: Stage, hostname: str) -> None:
    foreign = stage.as_(FOREIGN_APPLICANT)
    project = foreign.get("/v1/projects")["items"][0]["code"]
    order = new_order({"kind": "lease-extension", "hostname": hostname}, project=project)
    assert foreign.post("/v1/orders", order, 404)["field"] == "items.0.hostname"
    assert foreign.post("/v1/orders/estimate", order, 200)["items"][0]["parts"] == []


def leased_volume(stage: Stage, name: str, project: str = "mobile-banking-test") -> str:
    """Deliver a volume, and return its id."""
    order = stage.deliver(APPLICANT, a_volume(name), project=project)
    return str(order["items"][0]["allocation"]["volume_id"])


def end_volume_at(stage: Stage, volume_id: str, moment: datetime | None, **more: Any) -> None:
    """Let the lease of a volume end at a moment."""
    values = {"expires_at": moment, **more}
    stage.database.write(lambda session: session.execute(update(Volume).where(Volume.id == volume_id).values(**values)))


def extend_volume(stage: Stage, volume_id: str, **more: Any) -> dict[str, Any]:
    applicant = stage.as_(APPLICANT)
    item = {"kind": "lease-extension", "volume_id": volume_id}
    order = applicant.post("/v1/orders", new_order(item, **more), 201)
    decide(stage.as_(MANAGER), order, "approve")
    return applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")


def test_a_volume_has_a_lease_that_ends_in_the_recycle_bin(stage: Stage) -> None:
    applicant, volume_id = stage.as_(APPLICANT), leased_volume(stage, "lease-volume")
    path = f"/v1/volumes/{volume_id}"
    end_volume_at(stage, volume_id, utc_now() + timedelta(days=1))
    leases.notice_due(stage.database, stage.settings)
    leases.notice_due(stage.database, stage.settings)
    told = [each for each in applicant.all_of("/v1/notices") if "volume lease-volume" in each["subject"]]
    assert ["recycle bin" in each["body"] for each in told] == [True]
    assert applicant.post(f"{path}/restore", None, 409)["code"] == "volume-not-recycled"
    end_volume_at(stage, volume_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database, stage.settings)
    assert applicant.get(path)["state"] == "recycled"
    assert applicant.post(f"{path}/restore", None, 409)["code"] == "volume-lease-over"
    order = extend_volume(stage, volume_id, until=FAR.isoformat())
    assert order["items"][0]["costs"][0]["code"] == "general"
    restored = applicant.post(f"{path}/restore", None, 200)
    assert (restored["state"], restored["expires_at"][:10], restored["purge_at"]) == ("available", "2999-12-31", None)


def test_a_recycled_volume_goes_for_good_when_its_days_are_over(stage: Stage) -> None:
    applicant, volume_id = stage.as_(APPLICANT), leased_volume(stage, "lease-gone")
    end_volume_at(stage, volume_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database, stage.settings)
    recycling.purge_due(stage.database)
    assert applicant.get(f"/v1/volumes/{volume_id}")["operation_id"] is None
    end_volume_at(stage, volume_id, utc_now(), purge_at=utc_now() - timedelta(seconds=1))
    recycling.purge_due(stage.database)
    await_that(lambda: not applicant.get("/v1/volumes", name="lease-gone")["items"], "the volume is gone")
    assert stage.in_world("volume", "name = ? AND status != 'deleted'", "lease-gone") == []


def test_a_volume_on_a_server_stays_and_is_extended_with_it(stage: Stage) -> None:
    applicant = stage.as_(APPLICANT)
    wanted = a_server("lease-both", {"tier": "general", "size_gib": 1})
    order = applicant.post("/v1/orders", new_order(wanted, until="2900-01-01"), 201)
    decide(stage.as_(MANAGER), order, "approve")
    applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")
    volume_id = order["items"][0]["allocation"]["volumes"][0]["volume_id"]
    assert applicant.get(f"/v1/volumes/{volume_id}")["expires_at"].startswith("2900-01-01")
    end_volume_at(stage, volume_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database, stage.settings)
    assert applicant.get(f"/v1/volumes/{volume_id}")["state"] == "attached"
    extend(stage, "lease-both", until=FAR.isoformat())
    assert applicant.get(f"/v1/volumes/{volume_id}")["expires_at"].startswith("2999-12-31")


def test_a_key_volume_is_kept_with_an_alarm(stage: Stage) -> None:
    volume_id = leased_volume(stage, "lease-key", project="mobile-banking")
    end_volume_at(stage, volume_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database, stage.settings)
    operator = stage.as_("zhao.yun")
    assert "lease-key" in [each["subject"] for each in operator.all_of("/v1/alarms") if each["kind"] == "lease-over"]
    assert stage.as_(APPLICANT).get(f"/v1/volumes/{volume_id}")["state"] == "available"
    extend_volume(stage, volume_id, project="mobile-banking")
    leases.end_due(stage.database, stage.settings)
    assert not [alarm for alarm in operator.all_of("/v1/alarms") if alarm["kind"] == "lease-over"]


def test_an_extension_names_one_thing(stage: Stage) -> None:
    applicant = stage.as_(APPLICANT)
    for names in ({}, {"hostname": "lease-0", "volume_id": "01a00000-0000-7000-8000-000000000000"}):
        problem = applicant.post("/v1/orders", new_order({"kind": "lease-extension", **names}), 422)
        assert problem["code"] == "invalid-field"
        assert "either a server or a volume" in problem["detail"]
