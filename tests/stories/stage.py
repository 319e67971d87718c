"""A whole installation in this process: API, worker, database, a simulated data centre and the sample bank."""

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.app import all_duties, all_recipes, create_app
from jinyun.approvals.models import PolicyVersion
from jinyun.approvals.rules import Policy
from jinyun.capacity.models import Hold
from jinyun.capacity.states import HELD
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Base, Database
from jinyun.kit.settings import Settings
from jinyun.kit.vault import create_keys
from jinyun.networks.groups import ensure_standard_groups
from jinyun.networks.models import Address
from jinyun.operations.worker import WorkerProcess
from jinyun.organisation.models import Person
from jinyun.providers.simulated import effects
from jinyun.providers.simulated.build import WorldOptions, build_world
from jinyun.providers.simulated.world import World
from jinyun.servers.models import Server, TakenHostname
from jinyun.servers.states import LIVE
from jinyun.tables import load_tables
from tests.api import MANAGER, SYSTEM_ADMINISTRATOR, SampleBank

REGION = "sim"
NETWORK = "prod-vlan-100"
PATIENCE_SECONDS = 40.0
LOOK_SECONDS = 0.05


class Stage:
    """An installation that listens on a port of its own; use it as `with Stage(...).playing() as stage`."""

    def __init__(self, directory: Path, database_url: str | None = None, **choices: Any) -> None:
        load_tables()
        self.world: World = build_world(directory / "world.db", WorldOptions(hosts=4, key_hosts=4))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(
            database_url=database_url or f"sqlite:///{directory}/jinyun.db",
            key_directory=directory / "keys",
            public_url=self.url,
            **choices,
        )
        create_keys(self.settings.key_directory)
        self.database = Database(self.settings.database_url)
        Base.metadata.drop_all(self.database.engine)
        Base.metadata.create_all(self.database.engine)
        self.database.write(ensure_standard_groups)
        self._bank = SampleBank(self.database)
        self.app = create_app(self.settings, self.database)

    @contextmanager
    def playing(self) -> Iterator["Stage"]:
        """Run API and worker until the story is over."""
        server = uvicorn.Server(uvicorn.Config(self.app, log_config=None, access_log=False, lifespan="off"))
        duties = all_duties(self.settings)
        worker = WorkerProcess(self.database, all_recipes(), self.settings, duties)
        threads = [
            threading.Thread(target=server.run, kwargs={"sockets": [self._listener]}, name="api"),
            threading.Thread(target=worker.run, name="worker"),
        ]
        for thread in threads:
            thread.start()
        try:
            await_that(lambda: server.started, "the API listens")
            yield self
        finally:
            server.should_exit = True
            worker.stop()
            for thread in threads:
                thread.join()
            self.database.dispose()

    def token(self, login: str) -> str:
        """Return a way in for a person of the sample bank."""
        return self._bank.token(login)

    def person_id(self, login: str) -> str:
        """Return the id of a person of the sample bank."""
        return self.database.read(lambda session: session.scalars(select(Person.id).filter_by(login=login)).one())

    def as_(self, login: str, *, language: str = "en") -> "Caller":
        """Return somebody at work with the API."""
        return Caller(self.url, self.token(login), language)

    def open_region(self) -> None:
        """Register the simulated data centre, accept all that it has, and open its pools."""
        administrator = self.as_(SYSTEM_ADMINISTRATOR)
        body = {"code": REGION, "name": "Simulated", "provider": "simulated", "public": {"world": str(self.world.path)}}
        administrator.done(administrator.post("/v1/regions", body, 202))
        administrator.post(f"/v1/regions/{REGION}/accept-proposals", {}, 200)
        for proposal in administrator.get("/v1/network-proposals")["items"]:
            acceptance = {"code": proposal["name"], "name": proposal["name"]}
            administrator.post(f"/v1/network-proposals/{proposal['id']}/accept", acceptance, 201)
        for pool in administrator.get("/v1/pools")["items"]:
            criticality = "key" if pool["name"] == "kvm-key" else "general"
            change = {"orderable": True, "criticality_class": criticality}
            administrator.send("PATCH", f"/v1/pools/{pool['id']}", change, 200, {"If-Match": f'"{pool["version"]}"'})

    def adopt(self, *stages: dict[str, Any]) -> None:
        """Put a policy of one rule in effect."""
        self.adopt_rules({"name": "all", "stages": list(stages)})

    def deliver(self, applicant: str, *items: dict[str, Any], project: str = "mobile-banking-test") -> dict[str, Any]:
        """Have items ordered, approved and delivered; return the order."""
        order = self.approved(applicant, *items, project=project)
        return self.as_(applicant).becomes(f"/v1/orders/{order['id']}", "state", "delivered")

    def approved(self, applicant: str, *items: dict[str, Any], project: str = "mobile-banking-test") -> dict[str, Any]:
        """Have items ordered and approved; return the order, whose delivery has begun."""
        order = self.as_(applicant).post("/v1/orders", new_order(*items, project=project), 201)
        decide(self.as_(MANAGER), order, "approve")
        started: dict[str, Any] = self.as_(applicant).get(f"/v1/orders/{order['id']}")
        return started

    def adopt_rules(self, *rules: dict[str, Any]) -> None:
        """Put another approval policy in effect."""
        content = Policy.model_validate({"rules": list(rules)}).model_dump(mode="json")

        def work(session: Session) -> None:
            last = session.scalar(select(func.max(PolicyVersion.number))) or 0
            session.add(PolicyVersion(number=last + 1, note="n", content=content, effective_from=utc_now()))

        self.database.write(work)

    def nothing_left_of(self, hostname: str) -> bool:
        """Tell whether the data centre has no server, port or volume of this name any more."""
        servers = self.in_world("server", "name = ? AND status != 'deleted'", hostname)
        ports = self.in_world("port", "name = ?", hostname)
        return not servers and not ports and not self.in_world("volume", "name LIKE ?", f"{hostname}%")

    def nothing_is_held(self) -> bool:
        """Tell whether no capacity, no address and no hostname is kept for what is not delivered."""

        def kept(session: Session) -> list[object]:
            delivered = select(Server.id).where(Server.state.in_(LIVE))
            return [
                *session.scalars(select(Hold.id).where(Hold.state == HELD)),
                *session.scalars(select(Address.id).where(Address.state == HELD)),
                *session.scalars(select(TakenHostname.hostname).where(TakenHostname.server_id.not_in(delivered))),
            ]

        return not self.database.read(kept)

    def in_world(self, table: str, where: str = "1", *values: object) -> list[sqlite3.Row]:
        """Look past the API at what the data centre really has."""
        with effects.reading(self.world) as transaction:
            return transaction.all(f"SELECT * FROM {table} WHERE {where}", *values)


