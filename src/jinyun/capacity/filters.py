"""What rules a pool out, each with its reason; applied in the order of `FILTERS`."""

from collections.abc import Callable
from dataclasses import dataclass

from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.rooms import PoolRoom
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
    pool = room.pool
    if pool.region_state == states.READY:
        return None
    return Text("Region {region} is {state}", "区域 {region} 状态为 {state}").format(
        region=pool.region, state=pool.region_state
    )


def _orderable(room: PoolRoom, _request: PlacementRequest) -> Text | None:
    if room.pool.orderable and room.pool.present:
        return None
    return Text("The system administrator has not opened it", "系统管理员尚未开放该资源池")


def _takes_new_servers(room: PoolRoom, _request: PlacementRequest) -> Text | None:
    if room.pool.takes_new_servers:
        return None
    return Text("New servers are not yet delivered to a vCenter", "暂不支持在 vCenter 上交付新服务器")


def _offered(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.offered_in is None or room.pool.region_id in request.offered_in:
        return None
    return Text("Its region lacks the flavor, image or tier", "所在区域没有所需的规格、镜像或存储等级")


def _region_wanted(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.region_id in {None, room.pool.region_id}:
        return None
    return Text("Another region is wanted", "申请指定了其他区域")


def _zone_wanted(room: PoolRoom, request: PlacementRequest) -> Text | None:
    zone = room.pool.zone or "-"
    if request.zone in {None, zone}:
        return None
    return Text("It is in zone {zone}", "位于可用区 {zone}").format(zone=zone)


def _network_reaches(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.network_region_id not in {None, room.pool.region_id}:
        return Text("The network does not reach its region", "所选网络不通达该区域")
    if request.network is None or room.pool.networks is None or request.network in room.pool.networks:
        return None
    return Text("The network does not reach its hosts", "所选网络不通达其主机")


def _tiers_reach(room: PoolRoom, request: PlacementRequest) -> Text | None:
    wanted = request.reaching_tiers.union(request.tiers)
    if room.pool.tiers is None or wanted <= room.pool.tiers:
        return None
    return Text("No {tiers} storage reaches its hosts", "{tiers} 存储不通达其主机").format(
        tiers=", ".join(sorted(wanted - room.pool.tiers))
    )


def _kind(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.hypervisor in {None, room.pool.hypervisor}:
        return None
    return Text("It runs {hypervisor}", "虚拟化类型为 {hypervisor}").format(hypervisor=room.pool.hypervisor or "-")


def _dedicated(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if room.pool.dedicated_to is None or room.pool.dedicated_to in request.scopes:
        return None
    return Text("It is dedicated to others", "专供其他部门或应用系统")


def _tags_wanted(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.tags <= room.pool.tags:
        return None
    return Text("It lacks the tag {tags}", "缺少标签 {tags}").format(
        tags=", ".join(sorted(request.tags - room.pool.tags))
    )


def _tags_forbidden(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.without_tags.isdisjoint(room.pool.tags):
        return None
    return Text("It has the tag {tags}", "带有标签 {tags}").format(
        tags=", ".join(sorted(request.without_tags & room.pool.tags))
    )


def _licensed(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.licences <= room.pool.licences:
        return None
    return Text("It is not licensed for {licences}", "没有 {licences} 许可").format(
        licences=", ".join(sorted(request.licences - room.pool.licences))
    )


def _apart(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if room.pool.id not in request.not_in_pools:
        return None
    return Text("What it must stay apart from is there", "需与之分离的服务器位于该资源池")


def _pool_chosen(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.in_pool in {None, room.pool.id}:
        return None
    return Text("Another pool was chosen", "已指定其他资源池")


def _host_chosen(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if request.on_host is None or room.places_for(request.size, enough=1, where=request.on_host.__eq__):
        return None
    return Text("It has no room on host {host}", "主机 {host} 不在其中或空间不足").format(host=request.on_host)


def _group(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if not request.minds_hosts:
        return None
    if room.places_for(request.size, enough=request.servers, where=request.may_be_on) >= request.servers:
        return None
    return Text(
        "Its server group, or what was tried before, leaves no host of it that has room",
        "按服务器组规则及已尝试的主机，其中没有可用主机",
    )


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
    places = room.places_for(request.size, enough=request.servers)
    if places >= request.servers:
        return None
    return Text("Its hosts have places for {places}", "各主机合计可容纳 {places} 台").format(places=places)


def _keeps_a_host(room: PoolRoom, request: PlacementRequest) -> Text | None:
    if not room.pool.keeps_a_host or room.survives_a_host(request.amount):
        return None
    return Text("With it, it would not survive the loss of a host", "放置后将无法容忍单台主机故障")


FILTERS: tuple[Filter, ...] = (
    Filter("region", Text("{count} in a region that is not ready", "{count} 个所在区域未就绪"), _region_ready),
    Filter("orderable", Text("{count} not open for orders", "{count} 个未开放"), _orderable),
    Filter("new-servers", Text("{count} that take no new servers", "{count} 个不接受新服务器"), _takes_new_servers),
    Filter("offered", Text("{count} without the flavor, image or tier", "{count} 个缺少规格、镜像或存储"), _offered),
    Filter("region-wanted", Text("{count} in another region", "{count} 个位于其他区域"), _region_wanted),
    Filter("zone", Text("{count} in another zone", "{count} 个位于其他可用区"), _zone_wanted),
    Filter("chosen", Text("{count} not the one that was chosen", "{count} 个不是指定的资源池"), _pool_chosen),
    Filter("network", Text("{count} out of the network's reach", "{count} 个网络不可达"), _network_reaches),
    Filter("criticality", Text("{count} kept for other systems", "{count} 个专用于其他级别系统"), _criticality),
    Filter("dedicated", Text("{count} dedicated to others", "{count} 个专供其他部门或系统"), _dedicated),
    Filter("kind", Text("{count} of another kind", "{count} 个虚拟化类型不符"), _kind),
    Filter("tags", Text("{count} without a wanted tag", "{count} 个缺少所需标签"), _tags_wanted),
    Filter("without-tags", Text("{count} with an unwanted tag", "{count} 个带有排除标签"), _tags_forbidden),
    Filter("licences", Text("{count} without the licence", "{count} 个缺少许可"), _licensed),
    Filter("tiers", Text("{count} out of the storage's reach", "{count} 个存储不可达"), _tiers_reach),
    Filter("apart", Text("{count} with what it stays apart from", "{count} 个含需分离的服务器"), _apart),
    Filter("capacity", Text("{count} without enough room", "{count} 个剩余容量不足"), _room_in_all),
    Filter("host", Text("{count} without a host that has room", "{count} 个没有单台主机可容纳"), _room_on_a_host),
    Filter("host-chosen", Text("{count} without room on the chosen host", "{count} 个的指定主机不可用"), _host_chosen),
    Filter("group", Text("{count} without a host that its server group allows", "{count} 个不符合服务器组"), _group),
    Filter("n-plus-one", Text("{count} that would not survive a host", "{count} 个将无法容忍单机故障"), _keeps_a_host),
)
