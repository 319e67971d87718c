"""Jinyun in the storm: an applicant asks for every volume at once, and looks on."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.guest import wait_for_ssh
from bench.site import signed_in
from bench.storm.plan import SCALE_ZONE, TIER, VOLUME_GIB, Course, Pair, Plan
from bench.storm.together import all_well, complaints, together
from bench.wanted import FLAVOR, IMAGE, LOOK_SECONDS, NETWORK
from deploy.local.commands import Site
from deploy.local.opening import APPLICANT, MANAGER, SYSTEM_ADMINISTRATOR
from jinyun.cli.addresses import path_to
from jinyun.cli.client import Client
from jinyun.cli.inputs import registered_key

PROJECT = "mobile-banking"
PATIENCE_SECONDS = 600.0
THREADS = 8
AT_REST = frozenset({"active", "stopped"})


class NotDone(Exception):
    """Something that the storm needs did not come about."""


class JinyunClient:
    """Orders servers and volumes, and sends every attachment to the API at the same moment."""

    name = "jinyun"

    def __init__(self, site: Site, key: Path, plan: Plan) -> None:
        self.plan = plan
        self.addresses: dict[str, str] = {}
        self._region, self._key = site.region, key
        self._applicant, self._manager = signed_in(site, APPLICANT), signed_in(site, MANAGER)
        self._administrator = signed_in(site, SYSTEM_ADMINISTRATOR)
        self._servers: dict[str, str] = {}
        self._volumes: dict[str, str] = {}

    def prepare(self) -> None:
        """Open pool and tier, order everything, and wait until it is delivered and answers."""
        self._open_pool()
        self._open_tier()
        keypair = registered_key(self._applicant, Path(f"{self._key}.pub"))
        orders = [
            self._order([_server(seat.name, seat.zone, keypair) for seat in self.plan.seats]),
            self._order([_volume(pair.volume, self._region) for pair in self.plan.pairs]),
        ]
        for order in orders:
            self._approve(order)
        for order in orders:
            self._note(self._delivered(order))
        for seat in self.plan.seats:
            if seat.is_real:
                wait_for_ssh(self.addresses[seat.name], self._key, seat.name)

    def attach(self) -> Course:
        """Ask for every attachment at once, and wait until no operation is under way."""
        return self._all_at_once(
            lambda pair: self._applicant.post(
                path_to("servers", self._servers[pair.server], "volumes"), {"volume_id": self._volumes[pair.volume]}
            )
        )

    def detach(self) -> Course:
        """Ask for every detachment at once, and wait until no operation is under way."""
        return self._all_at_once(
            lambda pair: self._applicant.delete(
                path_to("servers", self._servers[pair.server], "volumes", self._volumes[pair.volume])
            )
        )

    def remove(self) -> None:
        """Recycle and purge the servers, and delete the volumes."""
        for order in self._applicant.items(path_to("orders")):
            if order["purpose"] == self.plan.series:
                self._note(self._ended_order(order))
        self._operate(self._living(), lambda server: self._applicant.delete(path_to("servers", server)))
        wanted = {"with_volumes": True}
        self._operate(
            [server for server in self._servers.values() if self._state(server) == "recycled"],
            lambda server: self._applicant.post(path_to("servers", server, "purge"), wanted),
        )
        left = [each["id"] for each in self._applicant.items(path_to("volumes")) if each["id"] in self._own_volumes]
        self._operate(left, lambda volume: self._applicant.delete(path_to("volumes", volume)))

    @property
    def _own_volumes(self) -> set[str]:
        return set(self._volumes.values())

    def _living(self) -> list[str]:
        return [server for server in self._servers.values() if self._state(server) in AT_REST]

    def _state(self, server_id: str) -> str:
        state: str = self._applicant.get(path_to("servers", server_id))["state"]
        return state

    def _open_pool(self) -> None:
        """Let the hypervisors in name only take orders."""
        pools = self._administrator.items(path_to("pools"), region=self._region)
        pool = next(pool for pool in pools if pool["zone"] == SCALE_ZONE)
        if not pool["orderable"]:
            _, tag = self._administrator.get_tagged(path_to("pools", pool["id"]))
            self._administrator.patch(path_to("pools", pool["id"]), {"orderable": True}, if_match=tag)

    def _open_tier(self) -> None:
        """Offer the slow array as a storage tier of its own."""
        if any(tier["code"] == TIER for tier in self._administrator.items(path_to("storage-tiers"))):
            return
        if self._proposal() is None:
            self._end(self._administrator, [self._administrator.post(path_to("regions", self._region, "sync"))])
        proposal = self._proposal()
        if proposal is None:
            raise NotDone(f"the region has no volume type {TIER}")
        names = {"code": TIER, "name": "慢速阵列 Slow array"}
        self._administrator.post(path_to("binding-proposals", proposal["id"], "accept"), names)

    def _proposal(self) -> dict[str, Any] | None:
        proposed = self._administrator.items(path_to("binding-proposals"), region=self._region, state="proposed")
        return next((each for each in proposed if (each["kind"], each["external_name"]) == ("tier", TIER)), None)

    def _order(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        wanted = {"project": PROJECT, "purpose": self.plan.series, "items": items}
        order: dict[str, Any] = self._applicant.post(path_to("orders"), wanted)
        return order

    def _approve(self, order: dict[str, Any]) -> None:
        todo = next(todo for todo in self._manager.items(path_to("todos")) if todo["subject_id"] == order["id"])
        approval = {"digest": todo["digest"], "comment": ""}
        self._manager.post(path_to("assignments", todo["assignment_id"], "approve"), approval)

    def _delivered(self, order: dict[str, Any]) -> dict[str, Any]:
        order = self._ended_order(order)
        if order["state"] != "delivered":
            why = {str(item["problem"]) for item in order["items"] if item["state"] != "delivered"}
            raise NotDone(f"order {order['number']} is {order['state']}: {'; '.join(why)}")
        return order

    def _ended_order(self, order: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            order = self._applicant.get(path_to("orders", order["id"]), patiently=True)
            if order["state"] != "delivering":
                return order
            if time.monotonic() > deadline:
                raise NotDone(f"order {order['number']} is still {order['state']}")
            time.sleep(LOOK_SECONDS)

    def _note(self, order: dict[str, Any]) -> None:
        """Remember the ids of what was delivered."""
        for item in order["items"]:
            if item["state"] != "delivered":
                continue
            wanted, made = item["specification"], item["allocation"]
            if item["kind"] == "server":
                self._servers[wanted["hostname"]] = made["server_id"]
                self.addresses[wanted["hostname"]] = made["address"]
            else:
                self._volumes[wanted["name"]] = made["volume_id"]

    def _all_at_once(self, ask: Callable[[Pair], dict[str, Any]]) -> Course:
        began = time.monotonic()
        asked = together(self.plan.pairs, ask, threads=len(self.plan.pairs))
        operations = [each for each in asked if not isinstance(each, Exception)]
        failures = self._end(self._applicant, operations)
        return Course(time.monotonic() - began, [*complaints(asked), *failures])

    def _operate(self, ids: list[str], ask: Callable[[str], dict[str, Any]]) -> None:
        """Have something done to each and wait for the end. Raises NotDone where it did not succeed."""
        failures = self._end(self._applicant, all_well(together(ids, ask, threads=THREADS)))
        if failures:
            raise NotDone("; ".join(failures))

    def _end(self, client: Client, operations: Iterable[dict[str, Any]]) -> list[str]:
        """Wait until operations are not under way any more; return what the others say that did not succeed."""
        waited_for = {operation["id"] for operation in operations}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while waited_for & {each["id"] for each in client.items(path_to("operations"), active=True, state=None)}:
            if time.monotonic() > deadline:
                break
            time.sleep(LOOK_SECONDS)
        ended = together(sorted(waited_for), lambda each: client.get(path_to("operations", each)), threads=THREADS)
        return [
            f"{operation['kind']} of {operation['subject_name']} is {operation['state']}: {operation['problem']}"
            for operation in all_well(ended)
            if operation["state"] != "succeeded"
        ]


def _server(hostname: str, zone: str, keypair: str) -> dict[str, Any]:
    small = {"flavor": FLAVOR, "image": IMAGE, "network": NETWORK}
    return {"kind": "server", "hostname": hostname, "zone": zone, "keypair": keypair, **small}


def _volume(name: str, region: str) -> dict[str, Any]:
    return {"kind": "volume", "name": name, "region": region, "tier": TIER, "size_gib": VOLUME_GIB}
