"""Signing in and out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import SignedOut
from jinyun.cli.framework import argument, command, option
from jinyun.cli.inputs import read_password
from jinyun.cli.language import here
from jinyun.cli.render import column, moment
from jinyun.cli.sessions import DEFAULT_PROFILE, SavedSession
from jinyun.cli.sso import sign_in_with_browser
from jinyun.cli.terminal import Terminal
from jinyun.cli.words import ROLES, SCOPES, word
from jinyun.kit.texts import Text

LOGIN = Text("Login", "用户名")
WELCOME = Text("You are {name} ({login}) at {url} until {until}.", "您是 {name}（{login}），{url}，至 {until}。")
GOODBYE = Text("You are signed out.", "您已退出登录。")
CURRENT_PASSWORD = Text("Present password", "当前密码")
NEW_PASSWORD = Text("New password (at least 12 characters)", "新密码（至少 12 个字符）")
PASSWORD_CHANGED = Text("Your password was changed.", "密码已修改。")
SELF = (
    column("login", "用户名", "login"),
    column("name", "姓名", "name"),
    column("roles", "角色", "roles"),
    column("server", "服务", "url"),
    column("profile", "会话名称", "profile"),
)


def add_to(commands: typer.Typer) -> None:
    """Add the commands of this group."""
    command(commands, "login", "登录；每个 `--profile` 各有一个会话。")(sign_in)
    command(commands, "logout", "退出登录。")(sign_out)
    command(commands, "whoami", "显示您是谁、可以做什么。")(show_self)
    command(commands, "password", "修改您的本地账号密码。")(change_password)


def sign_in(
    terminal: Terminal,
    login: Annotated[str | None, argument("Login; by default the profile's name.", "用户名，默认为会话名称。")] = None,
    password_file: Annotated[
        Path | None,
        option("Read the password from this file's first line.", "密码文件，读取第一行。", "--password-file"),
    ] = None,
    sso: Annotated[bool, option("With your browser, by single sign-on.", "使用浏览器单点登录。", "--sso")] = False,
) -> None:
    """Sign in; each `--profile` keeps a session of its own."""
    opened = sign_in_with_browser(terminal) if sso else _by_password(terminal, login, password_file)
    saved = SavedSession(terminal.url, opened["token"], opened["login"], opened["expires_at"])
    terminal.sessions.save(terminal.profile, saved)
    terminal.note(
        WELCOME.format(name=opened["name"], login=opened["login"], url=terminal.url, until=moment(opened["expires_at"]))
    )


def sign_out(
    terminal: Terminal,
    everywhere: Annotated[
        bool, option("End all your sessions, in browsers too.", "结束您的全部会话，包括浏览器中的。", "--everywhere")
    ] = False,
) -> None:
    """Sign out: the session ends on the server and is forgotten here."""
    which = () if everywhere else ("current",)
    try:
        if terminal.session is not None and terminal.session.token is not None:
            terminal.api.delete(path_to("sessions", *which))
    except SignedOut:
        pass  # it had ended already
    terminal.sessions.forget(terminal.profile)
    terminal.note(GOODBYE)


def show_self(terminal: Terminal) -> None:
    """Show who you are and what you may do."""
    person = terminal.api.get(path_to("self"))
    if terminal.output == "json":
        terminal.print_json(person)
        return
    roles = [_grant(grant["role"], grant["scope"], terminal) for grant in person["grants"]]
    seen = {**person, "roles": sorted(set(roles)), "url": terminal.url, "profile": terminal.profile}
    terminal.show(SELF, seen)


def change_password(
    terminal: Terminal,
    current: Annotated[
        Path | None, option("Read the present password from this file.", "当前密码文件。", "--current-file")
    ] = None,
    new: Annotated[Path | None, option("Read the new password from this file.", "新密码文件。", "--new-file")] = None,
) -> None:
    """Change the password of your local account; your other sessions end."""
    old = read_password(current, CURRENT_PASSWORD)
    terminal.api.put(path_to("self", "password"), {"current": old, "new": read_password(new, NEW_PASSWORD)})
    terminal.note(PASSWORD_CHANGED)


def _by_password(terminal: Terminal, login: str | None, password_file: Path | None) -> Mapping[str, Any]:
    if login is None:
        named = terminal.profile != DEFAULT_PROFILE
        login = terminal.profile if named else str(typer.prompt(here(LOGIN), err=True))
    password = read_password(password_file)
    opened: Mapping[str, Any] = terminal.api.post(path_to("sessions"), {"login": login, "password": password})
    return opened


def _grant(role: str, scope: str, terminal: Terminal) -> str:
    return f"{word(ROLES, role, terminal.language)} ({word(SCOPES, scope, terminal.language)})"
