"""Looking on until something ends: drawn anew on a screen, one line for each change everywhere else."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text as Styled

from jinyun.cli.render import duration, plain
from jinyun.cli.terminal import Terminal
from jinyun.cli.words import STATES, state_style, word
from jinyun.kit.texts import Language

LOOK_SECONDS = 1.0
FRAMES_PER_SECOND = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is looked at: what it is, its state, and what is to be said of it now."""

    key: str
    title: str
    state: str
    detail: str = ""
    seconds: float | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that is looked at, at one moment."""

    lines: Sequence[Line]
    ended: bool


def watch(terminal: Terminal, look: Callable[[], Sight]) -> None:
    """Look again and again until it has ended; Ctrl-C stops the looking, never the work."""
    if terminal.is_live:
        _watch_on_screen(terminal, look)
    else:
        _watch_in_lines(terminal, look)


def _watch_on_screen(terminal: Terminal, look: Callable[[], Sight]) -> None:
    with Live(console=terminal.console, refresh_per_second=FRAMES_PER_SECOND) as live:
        while True:
            sight = look()
            live.update(_picture(sight.lines, terminal.language))
            if sight.ended:
                return
            time.sleep(LOOK_SECONDS)


def _watch_in_lines(terminal: Terminal, look: Callable[[], Sight]) -> None:
    """Write what changed; beside a JSON answer it goes to the error stream."""
    console = terminal.messages if terminal.output == "json" else terminal.console
    known: dict[str, tuple[str, str]] = {}
    while True:
        sight = look()
        for line in sight.lines:
            said = (line.state, line.detail)
            if known.get(line.key) != said:
                _write(console, line, terminal.language)
                known[line.key] = said
        if sight.ended:
            return
        time.sleep(LOOK_SECONDS)


def _write(console: Console, line: Line, language: Language) -> None:
    parts = [datetime.now().astimezone().strftime("%H:%M:%S"), line.title, word(STATES, line.state, language)]
    parts += [line.detail] if line.detail else []
    parts += [duration(line.seconds)] if line.seconds is not None else []
    console.print(plain("  ".join(parts)))


def _picture(lines: Sequence[Line], language: Language) -> Table:
    picture = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(4):
        picture.add_column(overflow="fold")
    for line in lines:
        picture.add_row(
            "  " * line.depth + plain(line.title),
            Styled(word(STATES, line.state, language), style=state_style(line.state)),
            "" if line.seconds is None else duration(line.seconds),
            Styled(plain(line.detail), style="dim"),
        )
    return picture
