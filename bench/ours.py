"""Jinyun's side of the comparison: an order is approved, and a server comes to life."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.guest import wait_for_ssh
from bench.site import signed_in
from bench.stopwatch import Stopwatch
from bench.wanted import FLAVOR, IMAGE, LOOK_SECONDS, NETWORK, TIER, VOLUME_GIB, ZONE, Delivery
from deploy.local.commands import Site
from deploy.local.opening import APPLICANT, MANAGER
from jinyun.cli.addresses import path_to
from jinyun.cli.inputs import registered_key

PROJECT = "mobile-banking"
UNDER_WAY = frozenset({"pending", "running", "undoing"})


class NotDelivered(Exception):
    """An operation of Jinyun's did not succeed."""


class OrderedServer:
    """Orders as an applicant, approves as his manager, and looks on through the API."""

    name = "jinyun"

    def __init__(self, site: Site, key: Path) -> None:
        self._key = key
        self._applicant, self._manager = signed_in(site, APPLICANT), signed_in(site, MANAGER)
        self._keypair = registered_key(self._applicant, Path(f"{key}.pub"))

    def prepare(self, hostname: str) -> None:
        """Order the server, and let the manager read what he is going to approve."""
        item = {
            "kind": "server",
            "hostname": hostname,
            "flavor": FLAVOR,
            "image": IMAGE,
            "network": NETWORK,
            "zone": ZONE,
            "keypair": self._keypair,
            "volumes": [{"tier": TIER, "size_gib": VOLUME_GIB}],
        }
        wanted = {"project": PROJECT, "purpose": "benchmark of deliveries", "items": [item]}
        self._delivered = False
        self._order = self._applicant.post(path_to("orders"), wanted)
        asked = self._manager.items(path_to("todos"))
        self._todo = next(todo for todo in asked if todo["subject_id"] == self._order["id"])

    def deliver(self) -> Delivery:
        """Approve, look on until it is delivered, and wait for SSH."""
        hostname = self._order["items"][0]["specification"]["hostname"]
        address = self._order["items"][0]["allocation"]["address"]
        clock = Stopwatch()
        with clock.step("approve"):
            approval = {"digest": self._todo["digest"], "comment": ""}
            self._manager.post(path_to("assignments", self._todo["assignment_id"], "approve"), approval)
        item = self._applicant.get(path_to("orders", self._order["id"]))["items"][0]
        operation = self._ended(item["operation_id"])
        self._delivered = True
        with clock.step("ssh"):
            wait_for_ssh(address, self._key, hostname)
        return Delivery(clock.seconds, _durations(operation["steps"]) | clock.steps)

    def remove(self) -> None:
        """Recycle the server, then purge it with its volume; what failed took itself back."""
        if not self._delivered:
            return
        server = self._order["items"][0]["allocation"]["server_id"]
        self._ended(self._applicant.delete(path_to("servers", server))["id"])
        self._ended(self._applicant.post(path_to("servers", server, "purge"), {"with_volumes": True})["id"])

    def _ended(self, operation_id: str) -> dict[str, Any]:
        """Return an operation when it has succeeded. Raises NotDelivered."""
        while True:
            operation: dict[str, Any] = self._applicant.get(path_to("operations", operation_id))
            if operation["state"] == "succeeded":
                return operation
            if operation["state"] not in UNDER_WAY:
                raise NotDelivered(f"{operation['kind']} is {operation['state']}: {operation['problem']}")
            time.sleep(LOOK_SECONDS)


def _durations(steps: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the seconds of an operation's steps; `attach:<volume>` counts as `attach`."""
    return {step["name"].partition(":")[0]: step["seconds"] for step in steps}
