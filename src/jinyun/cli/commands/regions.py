"""Regions and their pools."""

from pathlib import Path
from typing import Annotated, Any, Literal

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import WrongUsage
from jinyun.cli.finding import find_pool_id
from jinyun.cli.following import carry_through
from jinyun.cli.framework import All, NoWait, argument, command, group, option
from jinyun.cli.inputs import read_cloud, read_password
from jinyun.cli.render import column, moment, state
from jinyun.cli.terminal import Terminal
from jinyun.kit.texts import Text

regions = group("Where infrastructure is.", "区域。")
pools = group("What servers are placed in.", "资源池。")

REGIONS = (
    column("code", "代码", "code"),
    column("name", "名称", "name"),
    column("provider", "云平台", "provider"),
    state(),
    column("zones", "可用区", "zones"),
    column("simulated", "模拟", "simulated"),
    column("last read", "最近读取", "last_seen_at", moment),
    column("problem", "问题", "problem.text"),
)
REGION = (
    *REGIONS,
    column("said by the backend", "后端原文", "problem.words"),
    column("release", "版本", "release"),
    column("endpoint", "地址", "endpoint"),
    column("connection", "连接参数", "public", lambda public: [f"{key}={value}" for key, value in public.items()]),
    column("told by", "通知来源", "bus.url"),
    column("id", "标识", "id"),
)
PROPOSALS = (
    column("kind", "类型", "kind"),
    column("in the region", "区域内名称", "external_name"),
    state(),
    column("would be", "建议代码", "suggestion.code"),
    column("why not", "未接受原因", "suggestion.reason"),
)
POOLS = (
    column("region", "区域", "region"),
    column("name", "名称", "name"),
    column("zone", "可用区", "zone"),
    column("hypervisor", "虚拟化", "hypervisor"),
    column("CPU ratio", "CPU 超配比", "cpu_ratio"),
    column("memory ratio", "内存超配比", "memory_ratio"),
    column("for", "适用重要程度", "criticality_class"),
    column("can be ordered", "可申请", "orderable"),
    column("dedicated to", "专供", "dedicated_to"),
    column("owner", "负责人", "owner"),
    column("tags", "标签", "tags"),
    column("keeps a host", "保留一台主机", "keeps_a_host"),
    column("present", "存在", "present"),
)
ONE_WAY = Text(
    "Give either --cloud and --clouds-yaml, or --vcenter, --user and --password-file, or --simulated and --world.",
    "请使用 --cloud 与 --clouds-yaml，或 --vcenter、--user 与 --password-file，或 --simulated 与 --world。",
)
LISTEN_OR_NOT = Text("Give either --bus and --password-file, or --off.", "请使用 --bus 与 --password-file，或 --off。")
Code = Annotated[str, argument("Code of the region.", "区域代码。")]
RegionFilter = Annotated[str | None, option("Only this region's.", "仅限该区域。", "--region")]


@command(regions, "register", "注册区域并读取其资源。")
def register_region(
    terminal: Terminal,
    code: Code,
    name: Annotated[str | None, option("Its name; by default the code.", "名称，默认为代码。", "--name")] = None,
    cloud: Annotated[str | None, option("Entry of the clouds.yaml.", "clouds.yaml 中的名称。", "--cloud")] = None,
    clouds_yaml: Annotated[Path | None, option("The clouds.yaml.", "clouds.yaml 文件。", "--clouds-yaml")] = None,
    password_file: Annotated[
        Path | None, option("Password, where the entry has none.", "密码文件。", "--password-file")
    ] = None,
    vcenter: Annotated[
        str | None, option("A vCenter's address: https://….", "vCenter 地址：https://…。", "--vcenter")
    ] = None,
    user: Annotated[str | None, option("Who signs in at the vCenter.", "vCenter 登录账号。", "--user")] = None,
    ca_file: Annotated[
        Path | None, option("Authority of the vCenter's certificate.", "vCenter 证书的签发机构。", "--ca-file")
    ] = None,
    simulated: Annotated[bool, option("A simulated data centre.", "模拟数据中心。", "--simulated")] = False,
    world: Annotated[Path | None, option("File of the simulated world.", "模拟世界文件。", "--world")] = None,
    no_wait: NoWait = False,
) -> None:
    """Register a region and read what it has."""
    region: dict[str, Any] = {"code": code, "name": name or code}
    ways = {
        "openstack": cloud is not None and clouds_yaml is not None,
        "vsphere": vcenter is not None and user is not None and password_file is not None,
        "simulated": simulated and world is not None,
    }
    if sum(ways.values()) != 1 or bool(cloud or clouds_yaml) + bool(vcenter or user) + bool(simulated or world) != 1:
        raise WrongUsage(ONE_WAY)
    if cloud is not None and clouds_yaml is not None:
        access = read_cloud(clouds_yaml, cloud, password_file)
        region |= {"provider": "openstack", "public": access.public, "secret": access.secret}
    elif vcenter is not None and user is not None and password_file is not None:
        authority = {} if ca_file is None else {"cacert": str(ca_file.resolve())}
        public = {"url": vcenter, "username": user, **authority}
        region |= {"provider": "vsphere", "public": public, "secret": read_password(password_file)}
    elif world is not None:
        region |= {"provider": "simulated", "public": {"world": str(world.resolve())}}
    carry_through(terminal, terminal.api.post(path_to("regions"), region), no_wait=no_wait)


