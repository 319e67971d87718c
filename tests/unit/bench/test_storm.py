from types import SimpleNamespace
from typing import Any

import pytest

from bench.attach_storm import ATTACH, DETACH, Half
from bench.storm.census import Findings, Record, count
from bench.storm.plan import Course, plan
from bench.storm.together import all_well, complaints, together


def test_the_plan_wants_forty_volumes_and_begins_with_one_of_each_server() -> None:
    pairs = plan("s").pairs
    assert len({pair.volume for pair in pairs}) == len(pairs) == 40
    assert len({pair.server for pair in pairs[:28]}) == 28
    assert {pair.server for pair in pairs[28:]} == {f"s-real-{number}" for number in range(1, 5)}


def record(status: str, **more: Any) -> Record:
    """A volume that is on `server` by every record, but for what is said otherwise."""
    usual: dict[str, Any] = {
        "attachments": [{"id": "a1", "status": "attached"}],
        "known": {"server": "a1"},
        "mappings": 1,
        "seen": True,
    }
    return Record(volume=SimpleNamespace(name="disk", status=status), **usual | more)


FREE: dict[str, Any] = {"attachments": [], "known": {}, "mappings": 0, "seen": False}


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (record("in-use"), "on"),
        (record("in-use", seen=None), "on"),
        (record("available", **FREE), "off"),
        (record("available", **FREE | {"seen": None}), "off"),
        (record("in-use", seen=False), "stuck"),
        (record("in-use", mappings=0), "stuck"),
        (record("in-use", mappings=2), "stuck"),
        (record("in-use", known={}), "stuck"),
        (record("in-use", known={"another": "a1"}), "stuck"),
        (record("in-use", attachments=[{"id": "a2", "status": "attached"}]), "stuck"),
        (record("attaching", attachments=[{"id": "a1", "status": "attaching"}], mappings=0), "stuck"),
        (record("available", **FREE | {"mappings": 1}), "stuck"),
        (record("available", **FREE | {"seen": True}), "stuck"),
    ],
)
def test_a_volume_is_on_or_off_only_where_every_record_agrees(seen: Record, verdict: str) -> None:
    found = Findings()
    count(found, seen, "server")
    assert [name for name in ("on", "off", "stuck") if getattr(found, name)] == [verdict]


def test_orphans_and_what_is_mapped_for_nobody_are_counted() -> None:
    found = Findings()
    two = [{"id": "a1", "status": "attached"}, {"id": "a2", "status": "reserved"}]
    count(found, record("in-use", attachments=two), "server")
    count(found, record("attaching", attachments=[{"id": "a3", "status": "attaching"}], known={}), "server")
    assert (found.orphaned, found.mapped_unused) == (2, 1)
    assert found.details[1] == "disk: attaching; Cinder attaching, Nova unknown, mapped 1 times"


def test_halves_are_read_from_where_they_began() -> None:
    findings = Findings(on={"a", "b"}, off={"c"}, stuck={"d"})
    attach = Half(ATTACH, frozenset("abcd"), Course(24.0), findings, 0)
    assert (attach.done, attach.failed, attach.stuck, attach.ratio) == (2, 1, 1, 2.0)
    detach = Half(DETACH, frozenset("abc"), Course(9.0), findings, 0)
    assert (detach.done, detach.failed, detach.stuck, detach.ratio) == (1, 2, 0, 1.0)
    assert Half(DETACH, frozenset(), Course(0.0), findings, 0).ratio is None


def test_together_keeps_the_order_and_hands_failures_over() -> None:
    def halve(number: int) -> int:
        if number % 2:
            raise ValueError(f"{number} is odd")
        return number // 2

    outcomes = together([4, 3, 2], halve, threads=3)
    assert (outcomes[0], outcomes[2]) == (2, 1)
    assert complaints(outcomes) == ["ValueError: 3 is odd"]
    with pytest.raises(ExceptionGroup, match="1 of 3 failed"):
        all_well(outcomes)
    assert all_well(together([4, 2], halve, threads=1)) == [2, 1]
