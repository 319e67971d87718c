"""Real recipes on a simulated region, everything that can go wrong with each: every cell ends as the table says."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.app import all_recipes
from jinyun.kit.actor import PLATFORM
from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.operations import interventions, states
from jinyun.operations import service as operations
from jinyun.operations.models import LaneGrant, OperationRow, OperationStep, OperationSubject
from jinyun.providers.simulated.faults import FaultKind, clear_faults, set_fault
from jinyun.providers.simulated.world import World
from jinyun.regions.models import Region
from jinyun.servers import service as servers
from jinyun.servers.models import Server
from jinyun.servers.steps.moving import MoveServer
from jinyun.volumes import service as volumes
from jinyun.volumes.models import Volume
from tests.estate import Estate, a_server, a_volume, found_estate
from tests.faults import NONE, OUTCOMES, STUCK
from tests.unit.operations.virtual_time import Turns, VirtualTime

CALLS = {
    "create server": ("server.create", "server.delete"),
    "create port": ("port.create", "port.delete"),
    "create volume": ("volume.create", "volume.delete"),
    "attach": ("server.attach-volume", "server.detach-volume"),
    "detach": ("server.detach-volume", None),
    "start": ("server.start", None),
    "stop": ("server.stop", None),
    "reboot": ("server.reboot", None),
    "resize": ("server.resize", "server.revert-resize"),
    "move": ("server.migrate", None),
    "purge": ("server.delete", None),
    "delete volume": ("volume.delete", None),
}
"""Names of the call of each verb and of the one that takes it back."""
MADE = {"create server": "server", "create port": "port", "create volume": "volume"}
UNDER_WAY = {
    "create server": ("server", states.STEP_WAITING),
    "create port": ("port", states.STEP_DONE),
    "create volume": ("volume-ready", states.STEP_WAITING),
    "reboot": ("running", states.STEP_WAITING),
}
ALIVE = {
    "server": "SELECT id FROM server WHERE status <> 'deleted'",
    "port": "SELECT id FROM port",
    "volume": "SELECT id FROM volume",
    "attachment": "SELECT id FROM attachment",
}
CHANGES = {
    "create server": {"server": 1, "port": 1},
    "create port": {"server": 1, "port": 1},
    "create volume": {"volume": 1},
    "attach": {"attachment": 1},
    "detach": {"attachment": -1},
    "purge": {"server": -1, "port": -1, "volume": -1, "attachment": -1},
    "delete volume": {"volume": -1},
}
"""What there is more or less in the data centre when the verb has succeeded."""
STATES = {"active": "active", "stopped": "stopped", "recycled": "stopped"}
"""What the data centre says of a server of each of our states."""
copies = iter(range(2, 1_000_000))


@dataclass
class Site:
    """A bank with a running, a stopped and a recycled server, a volume on the first and one on none."""

    estate: Estate
    turns: Turns
    ids: dict[str, str]

    def begin(self, verb: str) -> str:
        """Ask for something; return the operation's id."""
        if verb in {"create server", "create port"}:
            return self.estate.order(a_server("new"))[0].operation_id
        if verb == "create volume":
            return self.estate.order(a_volume("new"))[0].operation_id
        running, on, free = self.ids["running"], self.ids["on"], self.ids["free"]
        act: dict[str, Callable[..., OperationRow]] = {
            "attach": lambda session: servers.attach(session, PLATFORM, running, free),
            "detach": lambda session: servers.detach(session, PLATFORM, running, on),
            "start": lambda session: servers.start(session, PLATFORM, self.ids["stopped"]),
            "stop": lambda session: servers.stop(session, PLATFORM, running),
            "reboot": lambda session: servers.reboot(session, PLATFORM, running, hard=False),
            "resize": lambda session: servers.resize(session, PLATFORM, running, "m1.medium"),
            "move": lambda session: move(session, running),
            "purge": lambda session: servers.purge(session, PLATFORM, self.ids["recycled"], with_volumes=True),
            "delete volume": lambda session: volumes.delete(session, PLATFORM, free),
        }
        return self.estate.database.write(lambda session: act[verb](session).id)

    def thing(self, verb: str) -> str:
        """Return the region's id of what a verb is about, where it is there before."""
        name = {"start": "stopped", "purge": "recycled", "delete volume": "free"}.get(verb, "running")
        return self.ids[f"{name} external"]

    def change_world(self, sql: str, *values: object) -> None:
        """Interfere with the data centre."""
        with self.estate.world.changing() as transaction:
            transaction.run(sql, *values)

    def count(self) -> Counter[str]:
        """Return how much of everything the data centre has."""
        return Counter({kind: len(self.estate.in_world(query)) for kind, query in ALIVE.items()})

    def disagreements(self) -> list[str]:
        """Return where our rows do not say what the data centre says."""
        in_world = {row["id"]: row["status"] for row in self.estate.in_world("SELECT id, status FROM server")}
        hosts = {row["id"]: row["host"] for row in self.estate.in_world("SELECT id, host FROM server")}
        attached = {row["volume_id"] for row in self.estate.in_world("SELECT volume_id FROM attachment")}
        ours = self.estate.database.read(lambda session: list(session.scalars(select(Server))))
        volumes_of_ours = self.estate.database.read(lambda session: list(session.scalars(select(Volume))))
        return [
            *(
                f"{server.hostname}: {server.state}, and there {in_world.get(server.external_id or '')}"
                for server in ours
                if server.state in STATES and in_world.get(server.external_id or "") != STATES[server.state]
            ),
            *(
                f"{server.hostname}: on {server.host}, and there on {hosts.get(server.external_id or '')}"
                for server in ours
                if server.state in STATES and hosts.get(server.external_id or "") != server.host
            ),
            *(
                f"{volume.name}: {volume.state}"
                for volume in volumes_of_ours
                if (volume.state == "attached") != (volume.external_id in attached)
            ),
        ]


