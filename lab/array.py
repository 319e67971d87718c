"""The slow array: one storage tier that maps and unmaps one volume at a time, and the knobs that make it slow."""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from lab.layout import Layout

PERIOD = re.compile(r"\d+(ms|s|m|h)")


class InvalidKnob(ValueError):
    """A knob cannot be turned so; the message says why."""


@dataclass(frozen=True)
class Array:
    """The array of one lab: told by files, tells by files."""

    folder: Path

    @classmethod
    def of(cls, layout: Layout) -> Self:
        """Return the array of a lab."""
        return cls(layout.state / "slow-array")

    @property
    def seconds(self) -> float:
        """How long one map or unmap takes; 0 while the array is no slower than any other storage."""
        return float(_text(self.folder / "seconds") or 0)

    @property
    def door_timeout(self) -> str | None:
        """How long the load balancer waits for Cinder, in its own words; None for what the catalogue says."""
        return _text(self.folder / "door-timeout")

    def slow_down(self, seconds: float) -> None:
        """Make every map and unmap take so long from now on, also those that wait their turn. Raises InvalidKnob."""
        if not 0 <= seconds <= 3600:
            raise InvalidKnob(f"{seconds} seconds: something from 0 to 3600 is wanted")
        _write(self.folder / "seconds", f"{seconds:g}")

    def set_door_timeout(self, period: str) -> None:
        """Have the load balancer wait so long for Cinder: `20s`. Raises InvalidKnob."""
        if not PERIOD.fullmatch(period):
            raise InvalidKnob(f"{period}: a number and one of ms, s, m, h are wanted")
        _write(self.folder / "door-timeout", period)

    def switch_off(self) -> None:
        """Be as quick as any other storage again, with the usual patience before Cinder."""
        for name in ("seconds", "door-timeout"):
            (self.folder / name).unlink(missing_ok=True)

    def mapped(self) -> list[dict[str, Any]]:
        """Return what is mapped now: volume, host, instance and since when."""
        mapped: list[dict[str, Any]] = json.loads(_text(self.folder / "mapped.json") or "[]")
        return mapped

    def journal(self, since: float = 0.0) -> list[dict[str, Any]]:
        """Return every map and unmap that ended after a moment, the oldest first.

        An entry holds `verb`, `volume`, `host`, `instance`, and as seconds of the epoch `asked`, `begin`, `end`.
        """
        lines = (_text(self.folder / "journal.jsonl") or "").splitlines()
        return [entry for entry in map(json.loads, lines) if entry["end"] > since]

    def await_quiet(self, seconds: float, limit: float) -> bool:
        """Wait until the array has done nothing for so long; tell whether that was within the limit."""
        deadline = time.monotonic() + limit
        done, changed = len(self.journal()), time.monotonic()
        while time.monotonic() - changed < seconds:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.5)
            if len(self.journal()) != done:
                done, changed = len(self.journal()), time.monotonic()
        return True


def _text(path: Path) -> str | None:
    return path.read_text().strip() if path.exists() else None


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(f"{text}\n")
    draft.rename(path)
