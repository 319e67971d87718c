from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.websockets import WebSocketDisconnect

from jinyun.capacity.models import Hold
from jinyun.catalog.models import Flavor, Image, ImageVersion
from jinyun.consoles import service as consoles
from jinyun.consoles.models import ConsoleTicket
from jinyun.consoles.routes import REFUSED, UNREACHABLE, router
from jinyun.consoles.service import LIFETIME, MEMORY, TicketRefused
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden, NotFound
from jinyun.kit.ids import new_id
from jinyun.networks.models import Network
from jinyun.operations.models import OperationRow
from jinyun.regions.models import Pool, Region
from jinyun.servers import states
from jinyun.servers.errors import WrongServerState
from jinyun.servers.models import Server
from tests.api import APPLICANT, AUDITOR, FOREIGN_APPLICANT, Api, SampleBank
from tests.together import at_once

CLOSED_PORT = {"url": "ws://127.0.0.1:9/", "origin": "", "subprotocols": ""}


@pytest.fixture
def bank(database: Database) -> SampleBank:
    return SampleBank(database)


@pytest.fixture
def server_id(bank: SampleBank) -> str:
    """A running server of the applicant's application system."""
    project_id = bank.project_id("mobile-banking")

    def work(session: Session) -> str:
        region = Region(code="r1", name="r1", provider="simulated", public={}, state="ready")
        flavor = Flavor(code="small", name="small", vcpus=1, memory_mib=256, disk_gib=2)
        image = Image(code="linux", name="linux")
        session.add_all([region, flavor, image])
        session.flush()
        pool = Pool(region_id=region.id, external_id="p1", name="p1", hypervisor="kvm")
        version = ImageVersion(
            image_id=image.id, version="1", minimum_disk_gib=1, minimum_memory_mib=64, login_user="root"
        )
        network = Network(region_id=region.id, code="n1", name="n1", kind="provider")
        hold = Hold(
            holder_kind="server", holder_id="s1", project_id=project_id, region_id=region.id, lines={}, explanation={}
        )
        session.add_all([pool, version, network, hold])
        session.flush()
        server = Server(
            project_id=project_id,
            region_id=region.id,
            pool_id=pool.id,
            flavor_id=flavor.id,
            image_version_id=version.id,
            network_id=network.id,
            address_id=new_id(),
            address="10.20.1.10",
            hostname="web-1",
            state=states.ACTIVE,
            hold_id=hold.id,
        )
        session.add(server)
        session.flush()
        return server.id

    return bank.database.write(work)


@pytest.fixture
def browser(bank: SampleBank, tmp_path: Path) -> TestClient:
    return Api(bank, [router], tmp_path).as_(APPLICANT)


def issue(bank: SampleBank, server_id: str, login: str = APPLICANT) -> str:
    actor = bank.actor(login)
    return bank.database.write(lambda session: consoles.issue(session, actor, server_id)[0])


def take(bank: SampleBank, ticket: str) -> str:
    return bank.database.write(lambda session: consoles.take(session, ticket))


def alter(bank: SampleBank, change: Callable[[ConsoleTicket], None]) -> None:
    """Change the one ticket there is."""
    bank.database.write(lambda session: change(session.scalars(select(ConsoleTicket)).one()))


def close_code(browser: TestClient, ticket: str) -> int:
    with browser.websocket_connect(f"/v1/consoles/{ticket}") as connection, pytest.raises(WebSocketDisconnect) as end:
        connection.receive_bytes()
    return end.value.code


def test_a_ticket_is_good_once(bank: SampleBank, server_id: str) -> None:
    ticket = issue(bank, server_id)
    take(bank, ticket)
    with pytest.raises(TicketRefused):
        take(bank, ticket)


def test_of_many_at_once_one_gets_in(bank: SampleBank, server_id: str) -> None:
    ticket = issue(bank, server_id)

    def attempt(_number: int) -> bool:
        try:
            take(bank, ticket)
        except TicketRefused:
            return False
        return True

    assert sorted(at_once(8, attempt), key=bool) == [False] * 7 + [True]


def test_a_ticket_ends_after_half_a_minute(bank: SampleBank, server_id: str) -> None:
    ticket = issue(bank, server_id)

    def age(row: ConsoleTicket) -> None:
        assert row.expires_at - utc_now() <= LIFETIME == timedelta(seconds=30)
        row.expires_at -= LIFETIME

    alter(bank, age)
    with pytest.raises(TicketRefused):
        take(bank, ticket)


def test_an_unknown_ticket_is_refused_with_a_code_that_a_browser_sees(browser: TestClient) -> None:
    assert close_code(browser, "no-ticket") == REFUSED == 4403


def test_a_used_ticket_is_refused_with_a_code_that_a_browser_sees(
    bank: SampleBank, server_id: str, browser: TestClient
) -> None:
    ticket = issue(bank, server_id)
    take(bank, ticket)
    assert close_code(browser, ticket) == REFUSED


def test_a_screen_that_the_region_would_not_open_is_refused(
    bank: SampleBank, server_id: str, browser: TestClient
) -> None:
    ticket = issue(bank, server_id)

    def fail(session: Session) -> None:
        session.scalars(select(OperationRow)).one().state = "failed"

    bank.database.write(fail)
    assert close_code(browser, ticket) == REFUSED


def test_a_screen_that_cannot_be_reached_is_told_from_a_refusal(
    bank: SampleBank, server_id: str, browser: TestClient
) -> None:
    ticket = issue(bank, server_id)
    alter(bank, lambda row: setattr(row, "endpoint", CLOSED_PORT))
    assert close_code(browser, ticket) == UNREACHABLE == 4502


def test_only_who_may_see_the_screen_gets_a_ticket(bank: SampleBank, server_id: str) -> None:
    for login in (FOREIGN_APPLICANT, AUDITOR):
        with pytest.raises((NotFound, Forbidden)):
            issue(bank, server_id, login)
    with pytest.raises(NotFound):
        issue(bank, new_id())


def test_a_server_that_is_off_has_no_screen(bank: SampleBank, server_id: str) -> None:
    def stop(session: Session) -> None:
        session.get_one(Server, server_id).state = states.STOPPED

    bank.database.write(stop)
    with pytest.raises(WrongServerState):
        issue(bank, server_id)


def test_old_tickets_are_forgotten(bank: SampleBank, server_id: str) -> None:
    issue(bank, server_id)

    def count(session: Session) -> int | None:
        return session.scalar(select(func.count(ConsoleTicket.id)))

    bank.database.write(lambda session: consoles.forget_old_tickets(session, utc_now()))
    assert bank.database.read(count) == 1
    bank.database.write(lambda session: consoles.forget_old_tickets(session, utc_now() + MEMORY + LIFETIME))
    assert bank.database.read(count) == 0