def move(session: Session, server_id: str) -> OperationRow:
    """Have a server moved away from where it is."""
    server = session.get_one(Server, server_id)
    return operations.start(
        session,
        PLATFORM,
        MoveServer,
        parameters={"server_id": server.id, "region": server.region.code, "host": server.host},
        subjects=[("server", server.id)],
        subject_name=server.hostname,
        backend=server.region.code,
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Files of a site, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("base")
    with pytest.MonkeyPatch.context() as monkeypatch:
        estate = found_estate(folder, call_seconds=0.01)
        turns = Turns(estate, all_recipes(), VirtualTime(monkeypatch))
        delivered = [
            *estate.order(a_server("running", ["general"]), a_server("stopped"), a_server("recycled", ["high"])),
            *estate.order(a_volume("free")),
        ]
        for each in delivered:
            assert turns.until_at_rest(each.operation_id) == "succeeded"
        running, stopped, recycled, free = delivered
        for server_id, act in ((stopped.server_id, servers.stop), (recycled.server_id, servers.recycle)):
            begun = estate.database.write(partial(act, actor=PLATFORM, server_id=server_id))
            assert turns.until_at_rest(begun.id) == "succeeded"
        ids = {
            "running": running.server_id,
            "stopped": stopped.server_id,
            "recycled": recycled.server_id,
            "on": running.volume_ids[0],
            "free": free.volume_ids[0],
        }
        both = select(Server.id, Server.external_id)
        externals = estate.database.read(lambda session: dict(session.execute(both).all()))
        ids |= {f"{name} external": str(externals[ids[name]]) for name in ("running", "stopped", "recycled")}
        (volume,) = estate.in_world("SELECT id FROM volume WHERE name = 'free'")
        ids["free external"] = volume["id"]
        estate.database.dispose()
    return folder, ids


@pytest.fixture
def site(base: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site of one's own."""
    folder, ids = base
    shutil.copytree(folder, tmp_path / "site")
    return open_copy(tmp_path / "site", ids, monkeypatch)


def open_copy(folder: Path, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Site:
    """Open the files of a copied site; its region is another one than the original's."""
    database = Database(f"sqlite:///{folder}/jinyun.db")
    settings = Settings(database_url=str(database.url), key_directory=folder / "keys")
    estate = Estate(folder, database, World(folder / "world.db"), settings)
    version = next(copies)

    def move(session: Session) -> None:
        region = session.scalars(select(Region)).one()
        region.public, region.version = {"world": str(folder / "world.db")}, version

    database.write(move)
    return Site(estate, Turns(estate, all_recipes(), VirtualTime(monkeypatch)), dict(ids))


def strike(site: Site, verb: str, fault: str, operation_id: str) -> None:
    """Let the fault happen to the operation, half-way where it must have begun."""
    world, (call, undo) = site.estate.world, CALLS[verb]
    match fault:
        case "answer lost":
            set_fault(world, call, FaultKind.TIMEOUT_AFTER, times=1)
        case "request lost":
            set_fault(world, call, FaultKind.TIMEOUT_BEFORE, times=1)
        case "doubled":
            set_fault(world, call, FaultKind.DOUBLED, times=1)
        case "storm":
            set_fault(world, "*", FaultKind.SERVER_ERROR, times=12)
        case "slow":
            set_fault(world, "*", FaultKind.SLOW, factor=100)
        case "down":
            set_fault(world, "*", FaultKind.DOWN, times=12)
        case "broken" if verb in MADE:
            set_fault(world, call, FaultKind.HALF_CREATED, times=1)
        case "broken":
            for table in ("server", "volume"):
                site.change_world(f"UPDATE {table} SET status = 'error' WHERE id = ?", site.thing(verb))
        case "vanished":
            vanish(site, verb, operation_id)
        case "cancelled" | "undo fails":
            half_way(site, verb, operation_id)
            site.estate.database.write(lambda session: operations.cancel(session, PLATFORM, operation_id))
            if fault == "undo fails" and undo is not None:
                set_fault(world, undo, FaultKind.SERVER_ERROR)


def half_way(site: Site, verb: str, operation_id: str) -> None:
    """Do turns until the verb's own step has asked the region."""
    step, state = UNDER_WAY.get(verb, ("", states.STEP_WAITING))
    steps = select(OperationStep).filter_by(operation_id=operation_id)
    for _ in range(50):
        rows = site.estate.database.read(lambda session: list(session.scalars(steps)))
        if any(row.name.startswith(step) and row.state == state for row in rows):
            return
        if site.turns.one(operation_id) in states.ENDED:
            return
    raise AssertionError(f"{verb} never comes half-way")


def vanish(site: Site, verb: str, operation_id: str) -> None:
    """Take away what the verb makes, or what it is about."""
    if verb == "create server":
        set_fault(site.estate.world, "server.create", FaultKind.VANISHED, times=1)
    elif verb in MADE:
        half_way(site, verb, operation_id)
        latest = "SELECT object_id FROM journal WHERE verb = ? ORDER BY number DESC LIMIT 1"
        site.change_world(f"DELETE FROM {MADE[verb]} WHERE id = ({latest})", f"{MADE[verb]}.create")
    elif verb == "delete volume":
        site.change_world("DELETE FROM volume WHERE id = ?", site.thing(verb))
    else:
        with site.estate.world.changing() as transaction:
            transaction.later(transaction.now, "server-goes", site.thing(verb))


def outcome(site: Site, operation_id: str) -> str:
    """Return how it ended, and why where it did not succeed."""
    row = site.turns.row(operation_id)
    code = (row.problem or {}).get("code")
    return row.state if code in {None, row.state} else f"{row.state}: {code}"


CELLS = [cell for cell, wanted in OUTCOMES.items() if wanted != NONE]


@pytest.mark.parametrize(("verb", "fault"), CELLS, ids=["-".join(cell).replace(" ", "_") for cell in CELLS])
def test_it_ends_as_the_table_says(site: Site, verb: str, fault: str) -> None:
    before = site.count()
    operation_id = site.begin(verb)
    strike(site, verb, fault, operation_id)
    site.turns.until_at_rest(operation_id)
    assert outcome(site, operation_id) == OUTCOMES[verb, fault]
    if OUTCOMES[verb, fault] == STUCK:
        clear_faults(site.estate.world)
        site.estate.database.write(lambda session: interventions.retry(session, PLATFORM, operation_id))
        assert site.turns.until_at_rest(operation_id) == "cancelled"
    row = site.turns.row(operation_id)
    if row.state != "succeeded":
        assert row.problem is not None
        assert row.problem["en"]
        assert row.problem["zh"]
    assert site.estate.database.read(what_is_held) == 0
    clear_faults(site.estate.world)
    site.turns.time.pass_seconds(60)  # the region ends what it was asked for
    if fault not in {"broken", "vanished"}:
        after = site.count()
        wanted = CHANGES.get(verb, {}) if row.state == "succeeded" else {}
        assert {kind: after[kind] - before[kind] for kind in ALIVE if after[kind] != before[kind]} == wanted
        assert site.disagreements() == []
    elif verb in MADE and row.state != "succeeded":
        assert site.count() == before, "something is left over"


def what_is_held(session: Session) -> int:
    """Return how many subjects and places in lanes are in hands."""
    subjects = session.scalar(select(func.count()).select_from(OperationSubject)) or 0
    return subjects + (session.scalar(select(func.count()).select_from(LaneGrant)) or 0)
