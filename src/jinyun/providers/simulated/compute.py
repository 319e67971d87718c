"""Simulated servers."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from sqlite3 import Row

from jinyun.kit.ids import new_id
from jinyun.providers.base import Attachment, ConsoleEndpoint, Server, ServerSpecification, ServerStatus
from jinyun.providers.errors import Missing, Refused, Transient
from jinyun.providers.simulated import attachments, hosts
from jinyun.providers.simulated.boot_log import boot_log
from jinyun.providers.simulated.calls import Part, changes, reads
from jinyun.providers.simulated.faults import FaultKind
from jinyun.providers.simulated.world import Transaction

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Change:
    """What a verb does to a server: from which states, under which name, and where it ends."""

    allowed: frozenset[ServerStatus]
    task: str
    ends: ServerStatus


ON = frozenset({ServerStatus.ACTIVE})
OFF = frozenset({ServerStatus.STOPPED})
RESIZED = frozenset({ServerStatus.RESIZED})
ANY = frozenset({ServerStatus.ACTIVE, ServerStatus.STOPPED, ServerStatus.PAUSED, ServerStatus.ERROR})

CHANGES: dict[str, Change] = {
    "server.start": Change(OFF, "powering-on", ServerStatus.ACTIVE),
    "server.stop": Change(ON, "powering-off", ServerStatus.STOPPED),
    "server.reboot": Change(ON, "rebooting", ServerStatus.ACTIVE),
    "server.reboot-hard": Change(ANY, "rebooting-hard", ServerStatus.ACTIVE),
    "server.resize": Change(ON | OFF, "resizing", ServerStatus.RESIZED),
    "server.confirm-resize": Change(RESIZED, "confirming", ServerStatus.ACTIVE),
    "server.revert-resize": Change(RESIZED, "reverting", ServerStatus.ACTIVE),
    "server.migrate": Change(ON, "migrating", ServerStatus.ACTIVE),
}


class SimulatedCompute(Part):
    """Servers of one project."""

    @reads("server.find")
    def find_by_token(self, transaction: Transaction, token: str, *, port_id: str | None = None) -> Server | None:
        """Return the server made with this token (or sitting on this port), or None."""
        row = transaction.one(
            "SELECT server.* FROM server LEFT JOIN port ON port.server_id = server.id AND port.id = ?"
            " WHERE server.status <> 'deleted' AND server.project_id = ? AND (server.token = ? OR port.id IS NOT NULL)"
            " ORDER BY port.id IS NULL, server.created_at LIMIT 1",
            port_id,
            self.project_id,
            token,
        )
        return server_from(transaction, row) if row else None

    @changes("server.create")
    def create(self, transaction: Transaction, specification: ServerSpecification, token: str) -> Server:
        """Ask for a server. Raises Refused where the request itself is impossible."""
        flavor = named(transaction, "SELECT * FROM flavor WHERE id = ?", specification.flavor_id)
        image = named(transaction, "SELECT * FROM image WHERE id = ?", specification.image_id)
        _check_disk(flavor, image["minimum_disk_gib"])
        server_id = new_id()
        self._take_ports(transaction, specification.port_ids, server_id)
        transaction.record("server.create", server_id, token)
        host = hosts.place(transaction, flavor, specification.zone, specification.host)
        transaction.run(
            "INSERT INTO server (id, project_id, token, name, status, task, host, zone, flavor_id, image_id,"
            " specification, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            server_id,
            self.project_id,
            token,
            specification.name,
            ServerStatus.BUILDING,
            "spawning" if host else "scheduling",
            host and host["name"],
            host["zone"] if host else specification.zone,
            flavor["id"],
            image["id"],
            json.dumps(asdict(specification)),
            transaction.now,
            transaction.now,
        )
        _decide_destiny(transaction, server_id, _why_it_fails(transaction, specification, flavor, image, host))
        return server_from(transaction, _server(transaction, self.project_id, server_id))

    def _take_ports(self, transaction: Transaction, port_ids: Sequence[str], server_id: str) -> None:
        for port_id in port_ids:
            port = named(transaction, "SELECT * FROM port WHERE id = ?", port_id)
            if port["server_id"]:
                raise Refused(f"port {port_id} is in use by server {port['server_id']}", code="address-in-use")
            transaction.run("UPDATE port SET server_id = ? WHERE id = ?", server_id, port_id)

    @reads("server.get")
    def get(self, transaction: Transaction, server_id: str) -> Server | None:
        """Return the server, or None where it does not exist any more."""
        try:
            return server_from(transaction, _server(transaction, self.project_id, server_id))
        except Missing:
            return None

    @changes("server.start")
    def start(self, transaction: Transaction, server_id: str) -> None:
        """Ask for power on; Refused (`wrong-state`) where it is on."""
        self._begin(transaction, "server.start", server_id, "server-boots")

    @changes("server.stop")
    def stop(self, transaction: Transaction, server_id: str) -> None:
        """Ask for a shutdown; Refused (`wrong-state`) where it is off."""
        self._begin(transaction, "server.stop", server_id, "server-becomes")

    @changes("server.reboot")
    def reboot(self, transaction: Transaction, server_id: str, *, hard: bool) -> None:
        """Ask for a reboot."""
        self._begin(transaction, "server.reboot-hard" if hard else "server.reboot", server_id, "server-boots")

    @changes("server.resize")
    def resize(self, transaction: Transaction, server_id: str, flavor_id: str) -> None:
        """Ask for another flavor; where no host has room for both the server comes to rest as it was."""
        flavor = named(transaction, "SELECT * FROM flavor WHERE id = ?", flavor_id)
        server = _server(transaction, self.project_id, server_id)
        _check_state(server, CHANGES["server.resize"].allowed, "server.resize")
        host = hosts.place(transaction, flavor, server["zone"])
        if host is None:
            words = f"No valid host: {_room(flavor, server['zone'])}"
            self._begin(transaction, "server.resize", server_id, "change-fails", words)
            return
        self._begin(transaction, "server.resize", server_id, "server-becomes")
        transaction.run(
            "UPDATE server SET former_host = host, former_flavor_id = flavor_id, host = ?, flavor_id = ? WHERE id = ?",
            host["name"],
            flavor_id,
            server_id,
        )

    @reads("server.last-failure")
    def last_failure(self, transaction: Transaction, server_id: str) -> str | None:
        """Return why the last change asked of a server failed; None where it did not fail."""
        why: str | None = _server(transaction, self.project_id, server_id)["fault"]
        return why

    @changes("server.confirm-resize")
    def confirm_resize(self, transaction: Transaction, server_id: str) -> None:
        """Keep the new flavor; fine where that is under way already."""
        self._answer_resize(transaction, "server.confirm-resize", server_id, "keep")

    @changes("server.revert-resize")
    def revert_resize(self, transaction: Transaction, server_id: str) -> None:
        """Go back to the old flavor; fine where that is under way already."""
        self._answer_resize(transaction, "server.revert-resize", server_id, "revert")

    def _answer_resize(self, transaction: Transaction, verb: str, server_id: str, answer: str) -> None:
        if _server(transaction, self.project_id, server_id)["task"] != CHANGES[verb].task:
            self._begin(transaction, verb, server_id, "resize-ends", answer)

    @changes("server.migrate")
    def migrate(self, transaction: Transaction, server_id: str, host: str) -> None:
        """Ask for a move to another host; where that has no room the server comes to rest where it was."""
        server = _server(transaction, self.project_id, server_id)
        _check_state(server, CHANGES["server.migrate"].allowed, "server.migrate")
        flavor = named(transaction, "SELECT * FROM flavor WHERE id = ?", server["flavor_id"])
        if hosts.place(transaction, flavor, server["zone"], host) is None:
            words = f"No valid host: {host} cannot take server {server['name']}"
            self._begin(transaction, "server.migrate", server_id, "change-fails", words)
            return
        self._begin(transaction, "server.migrate", server_id, "server-moves")
        transaction.run("UPDATE server SET former_host = ? WHERE id = ?", host, server_id)

    @changes("server.delete")
    def delete(self, transaction: Transaction, server_id: str) -> None:
        """Ask for deletion; a missing server is fine."""
        row = transaction.one(
            "SELECT * FROM server WHERE id = ? AND project_id = ? AND status <> 'deleted' AND task IS NOT 'deleting'",
            server_id,
            self.project_id,
        )
        if row is None:
            return
        transaction.record("server.delete", server_id, row["token"])
        transaction.run("DELETE FROM work WHERE subject_id = ?", server_id)
        _set_busy(transaction, server_id, "deleting")
        transaction.later(transaction.end_of("server.delete"), "server-goes", server_id)

    @changes("server.attach-volume")
    def attach_volume(self, transaction: Transaction, server_id: str, volume_id: str) -> None:
        """Ask for an attachment. Never repeat after OutcomeUnknown without reading `attachment` first."""
        server = _server(transaction, self.project_id, server_id)
        _check_state(server, ON | OFF | {ServerStatus.PAUSED}, "attach-volume")
        attachments.attach(transaction, server_id, volume_id)

    @changes("server.detach-volume")
    def detach_volume(self, transaction: Transaction, server_id: str, volume_id: str) -> None:
        """Ask for a detachment; where it is not attached, fine. Transient while a change is under way."""
        attachments.detach(transaction, server_id, volume_id)

    @reads("server.attachment")
    def attachment(self, transaction: Transaction, server_id: str, volume_id: str) -> Attachment:
        """Read every record of this volume on this server and give the verdict."""
        return attachments.verdict(transaction, server_id, volume_id)

    @reads("server.console-log")
    def console_log(self, transaction: Transaction, server_id: str, lines: int) -> str:
        """Return the end of the serial console's output."""
        row = _server(transaction, self.project_id, server_id)
        server = server_from(transaction, row)
        flavor = named(transaction, "SELECT * FROM flavor WHERE id = ?", row["flavor_id"])
        written = boot_log(server, row["booted_at"], flavor["vcpus"], flavor["memory_mib"])
        return "\n".join(written.splitlines()[-lines:]) + "\n" if written else ""

    @reads("server.console")
    def console(self, transaction: Transaction, server_id: str) -> ConsoleEndpoint:
        """Refuse: simulated servers have no screen."""
        server = _server(transaction, self.project_id, server_id)
        raise Refused(f"server {server['name']} is simulated and has no screen", code="not-offered")

    def _begin(self, transaction: Transaction, verb: str, server_id: str, effect: str, value: str | None = None) -> Row:
        change = CHANGES[verb]
        server = _server(transaction, self.project_id, server_id)
        _check_state(server, change.allowed, verb)
        transaction.record(verb, server_id, server["token"])
        _set_busy(transaction, server_id, change.task)
        transaction.later(transaction.end_of(verb), effect, server_id, value or change.ends)
        return server


