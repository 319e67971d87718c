"""What the address plan has to say against a request."""

from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text


class NoFreeAddress(Problem):
    """All addresses of the network are taken."""

    status = 409
    detail = Text("Network {network} has no free address.", "网络 {network} 没有空闲地址。")
    hint = Text(
        "Choose another network, or ask an operator for a larger range.", "请选择其他网络，或请运维人员扩大地址段。"
    )


class AddressTaken(Problem):
    """Somebody has it."""

    status = 409
    detail = Text("Address {address} is taken.", "地址 {address} 已被占用。")
    hint = Text("Choose another address, or leave the choice to Jinyun.", "请选择其他地址，或由金云自动分配。")


class AddressOutsideRange(Problem):
    """Jinyun does not hand this address out."""

    status = 422
    detail = Text(
        "Address {address} is in none of the ranges that are handed out in network {network}.",
        "地址 {address} 不在网络 {network} 可分配的地址段内。",
    )
    hint = Text("Choose an address of one of its ranges: {ranges}.", "请在其地址段中选择：{ranges}。")


class AddressNotReserved(Problem):
    """It is held or used by something that gives it back itself."""

    status = 409
    detail = Text("Address {address} is {state}, not reserved.", "地址 {address} 的状态为 {state}，不是预留地址。")
    hint = Text("Release what uses it.", "请释放占用该地址的资源。")


class NetworkNotReady(Problem):
    """It is still being made."""

    status = 409
    detail = Text("Network {network} is not ready: {state}.", "网络 {network} 尚未就绪：{state}。")
    hint = Text("Wait until its operation ends.", "请等待其创建操作完成。")


class SubnetOverlaps(Problem):
    """One address plan: no two networks of a region share an address."""

    status = 409
    detail = Text("{cidr} overlaps with {other} of network {network}.", "{cidr} 与网络 {network} 的 {other} 重叠。")
    hint = Text("Choose a prefix that is free.", "请选择未使用的网段。")


class NothingToHandOut(Problem):
    """The region's own allocation pools leave no address to Jinyun."""

    status = 409
    detail = Text(
        "The region hands out all addresses of network {network} itself; none is left for Jinyun.",
        "网络 {network} 的地址已全部在区域自身的分配池中，没有可供金云分配的地址。",
    )
    hint = Text(
        "Shrink the allocation pools of its subnets in the region, synchronise, and accept it again.",
        "请在区域中缩小其子网的分配池，同步后再次接纳。",
    )


class OpenToTheWorld(Problem):
    """It would be no protection at all."""

    status = 422
    detail = Text(
        "The rule {rule} lets everything in from anywhere.",
        "规则 {rule} 允许任何来源的任何流量进入。",
    )
    hint = Text("Name a protocol with its ports, or from where.", "请指定协议及端口，或指定来源。")


class RuleWithinAnother(Problem):
    """It allows nothing that another rule does not."""

    status = 422
    detail = Text("The rule {rule} is contained in {other}.", "规则 {rule} 已包含在 {other} 之中。")
    hint = Text("Leave one of the two out.", "请去掉其中一条。")


class NothingChanges(Problem):
    """The security group has exactly these rules."""

    status = 409
    detail = Text("Security group {group} has exactly these rules.", "安全组 {group} 的规则与此完全相同。")
    hint = Text("See `GET /v1/security-groups`.", "见 `GET /v1/security-groups`。")


class SecurityGroupInUse(Problem):
    """Servers, orders or other groups need it."""

    status = 409
    detail = Text(
        "Security group {group} is needed by {count} servers, orders or other groups.",
        "安全组 {group} 正被 {count} 个服务器、订单或其他安全组使用。",
    )
    hint = Text("It can be deleted once nothing uses it.", "不再被使用后即可删除。")


class NoFreePrefix(Problem):
    """The bank's plan gives no prefix of this size there."""

    status = 409
    detail = Text(
        "Region {region} has no free prefix of length {length} in its pools.",
        "区域 {region} 的网段池中没有空闲的 /{length} 网段。",
    )
    hint = Text(
        "Ask for a smaller network, or an operator for another pool.", "请申请更小的网络，或请运维人员增加网段池。"
    )


class PrefixPoolOverlaps(Problem):
    """Two pools would give the same prefix."""

    status = 409
    detail = Text("{cidr} overlaps with the pool {other}.", "{cidr} 与网段池 {other} 重叠。")
    hint = Text("Choose a prefix that is in no pool.", "请选择不属于任何网段池的网段。")


class PrefixPoolInUse(Problem):
    """Networks have prefixes of it."""

    status = 409
    detail = Text("{count} networks have prefixes of the pool {cidr}.", "网段池 {cidr} 已分配给 {count} 个网络。")
    hint = Text("Delete the networks first.", "请先删除这些网络。")


class NetworkInUse(Problem):
    """Somebody has an address there, or it is being made or deleted."""

    status = 409
    detail = Text(
        "Network {network} is {state}; {count} of its addresses are taken, or routers join it.",
        "网络 {network} 的状态为 {state}，有 {count} 个地址被占用或路由器连接。",
    )
    hint = Text(
        "It can be deleted once no address of it is taken and no router joins it.",
        "地址全部释放且无路由器连接后即可删除。",
    )


class NetworkNotOurs(Problem):
    """It was there before Jinyun."""

    status = 409
    detail = Text(
        "Network {network} is one of the data centre, not of an application system.",
        "网络 {network} 属于数据中心，不是应用系统的网络。",
    )
    hint = Text("Whoever runs the region removes it.", "请由区域管理方删除。")


class NetworkHasRouter(Problem):
    """A network's gateway is one router's."""

    status = 409
    detail = Text("Network {network} is joined by a router already.", "网络 {network} 已连接路由器。")
    hint = Text("Delete that router first.", "请先删除该路由器。")


class RouterNotReady(Problem):
    """It is being made or deleted."""

    status = 409
    detail = Text("Router {router} is not ready: {state}.", "路由器 {router} 尚未就绪：{state}。")
    hint = Text("Wait until its operation ends.", "请等待其操作完成。")


class NetworkNotExternal(Problem):
    """Floating addresses come from networks that lead outside."""

    status = 422
    detail = Text("Network {network} does not lead outside.", "网络 {network} 不是外部网络。")
    hint = Text("Choose one of the kind `external`.", "请选择类型为 `external` 的网络。")


class NetworkIsExternal(Problem):
    """Servers are not put into a network that leads outside."""

    status = 422
    detail = Text("Network {network} leads outside.", "网络 {network} 是外部网络。")
    hint = Text(
        "Put the server into another network, and order a floating address for it.",
        "请将服务器放入其他网络，并为其申请浮动地址。",
    )
