"""What rules a pool out, each with its reason; applied in the order of `FILTERS`."""

from collections.abc import Callable
from dataclasses import dataclass

from jinyun.capacity.measure import PoolRoom
from jinyun.capacity.request import PlacementRequest
from jinyun.kit.texts import Text
from jinyun.regions import states


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: `why_not` gives the reason against a pool, or None."""

    name: str
    title: Text
    """With `{count}`, how many pools it ruled out."""
    why_not: Callable[[PoolRoom, PlacementRequest], Text | None]


def _region_ready(room: PoolRoom, _request: PlacementRequest) -> Text | None:
    region = room.pool.region
    if region.state == states.READY:
        return None
    return Text("Region {region} is {state}", "区域 {region} 状态为 {state}").format(
        region=region.code, state=region.state
    )


def _orderable(room: PoolRoom, _request: PlacementRequest) -> Text | None:
    if room.pool.orderable and room.pool.present:
        return None
    return Text("An operator has not opened it", "运维人员尚未开放该资源池")


def _offered(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.offered_in is None or room.pool.region_id in request.offered_in:
        return None
    return Text("Its region lacks the flavor, image or tier", "所在区域没有所需的规格、镜像或存储等级")


def _region_wanted(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.region_id in {None, room.pool.region_id}:
        return None
    return Text("Another region is wanted", "申请指定了其他区域")


def _zone_wanted(room: PoolRoom, request: PlacementRequest) -> Text | None:
    zone = room.pool.zone.name if room.pool.zone else "-"
    if request.zone in {None, zone}:
        return None
    return Text("It is in zone {zone}", "位于可用区 {zone}").format(zone=zone)


def _network_reaches(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.network_region_id in {None, room.pool.region_id}:
        return None
    return Text("The network does not reach its region", "所选网络不通达该区域")


def _criticality(room: PoolRoom, request: PlacementRequest) -> Text | None:
    kept_for = room.pool.criticality_class
    if kept_for in {None, request.criticality}:
        return None
    return Text("It is kept for {kept_for} systems", "专用于 {kept_for} 级系统").format(kept_for=kept_for)


def _room_in_all(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if room.free.holds(request.amount):
        return None
    free = room.free.at_least_zero()
    return Text(
        "{vcpus} vCPUs, {memory} MiB and {disk} GiB are left", "剩余 {vcpus} vCPU、{memory} MiB 内存、{disk} GiB 磁盘"
    ).format(vcpus=free.vcpus, memory=free.memory_mib, disk=free.disk_gib)


def _room_on_a_host(room: PoolRoom, request: PlacementRequest) -> Text | None:
    places = room.places_for(request.size)
    if places >= request.servers:
        return None
    return Text("Its hosts have places for {places}", "各主机合计可容纳 {places} 台").format(places=places)


FILTERS: tuple[Filter, ...] = (
    Filter("region", Text("{count} in a region that is not ready", "{count} 个所在区域未就绪"), _region_ready),
    Filter("orderable", Text("{count} not open for orders", "{count} 个未开放"), _orderable),
    Filter("offered", Text("{count} without the flavor, image or tier", "{count} 个缺少规格、镜像或存储"), _offered),
    Filter("region-wanted", Text("{count} in another region", "{count} 个位于其他区域"), _region_wanted),
    Filter("zone", Text("{count} in another zone", "{count} 个位于其他可用区"), _zone_wanted),
    Filter("network", Text("{count} out of the network's reach", "{count} 个网络不可达"), _network_reaches),
    Filter("criticality", Text("{count} kept for other systems", "{count} 个专用于其他级别系统"), _criticality),
    Filter("capacity", Text("{count} without enough room", "{count} 个剩余容量不足"), _room_in_all),
    Filter("host", Text("{count} without a host that has room", "{count} 个没有单台主机可容纳"), _room_on_a_host),
)
