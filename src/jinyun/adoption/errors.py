"""Why something cannot be adopted."""

from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text


class MachineNotObserved(Problem):
    """No region shows such a machine."""

    status = 404
    detail = Text("No region shows a machine {machine}.", "没有任何区域存在机器 {machine}。")
    hint = Text(
        "Name it by its id, or by its name and region; see `jinyun observed list`.",
        "请使用标识，或名称加区域；参见 `jinyun observed list`。",
    )


class MachineNameAmbiguous(Problem):
    """Several have this name."""

    status = 409
    detail = Text("{count} machines are called {machine}.", "有 {count} 台机器名为 {machine}。")
    hint = Text("Name its region, or its id.", "请注明区域或使用标识。")


class MachineVanished(Problem):
    """It is there no more."""

    status = 409
    detail = Text(
        "Machine {machine} was last seen at {when}; it is gone.", "机器 {machine} 最后出现于 {when}，现已不存在。"
    )
    hint = Text("Take the line out.", "请删除该行。")


class MachineNotAdoptable(Problem):
    """Only servers can be adopted, and where something can be done with them."""

    status = 409
    detail = Text("{machine} cannot be adopted: {why}", "{machine} 无法纳管：{why}")
    hint = Text("Take the line out.", "请删除该行。")


class MachineAlreadyOurs(Problem):
    """It belongs to an application system, or was asked for."""

    status = 409
    detail = Text(
        "Machine {machine} belongs to application system {project} already, or was asked for it.",
        "机器 {machine} 已归属应用系统 {project}，或正在为其申请纳管。",
    )
    hint = Text("Have it given back there first.", "请先在原应用系统解除纳管。")


class MachineManagedElsewhere(Problem):
    """One manager a machine: what Nova made is Nova's."""

    status = 409
    detail = Text(
        "Machine {machine} is a server of the OpenStack region {region}: it is read-only here.",
        "机器 {machine} 是 OpenStack 区域 {region} 的服务器，此处只读。",
    )
    hint = Text("Adopt it in that region.", "请在该区域中纳管。")


class MachineNamedTwice(Problem):
    """An earlier line names it, or its hostname, too."""

    status = 409
    detail = Text("{name} stands in an earlier line, too.", "{name} 与前面的行重复。")
    hint = Text("Leave one of the two out.", "请删除其中一行。")


class UnknownSystem(Problem):
    """No application system has this code."""

    status = 422
    detail = Text("There is no application system {code}.", "应用系统 {code} 不存在。")
    hint = Text("Use a code of `jinyun project list`.", "请使用 `jinyun project list` 中的代码。")


class BadEncoding(Problem):
    """The line is not text as it was announced."""

    status = 422
    detail = Text("The line is neither UTF-8 nor GBK.", "该行编码既不是 UTF-8 也不是 GBK。")
    hint = Text("Save the file as CSV UTF-8.", "请将文件另存为 CSV UTF-8。")


class BadLine(Problem):
    """The line has not what the header says."""

    status = 422
    detail = Text("The line cannot be read: {why}", "无法读取该行：{why}")
    hint = Text("Compare it with what `jinyun adopt export` writes.", "请与 `jinyun adopt export` 的输出对照。")


class NothingToAdopt(Problem):
    """No line asks for anything."""

    status = 422
    detail = Text("No line names an application system.", "没有任何一行填写应用系统。")
    hint = Text("Fill in the column `project` of the machines to adopt.", "请填写要纳管机器的 `project` 列。")


class AdoptionDecided(Problem):
    """There is nothing left that waits for a decision."""

    status = 409
    detail = Text("Nothing of this batch waits for a decision any more.", "该批次已没有待审批的内容。")
    hint = Text("See its lines.", "请查看各行结果。")


class NotAdopted(Problem):
    """Jinyun made the server, or it was given back."""

    status = 409
    detail = Text(
        "Server {hostname} was not adopted, or is so no more.", "服务器 {hostname} 并非纳管所得，或已解除纳管。"
    )
    hint = Text("What Jinyun made is deleted instead.", "平台交付的服务器请使用删除。")


class AlreadyManaged(Problem):
    """It is at the top of the ladder."""

    status = 409
    detail = Text("Server {hostname} is managed already.", "服务器 {hostname} 已是托管状态。")
    hint = Text("Nothing needs to be done.", "无需处理。")


class DiskNotLarger(Problem):
    """A disk only grows."""

    status = 422
    detail = Text(
        "Disk {disk} has {present} GiB; {wanted} GiB is no more.",
        "磁盘 {disk} 现为 {present} GiB，{wanted} GiB 并未增大。",
    )
    hint = Text("Ask for a larger size.", "请填写更大的容量。")


class NowhereToMove(Problem):
    """A move needs an aim."""

    status = 422
    detail = Text("Neither host nor datastore is named.", "未指定主机或数据存储。")
    hint = Text("Name one of them, or both.", "请至少指定一项。")


class RuleNeedsProject(Problem):
    """A rule names an application system exactly where it gives that one."""

    status = 422
    detail = Text(
        "A rule that gives `project` names one, and no other does.",
        "gives 为 `project` 的规则须指定应用系统，其他规则不能指定。",
    )
    hint = Text("State `project`, or leave it out.", "请填写或去掉 `project`。")
