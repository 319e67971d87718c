"""What a benchmark prints: tables for people, and as its last line one JSON object with the bars."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A measured value and the most that it may be, or the least; without a bar it is only told."""

    name: str
    value: float
    bar: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value, as it is printed, is within the bar."""
        shown = round(self.value, 3)
        return self.bar is None or (shown >= self.bar if self.at_least else shown <= self.bar)


def bars_line(bars: Sequence[Bar]) -> str:
    """Return the last line of a benchmark's output: every bar as JSON."""
    shown = [{"name": each.name, "value": round(each.value, 3), "bar": each.bar, "holds": each.holds} for each in bars]
    return json.dumps({"bars": shown})


def table(header: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> str:
    """Return rows under a header, as wide as they need to be; numbers to the right, with two places."""
    cells = [list(header), *([_written(value) for value in row] for row in rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]
    numeric = [any(isinstance(row[column], float) for row in rows) for column in range(len(header))]
    return "\n".join(
        "  ".join(_padded(*cell) for cell in zip(row, widths, numeric, strict=True)).rstrip() for row in cells
    )


def _written(value: str | float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else value


def _padded(text: str, width: int, to_the_right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if to_the_right else text + space


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
