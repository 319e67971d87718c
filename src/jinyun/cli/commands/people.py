"""Other people's ways in, for security administrators."""

from typing import Annotated

from jinyun.cli.addresses import path_to
from jinyun.cli.framework import All, argument, command, group
from jinyun.cli.render import column
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("People and their ways in.", "人员及其登录。")

LIST = (
    column("login", "用户名", "login"),
    column("name", "姓名", "name"),
    column("department", "部门", "department"),
    column("mail", "邮箱", "mail"),
)
UNLOCKED = Text("{login} can try again at once.", "{login} 可立即重试登录。")
SIGNED_OUT = Text("All sessions and tokens of {login} have ended.", "{login} 的全部会话与令牌已失效。")
Login = Annotated[str, argument("Login.", "用户名。")]


@command(commands, "list", "列出在职人员。")
def list_people(terminal: Terminal, everything: All = False) -> None:
    """List the people who work here."""
    terminal.show_list(LIST, path_to("people"), everything=everything)


@command(commands, "unlock", "解除登录失败过多的锁定。")
def unlock(terminal: Terminal, login: Login) -> None:
    """Let a login that failed too often try again at once."""
    terminal.api.delete(path_to("people", login, "sign-in-failures"))
    terminal.note(UNLOCKED.format(login=login))


@command(commands, "sign-out", "结束某人的全部会话与令牌。")
def sign_out(terminal: Terminal, login: Login) -> None:
    """End all sessions and tokens of somebody else."""
    terminal.api.delete(path_to("people", login, "sessions"))
    terminal.note(SIGNED_OUT.format(login=login))
