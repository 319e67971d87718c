"""Why a line is refused, and what becomes of an adoption that somebody stops."""

from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.adoption import service, states, steps
from jinyun.adoption.models import AdoptionClaim, AdoptionLine
from jinyun.adoption.sheet import Wish
from jinyun.app import wire_events
from jinyun.inventory.observing import Source, note_batch
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.providers.estate import Key, Observed, ObservedKind
from jinyun.regions.models import Region
from tests.api import APPLICANT, MANAGER
from tests.unit.adoption.test_a_thousand_lines import PROJECT, Estate
from tests.working import run_operations


@pytest.fixture
def estate(database: Database) -> Estate:
    wire_events()
    return Estate(database, 30)


def observe(estate: Estate, region: Region, *things: Observed) -> None:
    """Have a region show something more."""

    def work(session: Session) -> None:
        session.add(region)
        session.flush()
        note_batch(session, Source(region.id, region.code), things, region.created_at)

    estate.database.write(work)


def asked(estate: Estate, *wishes: Wish) -> list[AdoptionLine]:
    """Ask for some machines, and return the lines."""
    batch = estate.database.write(lambda session: service.submit(session, estate.operator, wishes).id)
    of_batch = select(AdoptionLine).filter_by(batch_id=batch).order_by(AdoptionLine.number)
    return estate.database.read(lambda session: list(session.scalars(of_batch)))


def code_of(line: AdoptionLine) -> str | None:
    return (line.problem or {}).get("code")


def test_what_nova_made_in_a_vcenter_is_nova_s(estate: Estate) -> None:
    server = Observed(Key(ObservedKind.SERVER, "uuid-20"), "in Nova", {}, uuid="uuid-20")
    observe(estate, Region(code="nova", name="nova", provider="openstack", public={}), server)
    (line,) = asked(estate, Wish(1, estate.ids[20], PROJECT))
    assert code_of(line) == "machine-managed-elsewhere"


def test_a_name_that_two_have_is_not_guessed(estate: Estate) -> None:
    twin = Observed(Key(ObservedKind.SERVER, "vm-1"), "核心-0021", {}, uuid="another")
    observe(estate, Region(code="vc-2", name="vc-2", provider="vsphere", public={}), twin)
    both, one, none = asked(
        estate,
        Wish(1, "核心-0021", PROJECT),
        Wish(2, "核心-0021", PROJECT, region="vc"),
        Wish(3, "核心-0021", PROJECT, region="nowhere"),
    )
    assert (code_of(both), one.state, code_of(none)) == (
        "machine-name-ambiguous",
        states.WAITING,
        "machine-not-observed",
    )


def test_only_operators_ask(estate: Estate) -> None:
    for login in (APPLICANT, MANAGER):
        actor = estate.bank.actor(login)
        with pytest.raises(Forbidden):
            estate.database.write(partial(service.submit, actor=actor, wishes=[Wish(1, "x", PROJECT)]))


def test_an_adoption_that_is_cancelled_refuses_the_rest_and_frees_it(estate: Estate) -> None:
    asked(estate, *(Wish(number, estate.ids[number], PROJECT) for number in (22, 23)))
    estate.approve()

    def cancel(session: Session) -> None:
        operation = session.scalars(select(OperationRow).filter_by(kind="adopt-machines")).one()
        operations.cancel(session, estate.operator, operation.id)

    estate.database.write(cancel)
    run_operations(estate.database, steps.AdoptMachines)
    of_all = select(AdoptionLine.state, AdoptionLine.problem)
    lines = estate.database.read(lambda session: session.execute(of_all).all())
    assert {state for state, _problem in lines} <= {states.REFUSED, states.WAITING}
    claims = estate.database.read(lambda session: list(session.scalars(select(AdoptionClaim))))
    assert len(claims) == sum(state == states.WAITING for state, _problem in lines)
    assert not claims, "they can be asked for again"
