"""A script of 2017 in the storm: a thread for each volume, the client library's own waits, nobody in between."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from openstack.block_storage.v3._proxy import Proxy as BlockStorage
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server

from bench.guest import wait_for_ssh
from bench.storm.plan import TIER, VOLUME_GIB, Course, Pair, Plan, Seat
from bench.storm.together import all_well, complaints, together
from bench.tenant import connect, ensure_group, renew_keypair
from bench.wanted import FLAVOR, IMAGE_IN_CLOUD, NETWORK

NAME = "bench-storm"
MICROVERSION = "2.89"
"""Before 2.101 the answer came when the array was done; so it was for clients of those days."""
THREADS = 8
MAKING_SECONDS = 300
ATTACH_SECONDS, DETACH_SECONDS = 180.0, 120.0
"""How long it waits: whatever has not come about by then is not worth a script's time."""


class NaiveClient:
    """Sends every attachment to Nova at the same moment."""

    name = "openstacksdk"

    def __init__(self, clouds: Path, key: Path, plan: Plan) -> None:
        self.plan = plan
        self.addresses: dict[str, str] = {}
        self._key = key
        self._cloud = connect(clouds)
        self._cloud.compute.default_microversion = MICROVERSION
        self._storage = cast("BlockStorage", self._cloud.block_storage)
        self._servers: dict[str, Server] = {}
        self._volumes: dict[str, Volume] = {}
        self._attached: list[Pair] = []

    def prepare(self) -> None:
        """Make servers and volumes, and wait until they can be used."""
        group = ensure_group(self._cloud, NAME)
        renew_keypair(self._cloud, NAME, self._key)
        compute = self._cloud.compute
        wanted = {
            "image_id": self._cloud.image.find_image(IMAGE_IN_CLOUD, ignore_missing=False).id,
            "flavor_id": compute.find_flavor(FLAVOR, ignore_missing=False).id,
            "networks": [{"uuid": self._cloud.network.find_network(NETWORK, ignore_missing=False).id}],
            "security_groups": [{"name": group.name}],
            "key_name": NAME,
            "config_drive": True,
        }

        def make_server(seat: Seat) -> Server:
            made = compute.create_server(name=seat.name, availability_zone=seat.zone, **wanted)
            return compute.wait_for_server(made, wait=MAKING_SECONDS)

        def make_volume(pair: Pair) -> Volume:
            made = self._storage.create_volume(name=pair.volume, size=VOLUME_GIB, volume_type=TIER)
            return self._storage.wait_for_status(made, "available", ["error"], wait=MAKING_SECONDS)

        servers = all_well(together(self.plan.seats, make_server, threads=THREADS))
        volumes = all_well(together(self.plan.pairs, make_volume, threads=THREADS))
        self._servers = {server.name: server for server in servers}
        self._volumes = {volume.name: volume for volume in volumes}
        self.addresses = {name: server.addresses[NETWORK][0]["addr"] for name, server in self._servers.items()}
        for seat in self.plan.seats:
            if seat.is_real:
                wait_for_ssh(self.addresses[seat.name], self._key, seat.name)

    def attach(self) -> Course:
        """Attach every volume in a thread of its own."""

        def attach(pair: Pair, patience: Callable[[], int]) -> Pair:
            volume = self._volumes[pair.volume]
            self._cloud.compute.create_volume_attachment(self._servers[pair.server], volume=volume)
            self._storage.wait_for_status(volume, "in-use", ["error"], wait=patience())
            return pair

        course, self._attached = _all_at_once(self.plan.pairs, attach, ATTACH_SECONDS)
        return course

    def detach(self) -> Course:
        """Detach every volume that it knows to be attached, in a thread of its own."""

        def detach(pair: Pair, patience: Callable[[], int]) -> Pair:
            volume = self._storage.get_volume(self._volumes[pair.volume])
            self._cloud.compute.delete_volume_attachment(self._servers[pair.server], volume, ignore_missing=False)
            self._storage.wait_for_status(volume, "available", ["error"], wait=patience())
            return pair

        course, _ = _all_at_once(self._attached, detach, DETACH_SECONDS)
        return course

    def remove(self) -> None:
        """Delete servers, then what nobody knows any more, then the volumes."""
        compute, storage = self._cloud.compute, self._storage
        servers = list(compute.servers(name=f"^{self.plan.series}-"))

        def remove_server(server: Server) -> None:
            compute.delete_server(server)
            compute.wait_for_delete(server, wait=MAKING_SECONDS)

        all_well(together(servers, remove_server, threads=THREADS))

        def remove_volume(volume: Volume) -> None:
            for attachment in storage.attachments(volume_id=volume.id):
                storage.delete_attachment(attachment)
            if storage.get_volume(volume).status != "available":
                storage.reset_volume_status(volume, "available", "detached", "none")
            storage.delete_volume(volume)
            storage.wait_for_delete(volume, wait=MAKING_SECONDS)

        volumes = [volume for volume in storage.volumes() if (volume.name or "").startswith(f"{self.plan.series}-")]
        all_well(together(volumes, remove_volume, threads=THREADS))


def _all_at_once(
    pairs: list[Pair], work: Callable[[Pair, Callable[[], int]], Pair], limit: float
) -> tuple[Course, list[Pair]]:
    """Do it to all pairs at once; return the course, and the pairs that it is known to have been done to."""
    began = time.monotonic()

    def patience() -> int:
        return max(int(began + limit - time.monotonic()), 1)

    outcomes = together(pairs, lambda pair: work(pair, patience), threads=max(len(pairs), 1))
    done = [each for each in outcomes if not isinstance(each, Exception)]
    return Course(time.monotonic() - began, complaints(outcomes)), done
