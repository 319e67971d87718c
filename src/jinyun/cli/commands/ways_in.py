"""Sessions, tokens and service accounts."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from jinyun.cli.addresses import path_to
from jinyun.cli.framework import All, argument, command, group, option
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

sessions = group("Your sessions.", "您的会话。")
tokens = group("Tokens, for programs.", "供程序使用的令牌。")
accounts = group("Service accounts: programs of an application system.", "服务账号：应用系统的程序。")

SESSIONS = (
    column("kind", "类型", "kind"),
    column("signed in by", "登录方式", "way"),
    column("from", "来源地址", "source_address"),
    column("with", "客户端", "user_agent"),
    column("since", "登录时间", "created_at", moment),
    column("last seen", "最近活动", "last_seen_at", moment),
    column("until", "有效期至", "expires_at", moment),
    column("this one", "当前会话", "current"),
    column("id", "标识", "id"),
)
TOKENS = (
    column("name", "名称", "name"),
    column("actions", "操作", "actions"),
    column("application systems", "应用系统", "projects", len),
    column("until", "有效期至", "expires_at", moment),
    column("last used", "最近使用", "last_used_at", moment),
    column("id", "标识", "id"),
)
MADE = (
    column("name", "名称", "name"),
    column("until", "有效期至", "expires_at", moment),
    column("token", "令牌", "token"),
)
ACCOUNTS = (
    column("login", "用户名", "login"),
    column("name", "名称", "name"),
    column("application system", "应用系统", "project"),
)
ONCE = Text("The token is shown this once; keep it safe.", "令牌仅显示这一次，请妥善保管。")
REVOKED = Text("The token was revoked.", "令牌已吊销。")
ENDED = Text("{login} was ended with all its tokens.", "{login} 及其全部令牌已停用。")
SESSION_ENDED = Text("The session was ended.", "会话已结束。")

Account = Annotated[
    str | None,
    option("A service account that you answer for; by default yourself.", "您负责的服务账号，默认为您本人。", "--for"),
]
Login = Annotated[str, argument("Login, which begins with svc-.", "用户名，以 svc- 开头。")]


@command(sessions, "list", "列出您的会话。")
def list_sessions(terminal: Terminal, everything: All = False) -> None:
    """List your open sessions, the newest first."""
    terminal.show_list(SESSIONS, path_to("sessions"), everything=everything)


@command(sessions, "end", "结束您的一个会话。")
def end_session(terminal: Terminal, session: Annotated[str, argument("Id.", "标识。")]) -> None:
    """End one of your sessions."""
    terminal.api.delete(path_to("sessions", session))
    terminal.note(SESSION_ENDED)


@command(tokens, "create", "创建令牌；其权限不会超过持有者当时的权限。")
def create_token(
    terminal: Terminal,
    name: Annotated[str, argument("Name.", "名称。")],
    action: Annotated[list[str], option("What it is good for, such as server.read.", "允许的操作，例如 server.read。")],
    project: Annotated[list[str] | None, option("Only these application systems.", "仅限这些应用系统。")] = None,
    days: Annotated[int, option("How long it lives.", "有效天数。")] = 90,
    account: Account = None,
) -> None:
    """Make a token; it never does more than its person may at that moment."""
    wish = {
        "name": name,
        "actions": action,
        "projects": project or None,
        "expires_at": (datetime.now(UTC) + timedelta(days=days)).isoformat(),
        "service_account": account,
    }
    terminal.show(MADE, terminal.api.post(path_to("tokens"), wish))
    terminal.note(ONCE)


@command(tokens, "list", "列出令牌。")
def list_tokens(terminal: Terminal, account: Account = None, everything: All = False) -> None:
    """List your tokens, or those of a service account."""
    terminal.show_list(TOKENS, path_to("tokens"), everything=everything, service_account=account)


@command(tokens, "revoke", "吊销令牌，立即生效。")
def revoke_token(terminal: Terminal, token: Annotated[str, argument("Id.", "标识。")]) -> None:
    """Revoke a token: it works nowhere from now on."""
    terminal.api.delete(path_to("tokens", token))
    terminal.note(REVOKED)


@command(accounts, "create", "为应用系统创建服务账号。")
def create_account(
    terminal: Terminal,
    login: Login,
    project: Annotated[str, option("Code of the application system.", "应用系统代码。")],
    name: Annotated[str, option("What it is for.", "用途。")],
) -> None:
    """Make a service account; `token create --for` then gives it a token."""
    wish = {"login": login, "name": name, "project": project}
    terminal.show(ACCOUNTS, terminal.api.post(path_to("service-accounts"), wish))


@command(accounts, "list", "列出您负责的服务账号。")
def list_accounts(terminal: Terminal, everything: All = False) -> None:
    """List the service accounts that you answer for."""
    terminal.show_list(ACCOUNTS, path_to("service-accounts"), everything=everything)


@command(accounts, "end", "停用服务账号及其全部令牌。")
def end_account(terminal: Terminal, login: Login) -> None:
    """End a service account with all its tokens."""
    terminal.api.delete(path_to("service-accounts", login))
    terminal.note(ENDED.format(login=login))
