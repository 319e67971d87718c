import json
from pathlib import Path

import pytest

from lab import configuration, knobs
from lab.array import Array, InvalidKnob
from lab.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(data=tmp_path / "lab", run=tmp_path / "run")
    Array.of(made).folder.mkdir(parents=True)
    return made


def patience(layout: Layout, door: str) -> str:
    """How long the balancer waits for what is behind a door."""
    backend = configuration.texts(layout)["haproxy.cfg"].partition(f"backend {door}\n")[2]
    return next(line.split()[-1] for line in backend.splitlines() if "timeout server" in line)


def test_an_array_that_nobody_slowed_down_is_quick(layout: Layout) -> None:
    array = Array.of(layout)
    assert (array.seconds, array.door_timeout, array.mapped(), array.journal()) == (0.0, None, [], [])
    assert patience(layout, "cinder") == "120s"


def test_knobs_hold_until_it_is_off(layout: Layout) -> None:
    knobs.turn(layout, seconds=3, door_timeout="20s")
    assert Array.of(layout).seconds == 3.0
    assert (patience(layout, "cinder"), patience(layout, "nova")) == ("20s", "120s")
    assert "timeout server 20s" in (layout.conf / "haproxy.cfg").read_text()
    knobs.turn(layout, seconds=0.5)
    assert (Array.of(layout).seconds, patience(layout, "cinder")) == (0.5, "20s")
    knobs.turn(layout, off=True)
    assert (Array.of(layout).seconds, patience(layout, "cinder")) == (0.0, "120s")
    assert "server 20s" not in (layout.conf / "haproxy.cfg").read_text()


@pytest.mark.parametrize("seconds", [-1.0, 3601.0, float("nan")])
def test_nonsense_of_seconds_is_refused(layout: Layout, seconds: float) -> None:
    with pytest.raises(InvalidKnob, match="seconds"):
        knobs.turn(layout, seconds=seconds)
    assert Array.of(layout).seconds == 0.0


@pytest.mark.parametrize("period", ["20", "s", "20 s", "20s\n    mode tcp"])
def test_nonsense_of_periods_is_refused(layout: Layout, period: str) -> None:
    with pytest.raises(InvalidKnob, match="ms, s, m, h"):
        knobs.turn(layout, door_timeout=period)
    assert Array.of(layout).door_timeout is None


def test_the_journal_is_read_from_a_moment_on(layout: Layout) -> None:
    entries = [{"verb": "map", "volume": f"v{number}", "end": float(number)} for number in (1, 2, 3)]
    (Array.of(layout).folder / "journal.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in entries))
    assert [each["volume"] for each in Array.of(layout).journal(since=1.0)] == ["v2", "v3"]


def test_quiet_is_told_from_busy(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    array = Array.of(layout)
    assert array.await_quiet(seconds=0.01, limit=5)
    counts = iter(range(10_000))
    monkeypatch.setattr(Array, "journal", lambda self, since=0.0: [{}] * next(counts))
    assert not array.await_quiet(seconds=60, limit=0.01)


def test_only_the_slow_tier_lies_on_the_array(layout: Layout) -> None:
    text = configuration.texts(layout)["cinder/cinder.conf"]
    drivers = [line.split(" = ")[1] for line in text.splitlines() if line.startswith("volume_driver")]
    assert drivers == ["cinder.volume.drivers.nfs.NfsDriver"] * 3 + ["jinyun_lab_slow_array.SlowArrayDriver"]
    assert "enabled_backends = high,general,low,slow" in text
