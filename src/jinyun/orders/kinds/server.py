"""Virtual servers, with their data volumes."""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from jinyun.capacity import service as capacity
from jinyun.capacity.request import PlacementRequest
from jinyun.catalog import service as catalog
from jinyun.catalog.models import ADDRESS, FLAVOR, TIER, Flavor, ImageVersion
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound
from jinyun.kit.ids import new_id
from jinyun.networks import groups as security_groups
from jinyun.networks import service as networks
from jinyun.networks.errors import NetworkIsExternal
from jinyun.networks.models import Network
from jinyun.networks.states import EXTERNAL, TENANT
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.errors import ImageDoesNotFit
from jinyun.orders.kinds.base import HOLDER, Size
from jinyun.orders.kinds.volume import add_volume, give_volume_back, hold_volume
from jinyun.orders.links import sibling, tiers_of_volumes_for
from jinyun.orders.models import Order, OrderItem
from jinyun.orders.schemas import DataVolume, ServerItem
from jinyun.organisation.models import Project
from jinyun.servers import groups, hostnames, keypairs, sizes, states
from jinyun.servers.models import Server
from jinyun.servers.steps.delivery import DeliverServer, give_everything_back

WISHES = ("server_group", "hypervisor", "tags", "without_tags", "licences")
"""What an applicant may say of where it is to be, beside the zone."""


