"""Problems of this room."""

from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text


class VolumeInUse(Problem):
    """It is on a server."""

    status = 409
    detail = Text(
        "Volume {name} is {state}; only an available one can be used so.",
        "卷 {name} 的状态为 {state}，仅可用状态的卷才能执行此操作。",
    )
    hint = Text("Detach it first, or wait until it is made.", "请先卸载该卷，或等待其创建完成。")


class VolumeNotReady(Problem):
    """It is being made, or is not there any more."""

    status = 409
    detail = Text(
        "Volume {name} is {state}; it has to be available or on a server.",
        "卷 {name} 的状态为 {state}，须为可用或已挂载状态。",
    )
    hint = Text("Wait until it is made.", "请等待其创建完成。")


class VolumeHasSnapshots(Problem):
    """A volume stays for as long as it has snapshots."""

    status = 409
    detail = Text("Volume {name} has {count} snapshots.", "卷 {name} 有 {count} 个快照。")
    hint = Text("Delete its snapshots first.", "请先删除其快照。")


class NotLarger(Problem):
    """A volume can only grow."""

    status = 422
    detail = Text(
        "Volume {name} has {present} GiB; {wanted} GiB is not more.",
        "卷 {name} 现有 {present} GiB，{wanted} GiB 并未变大。",
    )
    hint = Text("Name a larger size.", "请填写更大的容量。")


class SnapshotNotReady(Problem):
    """It is being made, or is not there any more."""

    status = 409
    detail = Text("Snapshot {name} is {state}.", "快照 {name} 的状态为 {state}。")
    hint = Text("Wait until it is made.", "请等待其创建完成。")


class SnapshotDoesNotFit(Problem):
    """A volume from a snapshot is where the snapshot is, of its tier, and at least as large."""

    status = 422
    detail = Text(
        "Snapshot {name} has {size} GiB of tier {tier} in region {region}.",
        "快照 {name} 位于区域 {region}，存储等级 {tier}，容量 {size} GiB。",
    )
    hint = Text(
        "Order a volume of that tier and region, and not a smaller one.",
        "请申请相同区域和存储等级、容量不小于快照的卷。",
    )


class VolumeNotRecycled(Problem):
    """It is not in the recycle bin."""

    status = 409
    detail = Text("Volume {name} is {state}, not in the recycle bin.", "卷 {name} 的状态为 {state}，不在回收站中。")
    hint = Text("There is nothing to restore.", "无需恢复。")


class VolumeLeaseOver(Problem):
    """Nothing is brought back whose lease is over."""

    status = 409
    detail = Text("The lease of volume {name} is over.", "卷 {name} 的租期已满。")
    hint = Text("Order an extension of its lease first.", "请先申请延长租期。")
