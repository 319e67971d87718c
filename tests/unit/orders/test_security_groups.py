"""Security groups that are ordered, changed and given up."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.kit.actor import PLATFORM
from jinyun.kit.errors import NotFound
from jinyun.networks import group_steps, removal
from jinyun.networks.errors import NothingChanges, SecurityGroupInUse
from jinyun.networks.models import SecurityGroup, SecurityGroupUse
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.operations.states import ACTIVE
from jinyun.orders.models import Order
from jinyun.providers.simulated import effects
from jinyun.providers.simulated.faults import FaultKind, set_fault
from jinyun.servers import recipes as server_recipes
from jinyun.servers.steps.delivery import give_everything_back
from tests.estate import Estate, a_server, found_estate
from tests.stories.stage import await_that
from tests.working import run_operations

WEB = {"direction": "ingress", "protocol": "tcp", "port_min": 443, "port_max": 443}
OUT = {"direction": "egress"}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Any:
    found = found_estate(tmp_path_factory.mktemp("estate"), work_seconds={})
    yield found
    found.database.dispose()


def members_of(code: str) -> dict[str, Any]:
    return {"direction": "ingress", "remote_group": code}


def a_group(code: str, *rules: dict[str, Any], kind: str = "security-group") -> dict[str, Any]:
    return {"kind": kind, "code": code, "rules": list(rules)}


def run(estate: Estate) -> None:
    """Work until nothing is under way any more."""
    under_way = select(OperationRow.id).where(OperationRow.state.in_(ACTIVE))

    def ended() -> bool:
        run_operations(estate.database, *group_steps.RECIPES, *server_recipes.RECIPES)
        return estate.database.read(lambda session: session.scalar(under_way)) is None

    await_that(ended, "all operations end")


def states_of(estate: Estate) -> dict[str, str]:
    """Return the state of each item of the newest order."""

    def read(session: Any) -> dict[str, str]:
        order = session.scalars(select(Order).order_by(Order.number.desc()).limit(1)).one()
        return {item.kind: item.state for item in order.items}

    return estate.database.read(read)


def group_of(estate: Estate, code: str) -> SecurityGroup | None:
    return estate.database.read(lambda session: session.scalar(select(SecurityGroup).filter_by(code=code)))


def in_region(estate: Estate, code: str) -> list[dict[str, Any]]:
    """Return the rules that the region has."""
    (row,) = estate.in_world("SELECT rules FROM security_group WHERE name = ?", f"jinyun-{code}")
    rules: list[dict[str, Any]] = json.loads(row["rules"])
    return rules


def uses_of(estate: Estate, code: str) -> list[str]:
    uses = select(SecurityGroupUse.holder_kind).join(SecurityGroup).where(SecurityGroup.code == code)
    return estate.database.read(lambda session: list(session.scalars(uses)))


def delete(estate: Estate, code: str) -> str:
    """Have a group deleted; return the operation."""
    group = group_of(estate, code)
    assert group is not None
    return estate.database.write(lambda session: removal.delete_group(session, PLATFORM, group.id).id)


def forget_server(estate: Estate, server_id: str) -> None:
    estate.database.write(lambda session: give_everything_back(session, server_id, "deleted"))


def in_group(hostname: str, code: str) -> dict[str, Any]:
    return a_server(hostname) | {"security_group": code}


def test_a_server_comes_into_a_group_of_the_same_order(estate: Estate) -> None:
    estate.order(in_group("with-app", "app"), a_group("app", WEB, members_of("app"), OUT))
    assert states_of(estate) == {"server": "waiting", "security-group": "delivering"}
    run(estate)
    assert states_of(estate) == {"server": "delivered", "security-group": "delivered"}
    assert [rule["port_min"] for rule in in_region(estate, "app")] == [443, None, None]
    (group,) = estate.in_world("SELECT id FROM security_group WHERE name = 'jinyun-app'")
    assert in_region(estate, "app")[1]["remote_group_id"] == group["id"]
    (port,) = estate.in_world("SELECT security_group_ids FROM port WHERE name = 'with-app'")
    assert json.loads(port["security_group_ids"]) == [group["id"]]


def test_a_change_is_a_difference_that_reaches_the_region(estate: Estate) -> None:
    estate.order(a_group("changed", WEB, OUT))
    run(estate)
    other = WEB | {"port_min": 8443, "port_max": 8443, "remote_cidr": "10.0.0.0/8"}
    held = estate.order(a_group("changed", other, OUT, kind="security-group-change"))[0].allocation
    assert [rule["port_min"] for rule in (*held["added"], *held["removed"])] == [8443, 443]
    run(estate)
    assert states_of(estate) == {"security-group-change": "delivered"}
    assert {rule["port_min"] for rule in in_region(estate, "changed")} == {8443, None}
    with pytest.raises(NothingChanges):
        estate.order(a_group("changed", other, OUT, kind="security-group-change"))


def test_what_the_region_refuses_is_taken_back(estate: Estate) -> None:
    estate.order(a_group("kept", OUT), a_group("vanishing", OUT))
    run(estate)
    with effects.changing(estate.world) as transaction:
        transaction.run("DELETE FROM security_group WHERE name = 'jinyun-vanishing'")
    estate.order(a_group("kept", OUT, members_of("vanishing"), kind="security-group-change"))
    run(estate)
    assert states_of(estate) == {"security-group-change": "failed"}
    group = group_of(estate, "kept")
    assert group is not None
    assert len(group.rules) == len(in_region(estate, "kept")) == 1
    assert uses_of(estate, "vanishing") == []


def test_a_group_that_was_not_made_is_gone_and_so_is_what_waited_for_it(estate: Estate) -> None:
    made = estate.order(a_group("never", OUT), in_group("never-1", "never"))[0]
    estate.database.write(lambda session: operations.cancel(session, PLATFORM, made.operation_id))
    run(estate)
    assert states_of(estate) == {"server": "failed", "security-group": "failed"}
    assert group_of(estate, "never") is None
    assert not estate.in_world("SELECT 1 FROM security_group WHERE name = 'jinyun-never'")


def test_a_group_of_an_order_is_nobody_elses_before_it_is_delivered(estate: Estate) -> None:
    estate.order(a_group("early", OUT))
    with pytest.raises(NotFound):
        estate.order(in_group("early-1", "early"))


def test_only_what_nothing_uses_is_deleted(estate: Estate) -> None:
    server = estate.order(a_group("used", OUT), in_group("used-1", "used"))[1]
    run(estate)
    estate.order(a_group("friends", members_of("used")))
    run(estate)
    assert sorted(uses_of(estate, "used")) == ["security_group", "server"]
    forget_server(estate, server.server_id)
    with effects.changing(estate.world) as transaction:
        transaction.run("DELETE FROM port WHERE name = 'used-1'")
    with pytest.raises(SecurityGroupInUse):  # the rules of the other one name it
        delete(estate, "used")
    for code in ("friends", "used"):
        delete(estate, code)
        run(estate)
        assert group_of(estate, code) is None
        assert not estate.in_world("SELECT 1 FROM security_group WHERE name = ?", f"jinyun-{code}")


def test_a_region_that_does_not_let_go_keeps_the_group_usable(estate: Estate) -> None:
    server = estate.order(a_group("stuck", OUT), in_group("stuck-1", "stuck"))[1]
    run(estate)
    forget_server(estate, server.server_id)
    removing = delete(estate, "stuck")
    run(estate)
    assert estate.database.read(lambda session: session.get_one(OperationRow, removing).state) == "failed"
    again = group_of(estate, "stuck")
    assert again is not None
    assert again.state == "ready"


def test_a_lost_answer_makes_no_second_group(estate: Estate) -> None:
    set_fault(estate.world, "security-group.ensure", FaultKind.TIMEOUT_AFTER, times=1)
    estate.order(a_group("once", OUT, members_of("once")))
    run(estate)
    assert len(estate.in_world("SELECT 1 FROM security_group WHERE name = 'jinyun-once'")) == 1
