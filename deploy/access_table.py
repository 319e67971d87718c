"""`python -m deploy.access_table`: write the access table out for auditors, cell by cell."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from jinyun.access.table import APPLICANT, ASKED, AccessTable, Answer, Rule, answer, read_rule, read_table
from jinyun.kit.texts import Language, Text

CHECKOUT = Path(__file__).resolve().parent.parent
PAGES: dict[Language, Path] = {
    "en": CHECKOUT / "docs" / "en" / "access-table.md",
    "zh": CHECKOUT / "docs" / "zh" / "access-table.md",
}
OWN, DEPARTMENT, BELOW, FOREIGN = RELATIONS = ("own", "department", "below", "foreign")
"""Whose the thing is: the application system's for which he has his role; another's of the same department; one's of a
department below; one's of another department."""
EMPLOYEE = "employee"
"""Who works here and has no role."""
REACH: dict[str, tuple[str, ...]] = {
    "user": (OWN,),
    "owner": (OWN,),
    "approver": (OWN, DEPARTMENT, BELOW),
    "department_administrator": (OWN, DEPARTMENT, BELOW),
    EMPLOYEE: (),
}
"""How far each role reaches as it is held in the table: a user and an owner at an application system, an approver and a
department administrator at the department; all others at the whole system."""

ROLE_NAMES: dict[str, Text] = {
    EMPLOYEE: Text("employee", "普通员工"),
    "user": Text("user", "用户"),
    "owner": Text("owner", "负责人"),
    "approver": Text("approver", "审批人"),
    "department_administrator": Text("department administrator", "部门管理员"),
    "operator": Text("operator", "运维人员"),
    "system_administrator": Text("system administrator", "系统管理员"),
    "security_administrator": Text("security administrator", "安全管理员"),
    "audit_administrator": Text("audit administrator", "审计管理员"),
}
RELATION_NAMES: dict[str, Text] = {
    OWN: Text("own", "本"),
    DEPARTMENT: Text("dept", "部"),
    BELOW: Text("below", "下"),
    FOREIGN: Text("foreign", "外"),
}
SIGNS: dict[Answer, Text] = {
    Answer.ALLOW: Text("✓", "✓"),
    Answer.FILTER: Text("✓ part", "✓ 部分"),
    Answer.FORBID: Text("403", "403"),
    Answer.HIDE: Text("404", "404"),
    Answer.OPEN: Text("✓", "✓"),
}
TITLE = Text("Who may do what", "权限表")
MADE = Text(
    "Written by `python -m deploy.access_table` from `access/table.yaml`. The tests send every request of this table "
    "to the API, cell by cell.",
    "本页由 `python -m deploy.access_table` 根据 `access/table.yaml` 生成。测试会逐格向 API 发送本表中的每个请求。",
)
KEY = Text(
    "✓ allowed · ✓ part: a list without what he may not see · 403 refused · 404 as if it were not there. Where it "
    "depends on whose the thing is: **own** application system, another one of the **dept** (department), one "
    "**below**, a **foreign** one. A user and an owner have their role at one application system, an approver and a "
    "department administrator at a department, the others at the whole system.",
    "✓ 允许 · ✓ 部分：列表中不含其无权查看的内容 · 403 拒绝 · 404 视同不存在。"
    "结果取决于对象归属时：**本**应用系统、同**部**门的其他应用系统、**下**级部门的、**外**部门的。"
    "用户与负责人的角色限于一个应用系统，审批人与部门管理员限于一个部门，其余为全系统。",
)
ROUTE = Text("request", "请求")
ACTIONS = Text("What each role may do", "各角色的权限")
GIVEN = Text(
    "What is not named is denied. The three administrators exclude each other and every other role.",
    "未列出的一律拒绝。三员之间互斥，且与其他任何角色互斥。",
)
ACTION_COLUMNS = (Text("role", "角色"), Text("given at", "授予范围"), Text("actions", "权限"))


def actions_of(table: AccessTable, role: str) -> frozenset[str]:
    """Return what a role may do where it is held; an owner uses his application system, too."""
    if role == EMPLOYEE:
        return frozenset()
    own = table.roles[role].may
    return own | table.roles["user"].may if role == "owner" else own


def answer_of(table: AccessTable, role: str, relation: str, rule: Rule) -> Answer:
    """Return one cell. A user asks about his own requests, an approver about what he was asked to decide."""
    actions = actions_of(table, role)
    here = actions if relation in REACH.get(role, RELATIONS) else frozenset()
    here |= {APPLICANT} if (role, relation) == ("user", OWN) else frozenset()
    here |= {ASKED} if role == "approver" and relation in REACH[role] else frozenset()
    return answer(rule, here, actions, frozenset() if role in REACH else actions)


def page(language: Language) -> str:
    """Return the whole page in one language."""
    table = read_table()
    titles = [ROUTE.in_language(language), *(name.in_language(language) for name in ROLE_NAMES.values())]
    rows = [
        [f"`{route}`", *(_cell(table, role, read_rule(rule), language) for role in ROLE_NAMES)]
        for route, rule in table.routes.items()
    ]
    parts = [
        f"# {TITLE.in_language(language)}",
        MADE.in_language(language),
        KEY.in_language(language),
        "\n".join(_table(titles, rows)),
        f"## {ACTIONS.in_language(language)}",
        GIVEN.in_language(language),
        "\n".join(_table([column.in_language(language) for column in ACTION_COLUMNS], _roles(table, language))),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write the pages."""
    for language, path in PAGES.items():
        path.write_text(page(language), encoding="utf-8")
    return 0


def _cell(table: AccessTable, role: str, rule: Rule, language: Language) -> str:
    """Say once what is the same for all relations, else each answer with the relations that get it."""
    by_answer: dict[Answer, list[str]] = {}
    for relation in RELATIONS:
        given = answer_of(table, role, relation, rule)
        by_answer.setdefault(given, []).append(RELATION_NAMES[relation].in_language(language))
    if len(by_answer) == 1:
        return SIGNS[next(iter(by_answer))].in_language(language)
    return "; ".join(f"{SIGNS[given].in_language(language)} {' '.join(names)}" for given, names in by_answer.items())


def _roles(table: AccessTable, language: Language) -> list[list[str]]:
    return [
        [
            ROLE_NAMES[name].in_language(language),
            ", ".join(f"`{scope}`" for scope in role.given_at) or "–",
            ", ".join(f"`{action}`" for action in sorted(role.may)),
        ]
        for name, role in table.roles.items()
    ]


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"| {' | '.join('---' for _ in titles)} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