def named(transaction: Transaction, query: str, object_id: str) -> Row:
    """Return the row that a query finds by an id. Raises Missing where there is none."""
    row = transaction.one(query, object_id)
    if row is None:
        raise Missing(f"{query.split()[3]} {object_id} does not exist")
    return row


def server_from(transaction: Transaction, row: Row) -> Server:
    """Return a server as the protocol knows it."""
    ports = transaction.all("SELECT address FROM port WHERE server_id = ? ORDER BY rowid", row["id"])
    return Server(
        id=row["id"],
        name=row["name"],
        status=ServerStatus(row["status"]),
        task=row["task"],
        host=row["host"],
        zone=row["zone"],
        flavor_id=row["flavor_id"],
        addresses=tuple(port["address"] for port in ports),
        fault=row["fault"] if row["status"] == ServerStatus.ERROR else None,
        token=row["token"],
        created_at=datetime.fromtimestamp(row["created_at"], UTC),
    )


def _server(transaction: Transaction, project_id: str, server_id: str) -> Row:
    row = transaction.one(
        "SELECT * FROM server WHERE id = ? AND project_id = ? AND status <> 'deleted'", server_id, project_id
    )
    if row is None:
        raise Missing(f"server {server_id} does not exist")
    return row


def _check_state(server: Row, allowed: frozenset[ServerStatus], verb: str) -> None:
    if server["task"]:
        raise Transient(f"{verb}: server {server['id']} is {server['task']}")
    if server["status"] not in allowed:
        raise Refused(f"{verb}: server {server['id']} is {server['status']}", code="wrong-state")


