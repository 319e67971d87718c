"""What can be wrong in a directory; each is said, and the rest goes on."""

import unicodedata
from dataclasses import dataclass
from typing import TypeVar

from jinyun.kit.texts import Text

Key = TypeVar("Key")
LONGEST = 255

NO_CODE = Text("Department {name} has no usable code: {code} is used", "部门 {name} 没有可用的代码，改用 {code}")
CODE_TWICE = Text(
    "Department {name}: the code {wanted} belongs to another; {code} is used",
    "部门 {name} 的代码 {wanted} 已被占用，改用 {code}",
)
NO_PARENT = Text(
    "Department {code} lies below one that there is not: it stands at the top", "部门 {code} 的上级不存在，列为顶级部门"
)
DEPARTMENT_CIRCLE = Text(
    "Departments lie below one another in a circle: {codes}; {code} stands at the top",
    "部门上下级循环：{codes}，{code} 列为顶级部门",
)
TOO_DEEP = Text("Department {code} lies too deep: it stands at the top", "部门 {code} 层级过深，列为顶级部门")
NO_HEAD = Text("Department {code} is led by nobody who works here: {head}", "部门 {code} 的负责人不在职：{head}")
NO_LOGIN = Text("{name} ({id}) has no usable login and is left out", "{name}（{id}）没有可用的登录名，已跳过")
LOGIN_TWICE = Text(
    "The login {login} is given to several people; {name} ({id}) is left out",
    "登录名 {login} 重复，{name}（{id}）已跳过",
)
LOGIN_OF_PROGRAM = Text(
    "The login {login} is a service account's; {name} ({id}) is left out",
    "登录名 {login} 属于服务账号，{name}（{id}）已跳过",
)
NO_NAME = Text("{login} has no name", "{login} 没有姓名")
NO_MAIL = Text("{login} has no mail address", "{login} 没有邮箱")
MAIL_TWICE = Text("The mail address {mail} is given to {logins}", "邮箱 {mail} 重复：{logins}")
NO_DEPARTMENT = Text(
    "{login} is in no department that there is ({department}): {code} is used",
    "{login} 的部门不存在（{department}），归入 {code}",
)
NOWHERE = Text("{login} is in no department and is left out", "{login} 没有部门，已跳过")
NO_MANAGER = Text("The manager of {login} does not work here: {manager}", "{login} 的上级不在职：{manager}")
MANAGER_CIRCLE = Text(
    "People manage one another in a circle: {logins}; {login} counts as without a manager",
    "上级关系循环：{logins}，{login} 视为没有上级",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in the directory, and what is done instead."""

    kind: str
    """`department` or `person`."""
    text: Text


def shown(text: str) -> str:
    """Return a name as a terminal and a column can hold it."""
    return "".join(" " if unicodedata.category(char) == "Cc" else char for char in text).strip()[:LONGEST]


def circles(above: dict[Key, Key | None]) -> list[list[Key]]:
    """Return every circle in which things stand above one another, each from its first member on."""
    found: list[list[Key]] = []
    done: set[Key] = set()
    for start in above:
        way: list[Key] = []
        on_way: dict[Key, int] = {}
        here: Key | None = start
        while here is not None and here not in done and here not in on_way:
            on_way[here] = len(way)
            way.append(here)
            here = above.get(here)
        if here is not None and here in on_way:
            found.append(way[on_way[here] :])
        done.update(way)
    return found
