"""The other side of the comparison: an ordinary script on openstacksdk that makes the same server and nothing more."""

from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import cast

from openstack.block_storage.v3._proxy import Proxy as BlockStorage
from openstack.block_storage.v3.volume import Volume
from openstack.compute.v2.server import Server

from bench.guest import wait_for_ssh
from bench.stopwatch import Stopwatch
from bench.tenant import connect, ensure_group, renew_keypair
from bench.wanted import (
    FLAVOR,
    IMAGE_IN_CLOUD,
    LOOK_SECONDS,
    NETWORK,
    TIER,
    VOLUME_GIB,
    ZONE,
    Delivery,
)

NAME = "bench-plain"
FIRST_ADDRESS = "10.20.13.1"
"""Far from where Jinyun's own plan hands out addresses first."""
WAIT_SECONDS = 300


class PlainScript:
    """Port with a fixed address, volume, server, attach, SSH; signed in once, key pair and group made beforehand."""

    name = "plain"

    def __init__(self, clouds: Path, key: Path) -> None:
        self._key = key
        self._made = ExitStack()
        self._cloud = connect(clouds)
        self._storage = cast("BlockStorage", self._cloud.block_storage)
        self._image = self._cloud.image.find_image(IMAGE_IN_CLOUD, ignore_missing=False)
        self._flavor = self._cloud.compute.find_flavor(FLAVOR, ignore_missing=False)
        self._network = self._cloud.network.find_network(NETWORK, ignore_missing=False)
        self._group = ensure_group(self._cloud, NAME)
        renew_keypair(self._cloud, NAME, key)

    def prepare(self, hostname: str) -> None:
        """Choose a free address."""
        self._hostname = hostname
        taken = {ip["ip_address"] for port in self._cloud.network.ports() for ip in port.fixed_ips}
        address = ip_address(FIRST_ADDRESS)
        while str(address) in taken:
            address += 1
        self._address = str(address)

    def deliver(self) -> Delivery:
        """Make port, volume and server, attach, and wait for SSH."""
        compute, storage, clock = self._cloud.compute, self._storage, Stopwatch()
        with clock.step("port"):
            port = self._cloud.network.create_port(
                name=self._hostname,
                network_id=self._network.id,
                fixed_ips=[{"ip_address": self._address}],
                security_group_ids=[self._group.id],
            )
            self._made.callback(self._cloud.network.delete_port, port)
        with clock.step("volume"):
            volume = storage.create_volume(name=self._hostname, size=VOLUME_GIB, volume_type=TIER)
            self._made.callback(self._remove_volume, volume)
        with clock.step("server"):
            server = compute.create_server(
                name=self._hostname,
                image_id=self._image.id,
                flavor_id=self._flavor.id,
                networks=[{"port": port.id}],
                availability_zone=ZONE,
                key_name=NAME,
                config_drive=True,
            )
            self._made.callback(self._remove_server, server)
            compute.wait_for_server(server, interval=LOOK_SECONDS, wait=WAIT_SECONDS)
        with clock.step("attach"):
            volume = storage.wait_for_status(volume, "available", ["error"], interval=LOOK_SECONDS, wait=WAIT_SECONDS)
            compute.create_volume_attachment(server, volume=volume)
            storage.wait_for_status(volume, "in-use", ["error"], interval=LOOK_SECONDS, wait=WAIT_SECONDS)
        with clock.step("ssh"):
            wait_for_ssh(self._address, self._key, self._hostname)
        return Delivery(clock.seconds, clock.steps)

    def remove(self) -> None:
        """Delete what was made, the last first, and wait until it is gone."""
        self._made.close()

    def _remove_server(self, server: Server) -> None:
        self._cloud.compute.delete_server(server)
        self._cloud.compute.wait_for_delete(server, interval=LOOK_SECONDS, wait=WAIT_SECONDS)

    def _remove_volume(self, volume: Volume) -> None:
        seen = self._storage.get_volume(volume)
        self._storage.wait_for_status(seen, "available", [], interval=LOOK_SECONDS, wait=WAIT_SECONDS)
        self._storage.delete_volume(seen)
        self._storage.wait_for_delete(seen, interval=LOOK_SECONDS, wait=WAIT_SECONDS)
