"""The person at the terminal: as whom he acts, on which server, and how he wants to read answers."""

import json
import os
import sys
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from jinyun.cli import render
from jinyun.cli.language import here, terminal_language
from jinyun.cli.render import Column, plain
from jinyun.cli.sessions import DEFAULT_PROFILE, SavedSession, SessionFile
from jinyun.kit.texts import Text

if TYPE_CHECKING:
    from jinyun.cli.client import Client

Output = Literal["table", "json"]
DEFAULT_URL = "http://127.0.0.1:8800"
"""Where `jinyun run` and `jinyun serve` listen when nothing else was said."""
UNBOUNDED = 10_000
"""Columns; whoever reads a file or a pipe wants lines whole."""
MORE = Text("more: --all", "更多：--all")


@dataclass(frozen=True, slots=True)
class Choices:
    """What was said on the command line; None where nothing was."""

    url: str | None = None
    profile: str | None = None
    output: Output | None = None

    def over(self, general: "Choices") -> "Choices":
        """Return these, and where nothing was said the more general ones."""
        return Choices(self.url or general.url, self.profile or general.profile, self.output or general.output)


class Terminal:
    """Where a command reads from, writes to, and whom it speaks for."""

    def __init__(self, choices: Choices) -> None:
        self.language = terminal_language()
        self.output: Output = choices.output or "table"
        self.profile = choices.profile or os.environ.get("JINYUN_PROFILE") or DEFAULT_PROFILE
        self.sessions = SessionFile.of_user()
        self._url = choices.url or os.environ.get("JINYUN_URL")
        self.console = _console(stderr=False)
        self.messages = _console(stderr=True)

    @cached_property
    def session(self) -> SavedSession | None:
        """Who is signed in under this profile, at the server that is spoken to: a token goes nowhere else."""
        saved = self.sessions.get(self.profile)
        return saved if saved is not None and _same_server(saved.url, self.url) else None

    @cached_property
    def url(self) -> str:
        """The server that is spoken to."""
        if self._url is not None:
            return self._url.rstrip("/")
        saved = self.sessions.get(self.profile)
        return saved.url if saved is not None else DEFAULT_URL

    @cached_property
    def api(self) -> "Client":
        """The API, as whoever is signed in."""
        from jinyun.cli.client import Client

        return Client(self.url, self.session.token if self.session else None, self.language, note=self.note)

    @property
    def is_live(self) -> bool:
        """Whether a person looks at a screen that can be drawn anew."""
        return self.output == "table" and self.console.is_terminal

    def note(self, text: Text) -> None:
        """Say something that is not the answer."""
        self.messages.print(plain(here(text)), style="dim")

    def say(self, line: str) -> None:
        """Write a line of the answer."""
        self.console.print(plain(line))

    def write(self, text: str) -> None:
        """Write a text as the answer: as it is into a file or a pipe, harmless onto a screen."""
        sys.stdout.write(plain(text) if self.console.is_terminal else text)
        if not text.endswith("\n"):
            sys.stdout.write("\n")

    def beside(self) -> "Terminal":
        """Return this terminal for what is not the answer: it writes to the error stream."""
        other = copy(self)
        other.console = self.messages
        return other

    def print_json(self, document: object) -> None:
        """Write a document of the API as it is."""
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")

    def show(self, columns: Sequence[Column], document: Any) -> None:
        """Show one thing."""
        if self.output == "json":
            self.print_json(document)
        else:
            self._print(render.details(columns, document, self.language))

    def show_table(self, columns: Sequence[Column], documents: Sequence[Any]) -> None:
        """Show things as a table, as a part of what is shown as tables."""
        self._print(render.table(columns, documents, self.language))

    def show_list(self, columns: Sequence[Column], path: str, *, everything: bool, **query: object) -> None:
        """Show a list, its first page or all of it; what is left out is said."""
        pages = self.api.pages(path, **query)
        items: list[Any] = []
        following: str | None = None
        for page in pages:
            items += page["items"]
            following = page["next"]
            if not everything:
                break
        if self.output == "json":
            self.print_json({"items": items, "next": following})
            return
        self.show_table(columns, items)
        if following is not None:
            self.note(MORE)

    def _print(self, table: Table) -> None:
        """Write a table; its lines end where their words end, for whoever reads them from a file or a pipe."""
        if self.console.is_terminal:
            self.console.print(table)
            return
        with self.console.capture() as captured:
            self.console.print(table)
        sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())

    def confirm(self, question: Text, *, yes: bool, **values: object) -> None:
        """Go on when the person says yes, or has said so; end the command otherwise."""
        if not yes:
            typer.confirm(plain(here(question.format(**values))), abort=True, err=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = UNBOUNDED
    return console


def _same_server(saved: str, wanted: str) -> bool:
    return saved.rstrip("/").lower() == wanted.rstrip("/").lower()