@command(regions, "listen", "设置区域通知变更的消息总线。")
def set_bus(
    terminal: Terminal,
    code: Code,
    bus: Annotated[
        str | None, option("rabbit://user@host:port/vhost.", "rabbit://用户@主机:端口/虚拟主机。", "--bus")
    ] = None,
    password_file: Annotated[Path | None, option("Password at the bus.", "总线密码文件。", "--password-file")] = None,
    topic: Annotated[str, option("Topic of the notifications.", "通知主题。", "--topic")] = "notifications",
    off: Annotated[bool, option("Ask for changes instead.", "改为轮询。", "--off")] = False,
) -> None:
    """Say on which message bus a region tells of changes."""
    address = path_to("regions", code, "bus")
    if off and bus is None and password_file is None:
        terminal.show(REGION, terminal.api.delete(address))
    elif not off and bus is not None and password_file is not None:
        body = {"url": bus, "topic": topic, "secret": read_password(password_file)}
        terminal.show(REGION, terminal.api.put(address, body))
    else:
        raise WrongUsage(LISTEN_OR_NOT)


@command(regions, "list", "列出区域及其是否可访问。")
def list_regions(terminal: Terminal, everything: All = False) -> None:
    """List the regions, and whether they answer."""
    terminal.show_list(REGIONS, path_to("regions"), everything=everything)


@command(regions, "show", "显示区域。")
def show_region(terminal: Terminal, code: Code) -> None:
    """Show a region, and why it does not answer."""
    terminal.show(REGION, terminal.api.get(path_to("regions", code)))


@command(regions, "sync", "读取区域资源。")
def sync_region(terminal: Terminal, code: Code, no_wait: NoWait = False) -> None:
    """Read what a region has."""
    carry_through(terminal, terminal.api.post(path_to("regions", code, "sync")), no_wait=no_wait)


@command(regions, "find-orphans", "查找区域中无归属的遗留资源。")
def find_orphans(terminal: Terminal, code: Code, no_wait: NoWait = False) -> None:
    """Look for what belongs to nobody in a region; `jinyun orphan list` shows it."""
    carry_through(terminal, terminal.api.post(path_to("regions", code, "find-orphans")), no_wait=no_wait)


@command(regions, "check-quotas", "检查区域自身是否设置了配额。")
def check_quotas(terminal: Terminal, code: Code, no_wait: NoWait = False) -> None:
    """Look whether a region limits by itself what Jinyun alone should; `jinyun alarm list` shows what was found."""
    carry_through(terminal, terminal.api.post(path_to("regions", code, "check-quotas")), no_wait=no_wait)


@command(regions, "lift-quotas", "解除区域自身的配额。")
def lift_quotas(terminal: Terminal, code: Code, no_wait: NoWait = False) -> None:
    """Make a region's projects that Jinyun is bound to unlimited again."""
    carry_through(terminal, terminal.api.post(path_to("regions", code, "lift-quotas")), no_wait=no_wait)


