"""What can be ordered: flavors, images, storage tiers."""

from typing import Any

from jinyun.cli.addresses import path_to
from jinyun.cli.framework import All, command, group
from jinyun.cli.render import column, memory
from jinyun.cli.terminal import Terminal

flavors = group("Sizes of servers.", "服务器规格。")
images = group("Systems to install.", "系统镜像。")
tiers = group("Classes of storage.", "存储等级。")

FLAVORS = (
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("vCPUs", "vCPU", "vcpus"),
    column("memory", "内存", "memory_mib", memory),
    column("disk in GiB", "系统盘（GiB）", "disk_gib"),
    column("can be ordered", "可申请", "active"),
    column("regions", "区域", "regions"),
)
IMAGES = (
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("versions", "版本", "versions", lambda versions: [_version(each) for each in versions]),
)
TIERS = (
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("regions", "区域", "regions"),
)


@command(flavors, "list", "列出规格及提供该规格的区域。")
def list_flavors(terminal: Terminal, everything: All = False) -> None:
    """List the flavors, and which regions offer them."""
    terminal.show_list(FLAVORS, path_to("flavors"), everything=everything)


@command(images, "list", "列出镜像及其版本。")
def list_images(terminal: Terminal, everything: All = False) -> None:
    """List the images with their versions."""
    terminal.show_list(IMAGES, path_to("images"), everything=everything)


@command(tiers, "list", "列出存储等级及提供该等级的区域。")
def list_tiers(terminal: Terminal, everything: All = False) -> None:
    """List the storage tiers, and which regions offer them."""
    terminal.show_list(TIERS, path_to("storage-tiers"), everything=everything)


def _version(version: dict[str, Any]) -> str:
    return f"{version['version']} ({', '.join(version['regions']) or version['state']})"
