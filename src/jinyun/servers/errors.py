"""Problems of this room."""

from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text


class WrongServerState(Problem):
    """The verb is not possible in this state."""

    status = 409
    detail = Text(
        "Server {hostname} is {state}; {verb} is not possible now.",
        "服务器 {hostname} 的状态为 {state}，当前不能执行 {verb}。",
    )
    hint = Text("Possible when it is: {possible}.", "可在以下状态执行：{possible}。")


class VerbNotOffered(Problem):
    """A machine that was there before cannot do all that one of Jinyun's own can."""

    status = 409
    detail = Text(
        "Server {hostname} is {ladder}: {verb} is not offered.", "服务器 {hostname} 为{ladder}：不提供 {verb}。"
    )
    hint = Text(
        "Offered are: {verbs}. An operator can have an adopted server managed.",
        "可执行：{verbs}。已纳管的服务器可由运维人员提升为托管。",
    )


class NotAttached(Problem):
    """The volume is not on this server."""

    status = 409
    detail = Text("Volume {volume} is not on server {hostname}.", "卷 {volume} 未挂载在服务器 {hostname} 上。")
    hint = Text("Look at the server's volumes.", "请查看该服务器的卷列表。")


class VolumeElsewhere(Problem):
    """Volume and server have nothing to do with each other."""

    status = 409
    detail = Text(
        "Volume {volume} belongs to another application system or region than server {hostname}.",
        "卷 {volume} 与服务器 {hostname} 不属于同一应用系统或区域。",
    )
    hint = Text("Use a volume of the same application system and region.", "请使用同一应用系统、同一区域的卷。")


class SameFlavor(Problem):
    """It has this flavor."""

    status = 409
    detail = Text("Server {hostname} has flavor {flavor} already.", "服务器 {hostname} 已是规格 {flavor}。")
    hint = Text("Choose another flavor.", "请选择其他规格。")


class SmallerDisk(Problem):
    """A disk cannot shrink."""

    status = 422
    detail = Text(
        "Flavor {flavor} has a disk of {wanted} GiB; the server's has {present} GiB and cannot shrink.",
        "规格 {flavor} 的磁盘为 {wanted} GiB，小于服务器现有的 {present} GiB，磁盘不能缩小。",
    )
    hint = Text("Choose a flavor whose disk is at least as large.", "请选择磁盘不小于现有磁盘的规格。")


class HostnameTaken(Problem):
    """Another living server has it."""

    status = 409
    detail = Text("The hostname {hostname} is taken.", "主机名 {hostname} 已被占用。")
    hint = Text("Choose another hostname.", "请换一个主机名。")


class InvalidPublicKey(Problem):
    """Not an OpenSSH public key."""

    status = 422
    detail = Text("This is not an OpenSSH public key.", "这不是有效的 OpenSSH 公钥。")
    hint = Text("Paste the content of your .pub file (one line).", "请粘贴 .pub 文件的内容（一行）。")


class ConsoleOutputNotRead(Problem):
    """The operation that reads it has not finished, or its output was forgotten."""

    status = 409
    detail = Text(
        "The console output has not been read: operation {state}.", "控制台输出尚未读取：操作状态为 {state}。"
    )
    hint = Text("Wait for the operation, or ask again.", "请等待操作完成，或重新请求。")


class LeaseOver(Problem):
    """Nothing is brought back whose lease is over."""

    status = 409
    detail = Text("The lease of server {hostname} is over.", "服务器 {hostname} 的租期已满。")
    hint = Text("Order an extension of its lease first.", "请先申请延长租期。")


class FloatingNotReady(Problem):
    """It is being delivered."""

    status = 409
    detail = Text("Floating address {address} is {state}.", "浮动地址 {address} 的状态为 {state}。")
    hint = Text("Wait until its operation ends.", "请等待其操作完成。")


class ServerElsewhere(Problem):
    """An address answers for servers of its region alone."""

    status = 409
    detail = Text(
        "Server {hostname} is in another region than the address.", "服务器 {hostname} 与该地址不在同一区域。"
    )
    hint = Text("Choose an address of the server's region.", "请选择服务器所在区域的地址。")