def _set_busy(transaction: Transaction, server_id: str, task: str) -> None:
    transaction.run(
        "UPDATE server SET status = ?, task = ?, fault = NULL, changed_at = ? WHERE id = ?",
        ServerStatus.BUSY,
        task,
        transaction.now,
        server_id,
    )


def _check_disk(flavor: Row, wanted_gib: float) -> None:
    if flavor["disk_gib"] < wanted_gib:
        words = f"flavor {flavor['name']}: disk is too small, {flavor['disk_gib']} GiB of {wanted_gib:g} GiB"
        raise Refused(words, code="image-too-large")


def _why_it_fails(
    transaction: Transaction, specification: ServerSpecification, flavor: Row, image: Row, host: Row | None
) -> str | None:
    """Return the fault that the server will end with, or None: found out on the host, as in a real cloud."""
    if host is None:
        return f"No valid host: {_room(flavor, specification.zone)}"
    try:
        _check_disk(flavor, image["virtual_size_bytes"] / GIB)
    except Refused as refusal:
        return refusal.words
    return "the build failed on the host" if transaction.destiny == FaultKind.HALF_CREATED else None


def _room(flavor: Row, zone: str | None) -> str:
    return (
        f"no host in {zone or 'any zone'} has room for {flavor['vcpus']} vCPU, "
        f"{flavor['memory_mib']} MiB and {flavor['disk_gib']} GiB"
    )


def _decide_destiny(transaction: Transaction, server_id: str, failure: str | None) -> None:
    end = transaction.end_of("server.create")
    if failure:
        transaction.later(end, "server-fails", server_id, failure)
    elif transaction.destiny == FaultKind.VANISHED:
        transaction.later(end, "server-goes", server_id)
    else:
        transaction.later(end, "server-boots", server_id, ServerStatus.ACTIVE)
