"""Key pairs: only public halves are kept."""

from pathlib import Path
from typing import Annotated

from jinyun.cli.addresses import path_to
from jinyun.cli.framework import All, argument, command, group
from jinyun.cli.inputs import read_text
from jinyun.cli.render import column, moment
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

commands = group("Your key pairs.", "您的密钥对。")

LIST = (
    column("name", "名称", "name"),
    column("fingerprint", "指纹", "fingerprint"),
    column("registered", "登记时间", "created_at", moment),
)
REMOVED = Text("Key pair {name} was removed.", "密钥对 {name} 已删除。")
Name = Annotated[str, argument("Name.", "名称。")]


@command(commands, "list", "列出您的密钥对。")
def list_keypairs(terminal: Terminal, everything: All = False) -> None:
    """List your key pairs."""
    terminal.show_list(LIST, path_to("keypairs"), everything=everything)


@command(commands, "add", "以一个名称登记公钥。")
def add_keypair(terminal: Terminal, name: Name, file: Annotated[Path, argument("Public key.", "公钥文件。")]) -> None:
    """Register a public key under a name."""
    keypair = {"name": name, "public_key": read_text(file).strip()}
    terminal.show(LIST, terminal.api.post(path_to("keypairs"), keypair))


@command(commands, "remove", "删除密钥对；已有服务器不受影响。")
def remove_keypair(terminal: Terminal, name: Name) -> None:
    """Forget a key pair; servers keep what they were given."""
    terminal.api.delete(path_to("keypairs", name))
    terminal.note(REMOVED.format(name=name))
