"""Command lines of `jinyun` in documents: do they name commands and options that there are?"""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from jinyun.cli.app import app

PROGRAM = re.compile(r"^(\S*/)?jinyun$")
ASSIGNMENT = re.compile(r"^[A-Z_][A-Z0-9_]*=")
SEPARATORS = frozenset({"|", "||", "&&", ";", "&", ">", ">>", "<"})


def programs(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each command line of `jinyun` in a code block: the offset of its line, and its words after the program."""
    offset = 0
    while offset < len(lines):
        first, line = offset, lines[offset]
        while line.endswith("\\") and offset + 1 < len(lines):
            offset += 1
            line = f"{line[:-1]} {lines[offset].strip()}"
        offset += 1
        for words in _commands(line):
            if words and PROGRAM.match(words[0]):
                yield first, words[1:]


def command_problem(words: Sequence[str]) -> str | None:
    """Return what is wrong with the words behind `jinyun`: an unknown command or option, or one that is missing."""
    command: Any = typer.main.get_command(app)
    waiting = list(words)
    used: set[str] = set()
    while waiting:
        word = waiting.pop(0)
        if word == "--help":
            return None
        if word.startswith("-") and len(word) > 1:
            problem = _take_option(command, word, waiting, used)
            if problem is not None:
                return problem
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return f"there is no command `{word}`"
            command, used = command.commands[word], set()
    if hasattr(command, "commands"):
        return "it ends before its command" if words else None
    missing = [each.opts[0] for each in _options(command) if each.required and not used & set(each.opts)]
    return f"{missing[0]} is missing" if missing else None


def _take_option(command: Any, word: str, waiting: list[str], used: set[str]) -> str | None:
    name, equals, _ = word.partition("=")
    known = {spelling: each for each in _options(command) for spelling in (*each.opts, *each.secondary_opts)}
    if name not in known:
        return f"there is no option `{name}`"
    used.add(name)
    if not known[name].is_flag and not equals:
        if not waiting:
            return f"`{name}` lacks its value"
        waiting.pop(0)
    return None


def _options(command: Any) -> list[Any]:
    return [each for each in command.params if each.param_type_name == "option"]


def _commands(line: str) -> Iterator[list[str]]:
    """Split a line at what separates commands; assignments and a prompt before a command are none of it."""
    lexer = shlex.shlex(line.strip(), posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # not a shell line: an excerpt of an answer, say
        return
    current: list[str] = []
    for word in [*words, ";"]:
        if word in SEPARATORS:
            yield current
            current = []
        elif current or not (word == "$" or ASSIGNMENT.match(word)):
            current.append(word)
