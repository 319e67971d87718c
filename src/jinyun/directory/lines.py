"""A plan in words: one line a change and one a finding, kept for whoever wants to read it."""

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from jinyun.directory.applying import BATCH
from jinyun.directory.models import DirectoryLine, DirectorySync
from jinyun.directory.plan import CHANGE, JOIN, LEAVE, RETURN, Change, Plan
from jinyun.kit.ids import new_id
from jinyun.kit.texts import Text

CHANGES = "change"
FINDINGS = "finding"
KINDS = {"department": Text("Department", "部门"), "person": Text("Person", "人员")}
SENTENCES: dict[str, Text] = {
    JOIN: Text("{kind} {name} ({called}) is new", "新增{kind} {name}（{called}）"),
    CHANGE: Text("{kind} {name} changes: {details}", "{kind} {name} 变更：{details}"),
    LEAVE: Text("{kind} {name} is not there any more", "{kind} {name} 已不在目录中"),
    RETURN: Text("{kind} {name} is back", "{kind} {name} 恢复"),
}
FIELDS: dict[str, Text] = {
    "code": Text("code", "代码"),
    "name": Text("name", "名称"),
    "path": Text("path", "路径"),
    "parent": Text("parent", "上级"),
    "manager": Text("manager", "负责人"),
    "login": Text("login", "登录名"),
    "mail": Text("mail", "邮箱"),
    "department": Text("department", "部门"),
    "active": Text("active", "在职"),
    "source": Text("source", "来源"),
    "external_id": Text("directory id", "目录标识"),
}


def keep_lines(session: Session, row: DirectorySync, plan: Plan) -> None:
    """Keep the lines of the newest plan; where they are the same as before, nothing is written."""
    lines = list(_lines(plan))
    digest = hashlib.sha256(json.dumps([[kind, text.zh] for kind, _, text in lines]).encode()).hexdigest()
    if digest == row.lines_digest:
        return
    row.lines_digest = digest
    session.execute(delete(DirectoryLine).where(DirectoryLine.source == row.source))
    rows = [
        {
            "id": new_id(),
            "source": row.source,
            "kind": kind,
            "subject_kind": subject_kind,
            "position": position,
            "text": text.as_dict(),
        }
        for position, (kind, subject_kind, text) in enumerate(lines)
    ]
    for start in range(0, len(rows), BATCH):
        session.execute(insert(DirectoryLine), rows[start : start + BATCH])


def _lines(plan: Plan) -> Iterator[tuple[str, str, Text]]:
    for change in plan.changes:
        yield CHANGES, change.kind, sentence(change)
    for finding in plan.findings:
        yield FINDINGS, finding.kind, finding.text


def sentence(change: Change) -> Text:
    """Say a change in one sentence."""
    called = change.after.get("name", "")
    details = [_detail(field, change) for field in change.after]
    joined = Text(", ".join(text.en for text in details), "，".join(text.zh for text in details))
    kind = KINDS[change.kind]
    return SENTENCES[change.action].format(kind=kind, name=change.name, called=called, details=joined)


def _detail(field: str, change: Change) -> Text:
    before, after = _shown(change.before.get(field)), _shown(change.after[field])
    return Text("{field} {before} → {after}", "{field}由{before}改为{after}").format(
        field=FIELDS[field], before=before, after=after
    )


def _shown(value: object) -> Text:
    if isinstance(value, bool):
        return Text("yes", "是") if value else Text("no", "否")
    return Text(str(value), str(value)) if value else Text("none", "无")
