"""What refers to another item comes after it, or not at all."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.capacity import service as capacity
from jinyun.capacity.models import Hold
from jinyun.capacity.states import HELD
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.operations import service as operations
from jinyun.orders import references
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import ItemView, NewOrder
from jinyun.regions.models import Region
from jinyun.servers import recipes as server_recipes
from jinyun.servers import service as servers
from jinyun.servers.errors import VolumeElsewhere
from jinyun.volumes import recipes as volume_recipes
from jinyun.volumes.models import Volume
from tests.estate import Estate, a_server, a_volume, found_estate
from tests.stories.stage import await_that
from tests.working import run_operations

FOR_SERVER = a_volume("data") | {"attach_to": "refer-1"}


@pytest.fixture
def estate(tmp_path: Path) -> Any:
    found = found_estate(tmp_path)
    yield found
    found.database.dispose()


def states_of(estate: Estate) -> dict[str, str]:
    def read(session: Any) -> dict[str, str]:
        order = session.scalars(select(Order)).one()
        return {"order": order.state} | {item.kind: item.state for item in order.items}

    return estate.database.read(read)


def run(estate: Estate) -> None:
    """Work until the order has come to its end."""

    def ended() -> bool:
        run_operations(estate.database, *server_recipes.RECIPES, *volume_recipes.RECIPES)
        return states_of(estate)["order"] != "delivering"

    await_that(ended, "the order ends", lambda: str(states_of(estate)))


def test_a_volume_waits_for_its_server_and_comes_onto_it(estate: Estate) -> None:
    estate.order(FOR_SERVER, a_server("refer-1"))
    assert states_of(estate) == {"order": "delivering", "server": "delivering", "volume": "waiting"}
    run(estate)
    assert states_of(estate) == {"order": "delivered", "server": "delivered", "volume": "delivered"}
    volume = estate.database.read(lambda session: session.scalars(select(Volume)).one())
    assert (volume.state, volume.server_hostname) == ("attached", "refer-1")


def test_what_waits_keeps_what_it_needs(estate: Estate) -> None:
    estate.order(FOR_SERVER, a_server("refer-1"))
    later = utc_now() + timedelta(days=365)
    assert estate.database.write(lambda session: capacity.release_expired(session, later)) == 0


def test_without_its_server_a_volume_is_not_made_and_holds_nothing(estate: Estate) -> None:
    server = estate.order(FOR_SERVER, a_server("refer-1"))[1]
    estate.database.write(lambda session: operations.cancel(session, PLATFORM, server.operation_id))
    run(estate)
    assert states_of(estate) == {"order": "failed", "server": "failed", "volume": "failed"}
    item = estate.database.read(lambda session: session.scalars(select(OrderItem).filter_by(kind="volume")).one())
    assert item.problem is not None
    shown = ItemView.of(item, "zh").problem
    assert shown is not None
    assert (shown.code, shown.text) == ("reference-not-delivered", "其引用的订单项未能交付。")
    assert not estate.database.read(lambda session: list(session.scalars(select(Hold).filter_by(state=HELD))))


def test_a_volume_of_another_region_cannot_come_onto_the_server(estate: Estate) -> None:
    estate.database.write(
        lambda session: session.add(Region(code="far", name="Far", provider="simulated", public={}, state="ready"))
    )
    with pytest.raises(VolumeElsewhere) as refused:
        estate.order(FOR_SERVER | {"region": "far"}, a_server("refer-1"))
    assert refused.value.field == "items.0.attach_to"


def test_a_volume_can_only_refer_to_a_server_of_its_order() -> None:
    with pytest.raises(ValueError, match="that the order has not"):
        NewOrder.model_validate({"project": "p", "purpose": "x", "items": [FOR_SERVER, a_server("refer-2")]})


def test_what_is_approved_while_somebody_is_at_its_server_waits_for_him(estate: Estate) -> None:
    server_id = estate.order(a_server("refer-3"))[0].server_id
    run(estate)
    reboot = estate.database.write(lambda session: servers.reboot(session, PLATFORM, server_id, hard=True).id)
    estate.order({"kind": "release", "hostname": "refer-3"})

    def state() -> str:
        return estate.database.read(
            lambda session: session.scalars(select(OrderItem.state).where(OrderItem.kind == "release")).one()
        )

    assert state() == "waiting"
    references.go_on_due(estate.database)
    assert state() == "waiting"
    estate.database.write(lambda session: operations.cancel(session, PLATFORM, reboot))

    def released() -> bool:
        run_operations(estate.database, *server_recipes.RECIPES)
        references.go_on_due(estate.database)
        return state() == "delivered"

    await_that(released, "the server is released", state)
