"""What is an orphan, from when on, and until when."""

from datetime import timedelta

import pytest

from jinyun.inventory import states
from jinyun.inventory.looking import KEPT
from jinyun.operations.states import ACTIVE, ENDED
from jinyun.providers.base import MarkedKind
from jinyun.volumes import states as volume_states
from tests.unit.inventory.conftest import Ground, thing

FAULTS = [MarkedKind.ATTACHMENT, MarkedKind.RESERVATION]


def test_only_a_second_look_some_minutes_later_confirms(ground: Ground) -> None:
    assert ground.look(thing("a")) == 1
    assert ground.states() == {"a": states.SEEN}
    ground.look(thing("a"), minutes=4.9)
    assert ground.states() == {"a": states.SEEN}
    ground.look(thing("a", evidence="volume error"), minutes=0.2)
    assert ground.states() == {"a": states.CONFIRMED}
    (orphan,) = ground.orphans()
    assert orphan.evidence == "volume error"
    assert orphan.last_seen_at - orphan.first_seen_at == timedelta(minutes=5.1)


def test_what_is_not_seen_again_is_gone_and_begins_anew_when_it_comes_back(ground: Ground) -> None:
    ground.look(thing("a"))
    ground.look(thing("a"), minutes=6)
    ground.look(minutes=1)
    assert ground.states() == {"a": states.GONE}
    ground.look(thing("a"), minutes=1)
    assert ground.states() == {"a": states.SEEN}
    ground.look(thing("a"), minutes=4)
    assert ground.states() == {"a": states.SEEN}
    ground.look(thing("a"), minutes=1)
    assert ground.states() == {"a": states.CONFIRMED}


def test_what_is_gone_is_forgotten_one_day(ground: Ground) -> None:
    ground.look(thing("a"))
    ground.look(minutes=1)
    ground.look(minutes=KEPT.total_seconds() / 60 + 1)
    assert ground.orphans() == []


def test_an_alarm_stands_while_there_are_confirmed_ones(ground: Ground) -> None:
    ground.look(thing("a"), thing("b"))
    assert ground.alarms() == []
    ground.look(thing("a"), thing("b"), minutes=6)
    assert ground.alarms() == ["Things in sim that belong to nobody: 2; see `jinyun orphan list`"]
    ground.look(thing("a"), minutes=1)
    assert ground.alarms() == ["Things in sim that belong to nobody: 1; see `jinyun orphan list`"]
    ground.look(minutes=1)
    assert ground.alarms() == []


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_what_an_operation_that_has_not_ended_made_is_no_orphan(ground: Ground, state: str) -> None:
    operation_id, token = ground.operation(state)
    assert ground.look(thing("a", token=token)) == 0
    ground.end(operation_id)
    assert ground.look(thing("a", token=token)) == 1
    assert [orphan.operation_id for orphan in ground.orphans()] == [operation_id]


@pytest.mark.parametrize("state", sorted(ENDED))
def test_what_an_ended_operation_left_is_one(ground: Ground, state: str) -> None:
    _, token = ground.operation(state)
    assert ground.look(thing("a", token=token)) == 1


def test_a_volume_of_ours_is_no_orphan_until_we_deleted_it(ground: Ground) -> None:
    for state in volume_states.LIVE:
        ground.volume(f"live-{state}", state)
    ground.volume("dead", volume_states.DELETED)
    ground.look(*(thing(f"live-{state}") for state in volume_states.LIVE), thing("dead"))
    assert ground.states() == {"dead": states.SEEN}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_counts_unless_we_have_the_volume_on_a_server_or_are_at_it(ground: Ground, kind: MarkedKind) -> None:
    ground.volume("attached", volume_states.ATTACHED)
    ground.volume("free", volume_states.AVAILABLE)
    ground.operation("running", ("volume", ground.volume("busy", volume_states.AVAILABLE)))
    found = [thing(each, kind) for each in ("attached", "free", "busy", "unknown")]
    assert ground.look(*found) == 2
    assert ground.states() == {"free": states.SEEN, "unknown": states.SEEN}


def test_a_volume_and_what_is_wrong_with_it_are_two_orphans(ground: Ground) -> None:
    assert ground.look(thing("a"), thing("a", MarkedKind.ATTACHMENT)) == 2
    assert sorted(orphan.kind for orphan in ground.orphans()) == ["attachment", "volume"]


def test_what_lies_in_a_project_of_others_is_not_judged(ground: Ground) -> None:
    assert ground.look(thing("a", project_id="somebody-else")) == 0


def test_very_many_things_and_very_long_words_are_fine(ground: Ground) -> None:
    assert ground.look(*(thing(f"v-{number}", evidence="x" * 5000) for number in range(1100))) == 1100
    assert {len(orphan.evidence) for orphan in ground.orphans()} == {1000}