class ServerKind:
    """A virtual server: placed, addressed and held when it is ordered; built when the order is approved."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: ServerItem) -> None:
        """Check the server and hold pool, address and storage for it."""
        placing = item.allocation.get("placing", {})
        wanted = wanted.model_copy(update={key: placing[key] for key in ("network", "address") if key in placing})
        ordered = sibling(order, "network", wanted.network)
        network = self._network(session, actor, order, wanted, ordered)
        flavor, image = self._catalog(session, wanted, network.region_id)
        key = keypairs.find(session, actor, wanted.keypair).public_key if wanted.keypair else None
        group = groups.rule_of(session, order.project_id, wanted.server_group) if wanted.server_group else None
        server_id = new_id()
        hostnames.take(session, wanted.hostname, server_id)
        hold = capacity.place_and_hold(
            session,
            actor,
            _request(order, wanted, flavor, network, placing),
            holder=(HOLDER, item.id),
            expires_at=order.held_until,
            group=group,
        )
        address = networks.allocate(
            session,
            network.id,
            (HOLDER, item.id),
            wanted.address or _kept(item, network),
            hostname=wanted.hostname,
            ordered=ordered is not None,
        )
        item.allocation = {
            "server_id": server_id,
            "hold_id": hold.id,
            "address_id": address.id,
            "address": address.address,
            "placement": hold.explanation,
            "flavor_id": flavor.id,
            "image_version_id": image.id,
            "network_id": network.id,
            "security_group_id": self._security_group(session, order, wanted, server_id),
            "network": network.code,
            "pool_id": hold.pool_id,
            "group_id": group.id if group else None,
            "placing": placing,
            "public_key": key,
            "volumes": [
                self._hold_volume(session, actor, order, item, network.region_id, index, volume)
                for index, volume in enumerate(wanted.volumes)
            ],
        }

    def parts(self, session: Session, project: Project, wanted: ServerItem) -> list[Part]:
        """Return its flavor, which includes the system disk, its address, and the data volumes by tier."""
        volumes = [Part(TIER, volume.tier, volume.size_gib) for volume in wanted.volumes]
        return [Part(FLAVOR, wanted.flavor), Part(ADDRESS), *volumes]

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Say what it is, what it takes, and where it will be."""
        wanted = item.specification
        volumes = ", ".join(f"{volume['size_gib']} GiB {volume['tier']}" for volume in wanted["volumes"])
        return {
            "kind": "server",
            "hostname": wanted["hostname"],
            "flavor": wanted["flavor"],
            "image": wanted["image"],
            "network": item.allocation.get("network", wanted["network"]),
            "security_group": wanted["security_group"],
            "address": item.allocation["address"],
            "volumes": volumes,
            "placement": item.allocation["placement"]["summary"],
            "survives_a_host": item.allocation["placement"]["chosen"]["survives_a_host"],
            **{key: wanted[key] for key in WISHES if wanted.get(key)},
            **{key: value for key, value in item.allocation.get("placing", {}).items() if key == "host"},
        }

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return the size of its flavor, with its data volumes."""
        flavor = session.get_one(Flavor, item.allocation["flavor_id"])
        storage = sum(volume["size_gib"] for volume in item.allocation["volumes"])
        return Size(flavor.vcpus, flavor.memory_mib, flavor.disk_gib + storage)

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep pool, address and storage."""
        for held in (item.allocation, *item.allocation["volumes"]):
            capacity.confirm(session, held["hold_id"])

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Make the server's row and its volumes', and start the delivery."""
        held, wanted = item.allocation, item.specification
        hold = capacity.confirm(session, held["hold_id"])
        network = session.get_one(Network, held["network_id"])
        server = Server(
            id=held["server_id"],
            project_id=order.project_id,
            region_id=network.region_id,
            pool_id=hold.pool_id,
            flavor_id=held["flavor_id"],
            image_version_id=held["image_version_id"],
            network_id=network.id,
            security_group_id=held["security_group_id"],
            address_id=held["address_id"],
            address=held["address"],
            hostname=wanted["hostname"],
            state=states.BUILDING,
            public_key=held["public_key"],
            user_data=wanted["user_data"],
            purpose=order.purpose,
            hold_id=held["hold_id"],
            group_id=held.get("group_id"),
            expires_at=order.expires_at,
        )
        session.add(server)
        for volume in held["volumes"]:
            add_volume(session, order, network.region_id, volume)
        ids = [volume["volume_id"] for volume in held["volumes"]]
        region = network.region.code
        return operations.start(
            session,
            actor,
            DeliverServer,
            parameters={
                "server_id": server.id,
                "region": region,
                "volumes": ids,
                "arrays": {volume["volume_id"]: f"{region}/{volume['tier']}" for volume in held["volumes"]},
            },
            subjects=[("server", server.id), *(("volume", volume_id) for volume_id in ids)],
            project_id=order.project_id,
            subject_name=server.hostname,
            backend=region,
            weight=sizes.weight_of(order.project),
        )

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release hostname, pool, address and storage."""
        held = item.allocation
        if session.get(Server, held["server_id"]) is not None:
            give_everything_back(session, held["server_id"], states.FAILED)
        else:
            capacity.release(session, held["hold_id"])
            networks.release(session, held["address_id"])
            security_groups.need_no_more(session, ("server", held["server_id"]))
            hostnames.give_up(session, held["server_id"])
        for volume in held["volumes"]:
            give_volume_back(session, volume)

    def _network(
        self, session: Session, actor: Actor, order: Order, wanted: ServerItem, ordered: OrderItem | None
    ) -> Network:
        if ordered is not None:
            return session.get_one(Network, ordered.allocation["network_id"])
        network = networks.find_network(session, actor, wanted.network)
        if network.project_id not in {None, order.project_id}:
            raise NotFound(field="network", kind="network", name=wanted.network)
        if network.kind == EXTERNAL:
            raise NetworkIsExternal(field="network", network=network.code)
        return network

    def _catalog(self, session: Session, wanted: ServerItem, region_id: str) -> tuple[Flavor, ImageVersion]:
        flavor = catalog.flavor_in_region(session, wanted.flavor, region_id)
        image = catalog.image_in_region(session, wanted.image, region_id)
        if flavor.disk_gib < image.minimum_disk_gib or flavor.memory_mib < image.minimum_memory_mib:
            raise ImageDoesNotFit(
                field="flavor",
                image=wanted.image,
                disk=image.minimum_disk_gib,
                memory=image.minimum_memory_mib,
                flavor=flavor.code,
            )
        return flavor, image

    def _security_group(self, session: Session, order: Order, wanted: ServerItem, server_id: str) -> str | None:
        if wanted.security_group is None:
            return None
        ordered = sibling(order, "security-group", wanted.security_group)
        if ordered is not None:
            group_id: str = ordered.allocation["security_group_id"]
        else:
            group_id = security_groups.usable_groups(session, order.project_id, [wanted.security_group])[0].id
        security_groups.need(session, group_id, ("server", server_id))
        return group_id

    def _hold_volume(
        self,
        session: Session,
        actor: Actor,
        order: Order,
        item: OrderItem,
        region_id: str,
        index: int,
        volume: DataVolume,
    ) -> dict[str, Any]:
        name = volume.name or f"{item.specification['hostname']}-data{index + 1}"
        return hold_volume(
            session, actor, order, item, region_id, name=name, tier=volume.tier, size_gib=volume.size_gib
        )


def _request(
    order: Order, wanted: ServerItem, flavor: Flavor, network: Network, placing: dict[str, Any]
) -> PlacementRequest:
    return replace(
        sizes.request_for(order.project, flavor, region_id=network.region_id, zone=wanted.zone),
        network=None if network.kind == TENANT else network.code,
        reaching_tiers=frozenset(volume.tier for volume in wanted.volumes).union(
            tiers_of_volumes_for(order, wanted.hostname)
        ),
        hypervisor=wanted.hypervisor,
        tags=frozenset(wanted.tags),
        without_tags=frozenset(wanted.without_tags),
        licences=frozenset(wanted.licences),
        in_pool=placing.get("pool_id"),
        on_host=placing.get("host"),
    )


def _kept(item: OrderItem, network: Network) -> str | None:
    """Return the address that an item had in a network: held anew, it keeps it."""
    return item.allocation.get("address") if item.allocation.get("network_id") == network.id else None