class Caller:
    """A signed-in person with the API before him."""

    def __init__(self, url: str, token: str | None, language: str = "en") -> None:
        headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {token}"} if token else {})
        self.client = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)

    def send(
        self, method: str, path: str, body: Any, status: int, headers: dict[str, str] | None = None, **query: Any
    ) -> Any:
        """Send a request and return its answer, which must have this status."""
        request = {"json": body} if body is not None else {}
        answer = self.client.request(method, path, params=query, headers=headers, **request)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        """Read something."""
        return self.send("GET", path, None, status, **query)

    def post(self, path: str, body: Any, status: int) -> Any:
        """Make or do something."""
        return self.send("POST", path, body, status)

    def becomes(self, path: str, key: str, wanted: object) -> dict[str, Any]:
        """Read something until its `key` is what is wanted, and return it."""
        seen: dict[str, Any] = {}

        def so() -> bool:
            seen.update(self.get(path))
            return bool(seen[key] == wanted)

        await_that(so, f"{path}: {key} is {wanted}", lambda: str(seen))
        return seen

    def done(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Wait until an operation has succeeded, and return it."""
        return self.becomes(f"/v1/operations/{operation['id']}", "state", "succeeded")

    def all_of(self, path: str, limit: int = 50, **query: Any) -> list[dict[str, Any]]:
        """Read a list to its end, page by page."""
        items: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            mark: dict[str, Any] = {"after": after} if after else {}
            page = self.get(path, limit=limit, **mark, **query)
            items += page["items"]
            after = page["next"]
            if after is None:
                return items


def new_order(*items: dict[str, Any], project: str = "mobile-banking-test", **more: Any) -> dict[str, Any]:
    """Return the body of an order."""
    return {"project": project, "purpose": "a story", "items": list(items), **more}


def a_server(hostname: str, *volumes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a small server as an order names it."""
    small = {"flavor": "m1.small", "image": "jinyun-linux:1", "network": NETWORK, "volumes": list(volumes)}
    return {"kind": "server", "hostname": hostname, **small, **more}


def a_volume(name: str, size_gib: int = 1, tier: str = "general") -> dict[str, Any]:
    """Return a volume as an order names it."""
    return {"kind": "volume", "region": REGION, "tier": tier, "size_gib": size_gib, "name": name}


def todo_of(approver: Caller, order: dict[str, Any]) -> dict[str, Any]:
    """Return what waits for this approver about this order."""
    return next(todo for todo in approver.all_of("/v1/todos") if todo["subject_id"] == order["id"])


def decide(approver: Caller, order: dict[str, Any], verb: str, comment: str = "so be it") -> dict[str, Any]:
    """Have an approver say yes or no to what he read."""
    todo = todo_of(approver, order)
    body = {"digest": todo["digest"], "comment": comment}
    decided: dict[str, Any] = approver.post(f"/v1/assignments/{todo['assignment_id']}/{verb}", body, 200)
    return decided


def await_that(
    true: Callable[[], bool], what: str, seen: Callable[[], str] = str, patience: float = PATIENCE_SECONDS
) -> None:
    """Wait until something is true."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"never came true: {what}; last seen {seen()}"
        time.sleep(LOOK_SECONDS)


def texts(documents: Sequence[dict[str, Any]], key: str) -> list[str]:
    """Return one value of each document."""
    return [document[key] for document in documents]
