"""What one was told."""

from typing import Annotated, Literal

from jinyun.cli.addresses import path_to
from jinyun.cli.framework import All, argument, command, group, option
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal

commands = group("What you were told.", "通知。")

NOTICES = (
    column("when", "时间", "created_at", moment),
    column("what", "事项", "subject"),
    column("text", "内容", "body"),
    column("read", "阅读时间", "read_at", moment),
    column("id", "标识", "id"),
)


@command(commands, "list", "列出通知，最新的在前。")
def list_notices(
    terminal: Terminal,
    unread: Annotated[bool, option("Only those not read.", "仅未读。", "--unread")] = False,
    everything: All = False,
) -> None:
    """List what you were told, the newest first."""
    terminal.show_list(NOTICES, path_to("notices"), everything=everything, unread=unread or None)


@command(commands, "read", "标记为已读；未给出标识时标记全部。")
def mark_read(
    terminal: Terminal, notice: Annotated[str | None, argument("Its id; all where none.", "通知标识。")] = None
) -> None:
    """Note that you have read one of them, or all."""
    terminal.api.post(path_to("notices", *([notice] if notice else []), "read"), None)


@command(commands, "language", "选择邮件语言。")
def choose_language(
    terminal: Terminal, language: Annotated[Literal["en", "zh"], argument("`en` or `zh`.", "`en` 或 `zh`。")]
) -> None:
    """Get your mail in English or in Chinese."""
    terminal.api.put(path_to("notices", "language"), {"language": language})
