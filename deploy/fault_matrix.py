"""`python -m deploy.fault_matrix`: write the pages that tell how operations end, whatever goes wrong."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from jinyun.kit.texts import Language, Text
from tests.faults import DONE, FAULTS, MISSING, NONE, OUTCOMES, REFUSED, STATE, STUCK, UNDONE, VERBS

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES: dict[Language, Path] = {
    "en": CHECKOUT / "docs" / "en" / "fault-matrix.md",
    "zh": CHECKOUT / "docs" / "zh" / "fault-matrix.md",
}

TITLE = Text("What happens when something goes wrong", "故障矩阵：出错时会发生什么")
MADE = Text(
    "Written by `python -m deploy.fault_matrix` from the table that the tests check, each cell with real recipes on "
    "a simulated region.",
    "本页由 `python -m deploy.fault_matrix` 根据测试所核对的表格生成；每一格都在模拟区域上以真实流程验证。",
)
MATRIX = Text("How operations end", "操作的结局")
CAUSES = Text("What goes wrong", "故障说明")
ENDS = Text("What the words mean", "结局说明")
VERB, FAULT, END = Text("asked for", "请求"), Text("fault", "故障"), Text("end", "结局")
MEANING = Text("meaning", "含义")

WORDS: dict[str, tuple[Text, Text]] = {
    DONE: (
        Text("succeeded", "成功"),
        Text("It is there exactly once, or gone; nobody has to do anything.", "目标恰好完成一次，无需任何处理。"),
    ),
    UNDONE: (
        Text("cancelled", "已取消"),
        Text(
            "What was made is gone again; what the region would not stop is recorded as it came to rest.",
            "已创建的资源全部收回；区域无法中止的动作按其最终状态记录。",
        ),
    ),
    REFUSED: (
        Text("failed: `refused`", "失败：`refused`"),
        Text("The region's own words say why; nothing is left over.", "原因见区域返回的原文，没有残留。"),
    ),
    STATE: (
        Text("failed: `wrong-state`", "失败：`wrong-state`"),
        Text("The server's state does not allow it; nothing was changed.", "服务器当前状态不允许，未作任何更改。"),
    ),
    MISSING: (
        Text("failed: `missing-in-backend`", "失败：`missing-in-backend`"),
        Text(
            "It no longer exists in the region; what else was made is gone again.",
            "对象在区域中已不存在，其余已创建的资源全部收回。",
        ),
    ),
    STUCK: (
        Text("needs operator: `undo-refused`", "需运维处理：`undo-refused`"),
        Text(
            "Nothing is given away meanwhile; once the region is well again, a retry takes everything back.",
            "期间不会释放任何占用；区域恢复后重试即可全部收回。",
        ),
    ),
    NONE: (Text("–", "–"), Text("There is no such case.", "不存在这种情况。")),
}


def page(language: Language) -> str:
    """Return the whole page in one language."""
    ends = [[_in(language, VERB), *(_in(language, name) for name, _ in FAULTS.values())]]
    for verb, name in VERBS.items():
        ends.append([_in(language, name), *(_in(language, WORDS[OUTCOMES[verb, fault]][0]) for fault in FAULTS)])
    parts = [
        f"# {_in(language, TITLE)}",
        _in(language, MADE),
        f"## {_in(language, MATRIX)}",
        _table(ends),
        f"## {_in(language, CAUSES)}",
        _explained(language, FAULT, FAULTS.values()),
        f"## {_in(language, ENDS)}",
        _explained(language, END, WORDS.values()),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write the pages."""
    for language, path in PAGES.items():
        path.write_text(page(language), encoding="utf-8")
    return 0


def _in(language: Language, text: Text) -> str:
    return text.in_language(language)


def _explained(language: Language, title: Text, rows: Iterable[tuple[Text, Text]]) -> str:
    heads = [_in(language, title), _in(language, MEANING)]
    return _table([heads, *([_in(language, name), _in(language, meaning)] for name, meaning in rows)])


def _table(rows: list[list[str]]) -> str:
    return "\n".join(_lines(rows))


def _lines(rows: list[list[str]]) -> Iterator[str]:
    heads, *others = rows
    for cells in (heads, ["---"] * len(heads), *others):
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