@command(regions, "accept-proposals", "将区域中的规格、镜像与存储类型纳入目录。")
def accept_proposals(terminal: Terminal, code: Code) -> None:
    """Offer every flavor, image and storage tier of a region that a suggestion can be made for."""
    answer = terminal.api.post(path_to("regions", code, "accept-proposals"))
    if terminal.output == "json":
        terminal.print_json(answer)
    else:
        terminal.show_table(PROPOSALS, [*answer["accepted"], *answer["left"]])


@command(pools, "list", "列出资源池。")
def list_pools(terminal: Terminal, region: RegionFilter = None, everything: All = False) -> None:
    """List the pools."""
    terminal.show_list(POOLS, path_to("pools"), everything=everything, region=region)


@command(pools, "set", "开放或关闭资源池，设置适用范围与超配比。")
def set_pool(
    terminal: Terminal,
    pool: Annotated[str, argument("Name or id.", "名称或标识。")],
    region: RegionFilter = None,
    orderable: Annotated[bool | None, option("Open or close it.", "开放或关闭。", "--orderable/--no-orderable")] = None,
    criticality: Annotated[
        Literal["key", "general", "any"] | None,
        option("For which systems it is.", "适用的重要程度。", "--criticality"),
    ] = None,
    cpu_ratio: Annotated[float | None, option("CPU overcommit.", "CPU 超配比。", "--cpu-ratio")] = None,
    memory_ratio: Annotated[float | None, option("Memory overcommit.", "内存超配比。", "--memory-ratio")] = None,
    dedicated_to: Annotated[
        str | None,
        option(
            "`department:CODE`, `project:CODE` or `all`.",
            "`department:代码`、`project:代码` 或 `all`。",
            "--dedicated-to",
        ),
    ] = None,
    owner: Annotated[
        str | None,
        option(
            "Who answers for it: `person:LOGIN`, `role:ROLE` or `nobody`.",
            "负责人：`person:用户名`、`role:角色` 或 `nobody`。",
            "--owner",
        ),
    ] = None,
    tags: Annotated[str | None, option("With commas; `none`: no tag.", "逗号分隔；`none` 为无。", "--tags")] = None,
    licences: Annotated[
        str | None, option("With commas; `none`: none.", "许可，逗号分隔；`none` 为无。", "--licences")
    ] = None,
    tiers: Annotated[
        str | None, option("Tiers that reach it; `all`.", "可达的存储等级；`all` 为全部。", "--tiers")
    ] = None,
    networks: Annotated[
        str | None, option("Networks that reach it; `all`.", "可达的网络；`all` 为全部。", "--networks")
    ] = None,
    keep_a_host: Annotated[
        bool | None, option("Always survive a host's loss.", "始终可容忍单机故障。", "--keep-a-host/--no-keep-a-host")
    ] = None,
    weight: Annotated[float | None, option("Preference among equals.", "同等条件下的权重。", "--weight")] = None,
) -> None:
    """Open or close a pool, say for which systems it is, what reaches it, or what it may promise."""
    said = {
        "orderable": orderable,
        "cpu_ratio": cpu_ratio,
        "memory_ratio": memory_ratio,
        "keeps_a_host": keep_a_host,
        "weight": weight,
        "tags": None if tags is None else _listed(tags, "none"),
        "licences": None if licences is None else _listed(licences, "none"),
    }
    changes: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
    if criticality is not None:
        changes["criticality_class"] = None if criticality == "any" else criticality
    if dedicated_to is not None:
        changes["dedicated_to"] = None if dedicated_to == "all" else dedicated_to
    if owner is not None:
        changes["owner"] = None if owner == "nobody" else owner
    for key, words in (("tiers", tiers), ("networks", networks)):
        if words is not None:
            changes[key] = _listed(words, "all") or None
    if not changes:
        raise WrongUsage(Text("Nothing is to be changed.", "没有要修改的内容。"))
    path = path_to("pools", find_pool_id(terminal.api, pool, region))
    _, version = terminal.api.get_tagged(path)
    terminal.show(POOLS, terminal.api.patch(path, changes, if_match=version))


def _listed(words: str, nothing: str) -> list[str]:
    """Return what stands between commas; an empty list for the word that means it."""
    return [] if words == nothing else [word.strip() for word in words.split(",")]
