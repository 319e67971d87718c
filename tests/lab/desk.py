"""People of one application system at work: they order, approve and operate, and clear up after themselves."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jinyun.cli.client import Client, Document
from jinyun.cli.failures import Refused
from tests.contract.waiting import wait_until
from tests.lab.installation import NETWORK, client

PATIENCE_SECONDS = 180.0
LOOK_SECONDS = 0.3
ENDED = {"succeeded", "failed", "cancelled", "needs_operator"}
AT_REST = {"active", "stopped"}


@dataclass
class Desk:
    """An applicant and the manager who decides for him."""

    project: str
    login: str
    manager_login: str
    orders: list[str] = field(default_factory=list)
    series: str = field(default_factory=lambda: f"e2e-{secrets.token_hex(3)}")

    @property
    def applicant(self) -> Client:
        """Whoever orders and owns."""
        return client(self.login)

    @property
    def manager(self) -> Client:
        """Whoever approves."""
        return client(self.manager_login)

    def hostname(self, name: str) -> str:
        """Return a hostname that no other run of the tests uses."""
        return f"{self.series}-{name}"

    def order(self, *items: Document) -> Document:
        """Order things."""
        return self.submit(self.applicant, *items)

    def submit(self, caller: Client, *items: Document) -> Document:
        """Order things through a client of one's own."""
        body = {"project": self.project, "purpose": self.series, "items": list(items)}
        order: Document = caller.post("/v1/orders", body)
        self.orders.append(order["id"])
        return order

    def approve(self, order: Document) -> Document:
        """Have the manager approve; return the order, whose delivery has begun."""
        todo = next(todo for todo in self.manager.items("/v1/todos") if todo["subject_id"] == order["id"])
        decision = {"digest": todo["digest"], "comment": "a test"}
        self.manager.post(f"/v1/assignments/{todo['assignment_id']}/approve", decision)
        return self.read(order)

    def read(self, order: Document) -> Document:
        """Read an order again."""
        read: Document = self.applicant.get(f"/v1/orders/{order['id']}", patiently=True)
        return read

    def ended(self, order: Document, *, within: float = PATIENCE_SECONDS) -> Document:
        """Wait until an order is not being delivered any more."""
        return wait_until(
            lambda: self.read(order), lambda seen: seen["state"] != "delivering", within=within, every=LOOK_SECONDS
        )

    def delivered(self, *items: Document, within: float = PATIENCE_SECONDS) -> list[Document]:
        """Have things ordered, approved and delivered; return the servers among them."""
        order = self.ended(self.approve(self.order(*items)), within=within)
        assert order["state"] == "delivered", order
        return [self.server(item) for item in order["items"] if item["kind"] == "server"]

    def server(self, item: Document) -> Document:
        """Return the server of an order's item."""
        return self.server_by_id(item["allocation"]["server_id"])

    def server_by_id(self, server_id: str) -> Document:
        """Return a server."""
        server: Document = self.applicant.get(f"/v1/servers/{server_id}", patiently=True)
        return server

    def resize(self, server: Document, flavor: str) -> Document:
        """Give a server another flavor, which has to be approved; return the server."""
        order = self.applicant.post(f"/v1/servers/{server['id']}/resize", {"flavor": flavor})
        ended = self.ended(self.approve(order))
        assert ended["state"] == "delivered", ended
        return self.server_by_id(server["id"])

    def do(self, server: Document, verb: str, **body: Any) -> Document:
        """Ask for a verb of a server and wait until it is done; return the server."""
        self.succeeded(self.applicant.post(f"/v1/servers/{server['id']}/{verb}", body))
        return self.server_by_id(server["id"])

    def recycle(self, server: Document) -> Document:
        """Put a server into the recycle bin; return it."""
        self.succeeded(self.applicant.delete(f"/v1/servers/{server['id']}"))
        return self.server_by_id(server["id"])

    def detach(self, server: Document, volume_id: str) -> Document:
        """Take a volume off a server; return the server."""
        self.succeeded(self.applicant.delete(f"/v1/servers/{server['id']}/volumes/{volume_id}"))
        return self.server_by_id(server["id"])

    def succeeded(self, operation: Document, *, within: float = PATIENCE_SECONDS) -> Document:
        """Wait until an operation has succeeded."""
        ended = wait_until(
            lambda: self.operation(operation["id"]),
            lambda seen: seen["state"] in ENDED,
            within=within,
            every=LOOK_SECONDS,
        )
        assert ended["state"] == "succeeded", ended
        return ended

    def operation(self, operation_id: str) -> Document:
        """Return an operation with its steps."""
        operation: Document = self.applicant.get(f"/v1/operations/{operation_id}", patiently=True)
        return operation

    def clear(self) -> None:
        """Take back whatever is left of every order, all at the same time."""
        orders = [self.ended({"id": order_id}) for order_id in self.orders]
        for order in orders:
            if order["state"] == "pending_approval":
                self.applicant.post(f"/v1/orders/{order['id']}/withdraw")
        items = [item for order in orders for item in order["items"] if item["state"] == "delivered"]
        servers = [item["allocation"]["server_id"] for item in items if item["kind"] == "server"]
        self._all(servers, AT_REST, lambda id_: self.applicant.delete(f"/v1/servers/{id_}"))
        gone = {"with_volumes": True}
        self._all(servers, {"recycled"}, lambda id_: self.applicant.post(f"/v1/servers/{id_}/purge", gone))
        self._delete_loose_volumes(items)
        self.orders.clear()

    def _all(self, servers: list[str], states: set[str], ask: Any) -> None:
        operations = []
        for server_id in servers:
            server = wait_until(
                lambda id_=server_id: self.server_by_id(id_),  # type: ignore[misc]
                lambda seen: seen["operation_id"] is None,
                within=PATIENCE_SECONDS,
                every=LOOK_SECONDS,
            )
            if server["state"] in states:
                operations.append(ask(server_id))
        for operation in operations:
            self.succeeded(operation)

    def _delete_loose_volumes(self, items: list[Document]) -> None:
        """Delete the volumes that were on no server when theirs was purged."""
        held = [item["allocation"] for item in items if item["kind"] == "volume"]
        held += [volume for item in items if item["kind"] == "server" for volume in item["allocation"]["volumes"]]
        for volume in held:
            try:
                self.succeeded(self.applicant.delete(f"/v1/volumes/{volume['volume_id']}"))
            except Refused as refused:
                assert refused.code == "not-found", refused


@contextmanager
def at_work(project: str, applicant: str, manager: str) -> Iterator[Desk]:
    """Have people at work, and everything taken back afterwards."""
    desk = Desk(project, applicant, manager)
    try:
        yield desk
    finally:
        desk.clear()


def a_server(hostname: str, *, zone: str, volumes: int = 0, **more: Any) -> Document:
    """Return a small server as an order names it, with data volumes of 1 GiB."""
    small = {"flavor": "m1.nano", "image": "jinyun-linux", "network": NETWORK, "zone": zone}
    data = [{"tier": "general", "size_gib": 1} for _ in range(volumes)]
    return {"kind": "server", "hostname": hostname, "volumes": data, **small, **more}
