"""`python -m deploy.problem_codes`: write the pages of problem codes from the classes and reasons themselves."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import jinyun.app  # noqa: F401 - imports every room, and with it every problem
from jinyun.kit.errors import REGISTRY
from jinyun.kit.texts import Language, Text
from jinyun.providers.errors import REASONS

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES: dict[Language, Path] = {
    "en": CHECKOUT / "docs" / "en" / "problem-codes.md",
    "zh": CHECKOUT / "docs" / "zh" / "problem-codes.md",
}

TITLE = Text("Problem codes", "问题代码")
MADE = Text(
    "Written by `python -m deploy.problem_codes` from the code itself. A code never changes its meaning. Words in "
    "braces are filled in when the problem occurs.",
    "本页由 `python -m deploy.problem_codes` 根据代码生成。代码的含义不会改变；花括号中的内容在问题发生时填入。",
)
API = Text("Answers of the API", "API 应答")
API_COLUMNS = (
    Text("code", "代码"),
    Text("status", "状态码"),
    Text("what is wrong", "问题"),
    Text("what to do", "处理办法"),
)
REGIONS = Text("Reasons that regions give", "区域给出的原因")
REGIONS_SAID = Text(
    "In the `problem` of an operation, of one of its steps, or of an order's item; `{words}` is what the region said, "
    "unchanged.",
    "见于操作、步骤或订单明细的 `problem`；`{words}` 为区域返回的原文。",
)
REGION_COLUMNS = (Text("code", "代码"), Text("what it means", "含义"))


def page(language: Language) -> str:
    """Return the whole page in one language."""
    problems = [
        (f"`{code}`", str(problem.status), problem.detail.in_language(language), problem.hint.in_language(language))
        for code, problem in sorted(REGISTRY.items())
    ]
    reasons = [(f"`{code}`", text.in_language(language)) for code, text in sorted(REASONS.items())]
    parts = [
        f"# {TITLE.in_language(language)}",
        MADE.in_language(language),
        f"## {API.in_language(language)}",
        "\n".join(_table(_titles(API_COLUMNS, language), problems)),
        f"## {REGIONS.in_language(language)}",
        REGIONS_SAID.in_language(language),
        "\n".join(_table(_titles(REGION_COLUMNS, language), reasons)),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write the pages."""
    for language, path in PAGES.items():
        path.write_text(page(language), encoding="utf-8")
    return 0


def _titles(columns: Sequence[Text], language: Language) -> list[str]:
    return [column.in_language(language) for column in columns]


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _row(titles)
    yield _row(["---"] * len(titles))
    yield from (_row(row) for row in rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
