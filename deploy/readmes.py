"""`python -m deploy.readmes`: do the documents say the same in both languages, and name only what exists?"""

import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from deploy import access_table, problem_codes
from deploy.documents import Document, read_document
from deploy.shell_lines import command_problem, programs
from jinyun.kit.settings import Settings

CHECKOUT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print what is out of step; exit with 1 where there is anything."""
    findings = [*findings_of(CHECKOUT), *_stale_pages(), *_unnamed_settings()]
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


def findings_of(root: Path) -> Iterator[str]:
    """Name everything in the documents of a checkout that does not fit: one line each, beginning with the file."""
    for english, chinese in _pairs(root):
        if not english.exists() or not chinese.exists():
            missing, present = (english, chinese) if chinese.exists() else (chinese, english)
            yield f"{missing.relative_to(root)}: is missing; {present.relative_to(root)} is there"
            continue
        yield from _out_of_step(read_document(root, english), read_document(root, chinese))
    targets = _make_targets(root / "Makefile")
    for path in _all_documents(root):
        document = read_document(root, path)
        yield from _dead_links(document)
        yield from _unknown_targets(document, targets)
        yield from _unknown_commands(document)


def _pairs(root: Path) -> Iterator[tuple[Path, Path]]:
    yield root / "README.md", root / "README.zh-CN.md"
    english, chinese = root / "docs" / "en", root / "docs" / "zh"
    for name in sorted({page.name for folder in (english, chinese) for page in folder.glob("*.md")}):
        yield english / name, chinese / name


def _all_documents(root: Path) -> list[Path]:
    return sorted([*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("lab/*.md")])


def _out_of_step(english: Document, chinese: Document) -> Iterator[str]:
    here, there = chinese.name, english.name
    if english.heading_levels != chinese.heading_levels:
        yield f"{here}: its headings are {chinese.heading_levels}, those of {there} {english.heading_levels}"
    if len(english.code_blocks) != len(chinese.code_blocks):
        yield f"{here}: has {len(chinese.code_blocks)} code blocks, {there} {len(english.code_blocks)}"
    for one, other in zip(english.code_blocks, chinese.code_blocks, strict=False):
        if one.lines != other.lines:
            yield f"{here}:{other.line}: differs from the code block at {there}:{one.line}"
    if english.table_shapes != chinese.table_shapes:
        shapes = f"{chinese.table_shapes}, those of {there} {english.table_shapes}"
        yield f"{here}: its tables (rows, columns) are {shapes}"


def _dead_links(document: Document) -> Iterator[str]:
    for line, target in document.links:
        if not (document.path.parent / target).exists():
            yield f"{document.name}:{line}: links to {target}, which does not exist"


def _unknown_targets(document: Document, targets: frozenset[str]) -> Iterator[str]:
    for line, target in document.make_targets:
        if not any(fnmatchcase(target, known) for known in targets):
            yield f"{document.name}:{line}: `make {target}`: the Makefile has no such target"


def _unknown_commands(document: Document) -> Iterator[str]:
    for block in document.code_blocks:
        for offset, words in programs(block.lines):
            problem = command_problem(words)
            if problem is not None:
                yield f"{document.name}:{block.line + 1 + offset}: `{' '.join(words)}`: {problem}"


def _make_targets(makefile: Path) -> frozenset[str]:
    """Return the targets of a Makefile; that of a pattern rule with `*` where make has `%`."""
    heads = [line.partition(":") for line in makefile.read_text().splitlines() if not line.startswith(("\t", "#", "."))]
    return frozenset(
        target.replace("%", "*")
        for names, colon, rest in heads
        if colon and not rest.startswith("=")
        for target in names.split()
    )


def _stale_pages() -> Iterator[str]:
    for writer in (problem_codes, access_table):
        for language, path in writer.PAGES.items():
            if not path.exists() or path.read_text(encoding="utf-8") != writer.page(language):
                yield f"{path.relative_to(CHECKOUT)}: is not what the code says; run `python -m {writer.__name__}`"


def _unnamed_settings() -> Iterator[str]:
    for folder in ("en", "zh"):
        path = CHECKOUT / "docs" / folder / "install.md"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for name in Settings.model_fields:
            if f"`JINYUN_{name.upper()}`" not in text:
                yield f"{path.relative_to(CHECKOUT)}: does not name the setting `JINYUN_{name.upper()}`"


if __name__ == "__main__":
    sys.exit(main())
