"""What a cloud operator makes once: zones, flavors, images, volume types and the networks of the data centre."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from openstack.connection import Connection
from openstack.image.v2._proxy import Proxy as Glance

from lab import facts
from lab.identity import connect
from lab.image import Image, build_of, images
from lab.layout import Layout

# Image property that names the build of the image's file.
BUILD = "jinyun_lab_build"

PATIENCE = timedelta(seconds=150)


class NotReady(Exception):
    """The cloud did not come to life in time; the message says what is missing."""


def plant(layout: Layout) -> None:
    """Make whatever is missing, and wait until the cloud can build servers and volumes."""
    with connect(layout) as cloud:
        plant_flavors(cloud)
        plant_volume_types(cloud)
        plant_networks(cloud)
        for image in images(layout):
            plant_image(cloud, image, build_of(layout))
        await_hosts(cloud)
        plant_zones(cloud)
        await_volume_backends(cloud)


def plant_flavors(cloud: Connection) -> None:
    """Sizes of servers."""
    known = {flavor.name for flavor in cloud.compute.flavors(details=False)}
    for flavor in facts.FLAVORS:
        if flavor.name not in known:
            cloud.compute.create_flavor(name=flavor.name, vcpus=flavor.vcpus, ram=flavor.ram_mib, disk=flavor.disk_gib)


def plant_volume_types(cloud: Connection) -> None:
    """One volume type a storage tier."""
    known = {kind.name for kind in cloud.block_storage.types()}
    for name in facts.VOLUME_TYPES:
        if name not in known:
            cloud.block_storage.create_type(name=name, extra_specs={"volume_backend_name": name})


def plant_networks(cloud: Connection) -> None:
    """Networks that exist in the data centre's switches."""
    known = {network.name: network for network in cloud.network.networks()}
    subnets = {subnet.name for subnet in cloud.network.subnets()}
    for network in facts.NETWORKS:
        made = known.get(network.name) or cloud.network.create_network(
            name=network.name,
            shared=not network.external,
            is_router_external=network.external,
            provider_network_type="vlan" if network.vlan else "flat",
            provider_physical_network=facts.PHYSICAL_NETWORK,
            **({"provider_segmentation_id": network.vlan} if network.vlan else {}),
        )
        if network.name not in subnets:
            first, last = network.pool
            cloud.network.create_subnet(
                name=network.name,
                network_id=made.id,
                ip_version=4,
                cidr=network.cidr,
                gateway_ip=network.gateway,
                is_dhcp_enabled=not network.external,
                allocation_pools=[{"start": first, "end": last}],
            )


def plant_image(cloud: Connection, image: Image, build: str) -> None:
    """An image to boot from; one of an older build, or whose upload broke off, is replaced."""
    glance = cast(Glance, cloud.image)
    for found in glance.images(name=image.name):
        if found.status == "active" and found.properties.get(BUILD) == build:
            return
        glance.delete_image(found)
    cloud.create_image(
        image.name,
        filename=str(image.file),
        disk_format="qcow2",
        container_format="bare",
        visibility="public",
        wait=True,
        allow_duplicates=True,
        meta={**image.properties, BUILD: build},
    )


def plant_zones(cloud: Connection) -> None:
    """Availability zones: an aggregate of hosts each."""
    known = {aggregate.name: aggregate for aggregate in cloud.compute.aggregates()}
    for zone in facts.ZONES:
        aggregate = known.get(zone.aggregate) or cloud.compute.create_aggregate(
            name=zone.aggregate, availability_zone=zone.name
        )
        for host in set(zone.hosts) - set(aggregate.hosts or ()):
            aggregate = cloud.compute.add_host_to_aggregate(aggregate, host)
        place_zone(cloud, zone, aggregate.uuid)


def place_zone(cloud: Connection, zone: facts.Zone, aggregate_id: str) -> None:
    """Have Placement know every hypervisor of a zone: of a compute that has several, Nova enters but one."""
    details = cloud.compute.hypervisors(details=True)
    here = {each.name for each in details if each.service_details["host"] in zone.hosts}
    known = {each.id for each in cloud.placement.resource_providers(member_of=aggregate_id)}
    for provider in cloud.placement.resource_providers():
        if provider.name in here and provider.id not in known:
            provider.set_aggregates(cloud.placement, [aggregate_id])


def await_hosts(cloud: Connection) -> None:
    """Wait until the computes report in, and Nova has put every hypervisor into its cell."""
    started = datetime.now(UTC)
    wanted = {facts.KVM_HOST, *facts.NODES_IN_NAME}
    _wait("computes", lambda: wanted - _fresh_hosts(cloud, started))
    hypervisors = 1 + sum(facts.NODES_IN_NAME.values())
    _wait("hypervisors", lambda: _shortfall(hypervisors, len(list(cloud.compute.hypervisors(details=True)))))


def await_volume_backends(cloud: Connection) -> None:
    """Wait until every storage tier reports in."""
    wanted = {f"storage@{tier}" for tier in facts.VOLUME_TYPES}
    _wait("volume backends", lambda: wanted - {s.host for s in cloud.block_storage.services() if s.state == "up"})


def _fresh_hosts(cloud: Connection, started: datetime) -> set[str]:
    """Computes that have reported since this wait began: an older report may stem from before a restart."""
    services = cloud.compute.services(binary="nova-compute")
    return {service.host for service in services if service.state == "up" and _is_after(service.updated_at, started)}


def _is_after(report: str | None, moment: datetime) -> bool:
    return report is not None and datetime.fromisoformat(report).replace(tzinfo=UTC) >= moment


def _shortfall(wanted: int, found: int) -> set[str]:
    return {f"{found} of {wanted} are there"} if found < wanted else set()


def _wait(what: str, missing: Callable[[], set[str]]) -> None:
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while lacking := missing():
        if time.monotonic() > deadline:
            raise NotReady(f"{what} did not come up: {', '.join(sorted(lacking))}")
        time.sleep(0.5)
