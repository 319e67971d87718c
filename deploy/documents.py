"""What the check of the documents looks at in a Markdown file: its bones, not its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^\s*(```|~~~)")
HEADING = re.compile(r"^(#{1,6}) ")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_SPAN = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced block: the line its fence opens on, and what is in it."""

    line: int
    lines: tuple[str, ...]


@dataclass(slots=True)
class Document:
    """One Markdown file, taken apart."""

    path: Path
    name: str
    """The path as messages show it."""
    heading_levels: list[int] = field(default_factory=list)
    code_blocks: list[CodeBlock] = field(default_factory=list)
    table_shapes: list[tuple[int, int]] = field(default_factory=list)
    """Rows and columns of each table."""
    links: list[tuple[int, str]] = field(default_factory=list)
    """Relative links with their lines, without what follows `#`."""
    make_targets: list[tuple[int, str]] = field(default_factory=list)
    """What stands behind `make`, in code blocks and code spans, with its line."""


def read_document(root: Path, path: Path) -> Document:
    """Take a Markdown file apart."""
    document = Document(path, str(path.relative_to(root)))
    table: list[str] = []
    for number, line, inside in _lines(document, path.read_text(encoding="utf-8").splitlines()):
        if inside:
            document.make_targets += [(number, target) for target in _targets(line)]
            continue
        if line.startswith("|"):
            table.append(line)
        elif table:
            document.table_shapes.append(_shape(table))
            table = []
        if heading := HEADING.match(line):
            document.heading_levels.append(len(heading[1]))
        document.links += [(number, target) for target in _relative_links(line)]
        for span in CODE_SPAN.findall(line):
            document.make_targets += [(number, target) for target in _targets(span)]
    if table:
        document.table_shapes.append(_shape(table))
    return document


def _lines(document: Document, lines: list[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield each line with its number and whether a code block has it; note the code blocks on the way."""
    opened: int | None = None
    for number, line in enumerate(lines, start=1):
        if FENCE.match(line) is None:
            yield number, line, opened is not None
        elif opened is None:
            opened = number
        else:
            document.code_blocks.append(CodeBlock(opened, tuple(lines[opened : number - 1])))
            opened = None


def _shape(table: list[str]) -> tuple[int, int]:
    return len(table), len(re.split(r"(?<!\\)\|", table[0].strip().strip("|")))


def _relative_links(line: str) -> Iterator[str]:
    for target in LINK.findall(CODE_SPAN.sub("", line)):
        path = target.partition("#")[0]
        if path and "://" not in path and not path.startswith("mailto:"):
            yield path


def _targets(code: str) -> Iterator[str]:
    """Yield what `make` is asked for; variables such as REGION=simulated are none of it."""
    words = code.partition(" #")[0].split()
    if words[:1] == ["make"]:
        yield from (word for word in words[1:] if "=" not in word and not word.startswith("-"))
