"""A lease: notice, the end, an extension that is approved, and what is key and never goes silently."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from jinyun.kit.clock import utc_now
from jinyun.servers import leases
from jinyun.servers.models import Server
from tests.api import APPLICANT, FOREIGN_APPLICANT, MANAGER
from tests.stories.stage import Caller, Stage, a_server, decide, new_order

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
    leases.end_due(stage.database)
    recycled(applicant, server_id)
    leases.end_due(stage.database)
    assert applicant.post(f"/v1/servers/{server_id}/restore", {}, 409)["code"] == "lease-over"
    extend(stage, "lease-2", until=FAR.isoformat())
    applicant.done(applicant.post(f"/v1/servers/{server_id}/restore", {}, 202))
    assert applicant.get(f"/v1/servers/{server_id}")["expires_at"].startswith("2999-12-31")
    leases.end_due(stage.database)


def test_a_server_that_somebody_is_at_goes_when_he_is_done(stage: Stage) -> None:
    server_id = leased(stage, "lease-3")
    applicant = stage.as_(APPLICANT)
    reboot = applicant.post(f"/v1/servers/{server_id}/reboot", {"hard": True}, 202)
    end_at(stage, server_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database)
    applicant.done(reboot)
    leases.end_due(stage.database)
    recycled(applicant, server_id)


def test_what_is_key_runs_on_with_an_alarm_until_it_is_extended(stage: Stage) -> None:
    server_id = leased(stage, "lease-4", project="mobile-banking")
    end_at(stage, server_id, utc_now() - timedelta(seconds=1))
    leases.end_due(stage.database)
    leases.end_due(stage.database)
    operator = stage.as_("zhao.yun")
    standing = [alarm for alarm in operator.all_of("/v1/alarms") if alarm["kind"] == "lease-over"]
    assert [alarm["subject"] for alarm in standing] == ["lease-4"]
    assert stage.as_(APPLICANT).get(f"/v1/servers/{server_id}")["state"] == "active"
    extend(stage, "lease-4", project="mobile-banking")
    leases.end_due(stage.database)
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
