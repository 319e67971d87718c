"""Who may have an orphan removed, and when; and that right before, it is looked at once more."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.audit.models import AuditRecord
from jinyun.inventory import service as inventory
from jinyun.inventory import states, steps
from jinyun.inventory.looking import note_look
from jinyun.inventory.models import Orphan
from jinyun.inventory.service import OrphanNotConfirmed
from jinyun.kit.actor import Actor
from jinyun.kit.errors import Forbidden, NotFound
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.operations.claims import LeaseKeeper, claim
from jinyun.operations.definition import Recipes
from jinyun.operations.models import OperationRow
from jinyun.operations.runner import Runner
from jinyun.operations.service import SubjectBusy
from jinyun.providers.base import MarkedKind
from jinyun.regions.models import Region
from jinyun.volumes import states as volume_states
from tests.api import APPLICANT, OPERATOR
from tests.unit.inventory.conftest import CONFIRM_AFTER, Ground, thing


@pytest.fixture
def operator(ground: Ground) -> Actor:
    return ground.bank.actor(OPERATOR)


def confirmed(ground: Ground, kind: MarkedKind = MarkedKind.VOLUME) -> str:
    ground.look(thing("a", kind))
    ground.look(thing("a", kind), minutes=6)
    (orphan,) = ground.orphans()
    assert orphan.state == states.CONFIRMED
    return orphan.id


def cleaning(actor: Actor, orphan_id: str) -> Callable[[Any], str]:
    return lambda session: inventory.clean(session, actor, orphan_id).id


def run(ground: Ground, monkeypatch: pytest.MonkeyPatch, remove: Callable[..., bool]) -> None:
    """Run what is due; the region, opened by nobody here, is asked to `remove`."""

    class Opened:
        def project(self, project_id: str) -> str:
            return project_id

    monkeypatch.setattr(steps, "open_region", lambda step, region_id: Opened())
    monkeypatch.setitem(steps.REMOVALS, MarkedKind.VOLUME, remove)
    recipes, settings, worker_id = Recipes(), Settings(), new_id()
    recipes.add(*steps.RECIPES)
    keeper = LeaseKeeper(ground.database, worker_id, settings)
    held = claim(ground.database, worker_id, recipes.handlers, 50, settings)
    keeper.hold(held)
    for each in held:
        Runner(ground.database, recipes, settings, keeper).run(each)


def operation(ground: Ground, operation_id: str) -> OperationRow:
    return ground.database.read(lambda session: session.get_one(OperationRow, operation_id))


def test_a_removal_is_asked_for_once_and_audited(ground: Ground, operator: Actor) -> None:
    orphan_id = confirmed(ground)
    ground.do(cleaning(operator, orphan_id))
    with pytest.raises(OrphanNotConfirmed) as caught:
        ground.do(cleaning(operator, orphan_id))
    assert "cleaning" in str(caught.value)
    noted = select(AuditRecord).where(AuditRecord.action == "orphan.clean")
    (record,) = ground.database.read(lambda session: list(session.scalars(noted)))
    assert (record.actor_login, (record.after or {})["mark"]) == (OPERATOR, "jy-a")


def test_what_was_seen_once_or_is_unknown_cannot_be_removed(ground: Ground, operator: Actor) -> None:
    ground.look(thing("a"))
    (seen,) = ground.orphans()
    with pytest.raises(OrphanNotConfirmed):
        ground.do(cleaning(operator, seen.id))
    with pytest.raises(NotFound):
        ground.do(cleaning(operator, new_id()))
    with pytest.raises(Forbidden):
        ground.do(cleaning(ground.bank.actor(APPLICANT), seen.id))


def test_a_volume_at_fault_must_be_free_and_stays_reserved_meanwhile(ground: Ground, operator: Actor) -> None:
    subject = ("volume", ground.volume("a", volume_states.AVAILABLE))
    orphan_id = confirmed(ground, MarkedKind.ATTACHMENT)
    operation_id, _ = ground.operation("running", subject)
    with pytest.raises(SubjectBusy):
        ground.do(cleaning(operator, orphan_id))
    assert ground.states() == {"a": states.CONFIRMED}
    assert operation(ground, operation_id).state == "running"


def test_what_belongs_to_somebody_by_now_is_left_alone(
    ground: Ground, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation_id = ground.do(cleaning(operator, confirmed(ground)))
    ground.volume("a", volume_states.AVAILABLE)
    run(ground, monkeypatch, lambda scope, external_id: pytest.fail("it was touched"))
    ended = operation(ground, operation_id)
    assert (ended.state, (ended.problem or {})["code"]) == ("failed", "has-owner")
    assert ground.states() == {"a": states.CONFIRMED}
    ground.look(thing("a"), minutes=1)
    assert ground.states() == {"a": states.GONE}


def test_it_is_gone_when_the_region_says_so_and_a_look_meanwhile_changes_nothing(
    ground: Ground, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation_id = ground.do(cleaning(operator, confirmed(ground)))
    answers = iter([False, True])
    run(ground, monkeypatch, lambda scope, external_id: next(answers))
    assert operation(ground, operation_id).state == "running"
    ground.look(minutes=1)
    assert ground.states() == {"a": states.CLEANING}
    assert ground.alarms()

    def wake(session: Any) -> None:
        row = session.get_one(OperationRow, operation_id)
        row.wake_at = row.created_at

    ground.do(wake)
    run(ground, monkeypatch, lambda scope, external_id: next(answers))
    assert operation(ground, operation_id).state == "succeeded"
    assert ground.states() == {"a": states.GONE}
    assert ground.alarms() == []


def test_ready_regions_are_looked_at_by_themselves_one_look_at_a_time(ground: Ground) -> None:
    assert inventory.find_due(ground.database) == 1
    assert inventory.find_due(ground.database) == 0

    def lose(session: Any) -> None:
        session.get_one(Region, ground.region_id).state = "unreachable"
        session.query(OperationRow).update({"state": "succeeded"})

    ground.do(lose)
    assert inventory.find_due(ground.database) == 0


def test_a_region_keeps_its_orphans_apart_from_those_of_others(ground: Ground) -> None:
    def other(session: Any) -> str:
        region = Region(code="other", name="O", provider="simulated", public={}, simulated=True)
        session.add(region)
        session.flush()
        note_look(session, region.id, [thing("a")], CONFIRM_AFTER, ground.now)
        return region.id

    ground.look(thing("a"))
    other_id = ground.do(other)
    assert ground.database.read(lambda session: session.query(Orphan).filter_by(region_id=other_id).count()) == 0
    assert ground.states() == {"a": states.SEEN}
