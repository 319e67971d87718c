"""Things that operations have: one for itself, or several together."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.kit.actor import PLATFORM
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations import subjects
from jinyun.operations.definition import Operation
from jinyun.operations.models import OperationSharer, OperationSubject
from jinyun.operations.service import SubjectBusy
from tests.together import at_once
from tests.unit.operations.conftest import Stage

THING, OTHER = ("server", "0192-a"), ("server", "0192-b")


def start(stage: Stage, *alone: subjects.Subject, shared: tuple[subjects.Subject, ...] = ()) -> str:
    """Start an operation that has these things; return its id."""
    recipe = type("Recipe", (Operation,), {"kind": "test", "title": Text("T", "测"), "steps": (stage.step("one"),)})
    stage.recipes.add(recipe)

    def work(session: Session) -> str:
        return operations.start(session, PLATFORM, recipe, parameters={}, subjects=alone, shared=shared).id

    return stage.database.write(work)


def release(stage: Stage, operation_id: str) -> None:
    stage.database.write(lambda session: subjects.release(session, operation_id))


def holder(stage: Stage, subject: subjects.Subject) -> str | None:
    held = stage.database.read(lambda session: operations.busy(session, subject[0], [subject[1]]))
    return held.get(subject[1])


def rows(stage: Stage) -> tuple[int, int]:
    def work(session: Session) -> tuple[int, int]:
        counts = [session.scalar(select(func.count()).select_from(t)) or 0 for t in (OperationSubject, OperationSharer)]
        return counts[0], counts[1]

    return stage.database.read(work)


def test_several_share_a_thing_and_nobody_else_has_it_until_the_last_has_left(stage: Stage) -> None:
    first, second = start(stage, shared=(THING,)), start(stage, shared=(THING,))
    with pytest.raises(SubjectBusy) as refused:
        start(stage, THING)
    assert refused.value.values["operation_id"] == first
    release(stage, first)
    assert holder(stage, THING) == second
    with pytest.raises(SubjectBusy):
        start(stage, THING)
    release(stage, second)
    assert rows(stage) == (0, 0)
    assert holder(stage, THING) is None
    start(stage, THING)


def test_whoever_has_a_thing_for_himself_shares_it_with_nobody(stage: Stage) -> None:
    alone = start(stage, THING)
    with pytest.raises(SubjectBusy) as refused:
        start(stage, OTHER, shared=(THING,))
    assert refused.value.values["operation_id"] == alone
    assert holder(stage, OTHER) is None, "nothing of the refused one is left"
    release(stage, alone)
    start(stage, shared=(THING,))


def test_one_that_leaves_out_of_turn_takes_nothing_from_the_others(stage: Stage) -> None:
    first, second, third = (start(stage, shared=(THING,)) for _ in range(3))
    release(stage, second)
    assert holder(stage, THING) in {first, third}
    release(stage, first)
    assert holder(stage, THING) == third
    release(stage, third)
    assert rows(stage) == (0, 0)


def test_what_is_wanted_both_ways_is_had_alone(stage: Stage) -> None:
    start(stage, THING, shared=(THING,))
    with pytest.raises(SubjectBusy):
        start(stage, shared=(THING,))
    assert rows(stage) == (1, 0)


def test_an_operation_that_ends_leaves_what_it_shared(stage: Stage) -> None:
    for _ in range(2):
        start(stage, shared=(THING, OTHER))
    assert rows(stage) == (2, 4)
    assert stage.work() == 2
    assert rows(stage) == (0, 0)


def test_many_share_at_once(stage: Stage) -> None:
    started = at_once(8, lambda _: start(stage, shared=(THING,)))
    assert rows(stage) == (1, 8)
    at_once(8, lambda number: release(stage, started[number]))
    assert rows(stage) == (0, 0)


def test_sharers_and_loners_never_meet(stage: Stage) -> None:
    """Everybody comes and goes many times; whoever is let in alone finds nobody else in."""
    inside: set[tuple[str, str]] = set()
    met, lock = [], threading.Lock()

    def come_and_go(number: int) -> int:
        kind, came = ("alone" if number % 3 == 0 else "shared"), 0
        for _ in range(6):
            try:
                mine = start(stage, THING) if kind == "alone" else start(stage, shared=(THING,))
            except SubjectBusy:
                continue
            came += 1
            with lock:
                if (kind == "alone" and inside) or any(other == "alone" for other, _ in inside):
                    met.append(set(inside))
                inside.add((kind, mine))
            with lock:
                inside.discard((kind, mine))
            release(stage, mine)
        return came

    came = at_once(6, come_and_go)
    assert not met
    assert sum(count for count in came if isinstance(count, int)) > 0
    assert rows(stage) == (0, 0)
