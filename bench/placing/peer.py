"""OpenStack Placement with the same hosts: the lab's own release and server, without Keystone in front of it.

Its schema is its own, its rows are loaded in bulk past its API. What others took of a host is reserved there.
"""

import os
import random
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pymysql

from bench.engines.mariadb import HOST, free_port, make_database
from bench.placing.clients import Asked, Door, Unexpected, repeat
from bench.placing.hosts import CPU_RATIO, DISK_GIB, MEMORY_MIB, SIZES, VCPUS, hosts
from lab.layout import Layout

CANDIDATES = 10
PROCESSES, THREADS = 2, 8
"""As many processes as ours; the threads of each are the lab's."""
HEADERS = {"X-Auth-Token": "admin", "OpenStack-API-Version": "placement 1.39", "Content-Type": "application/json"}
BATCH = 500


class NoPlacement(Exception):
    """The lab's environment is not there, or Placement does not start."""


@contextmanager
def placement(server: str, folder: Path) -> Iterator[int]:
    """Run Placement with all hosts in it; yields its port. Raises NoPlacement."""
    programs = Layout.here().venv / "bin"
    if not (programs / "placement-manage").exists():
        raise NoPlacement("the lab's environment is not there: `make lab`, then `make down`")
    configuration, port = folder / "placement.conf", free_port()
    configuration.write_text(
        f"[placement_database]\nconnection = {make_database(server, 'placement')}\nmax_pool_size = 20\n"
        "[api]\nauth_strategy = noauth2\n"
    )
    subprocess.run(
        [programs / "placement-manage", "--config-file", configuration, "db", "sync"], check=True, capture_output=True
    )
    ask = Door(port, HEADERS)
    command = [str(programs / "uwsgi"), "--master", "--lazy-apps", "--need-app", "--die-on-term", "--disable-logging"]
    command += ["--processes", str(PROCESSES), "--threads", str(THREADS), "--enable-threads"]
    command += ["--add-header", "Connection: close"]
    command += ["--http-socket", f"{HOST}:{port}", "--module", "placement.wsgi.api:application"]
    environment = os.environ | {"OS_PLACEMENT_CONFIG_DIR": str(folder)}
    with (folder / "placement.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(ask)
        _load(server)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def decide(port: int, client: int, seconds: float) -> Asked:
    """Ask for candidates and take one of them, as Nova does; when somebody was faster, ask again."""
    return repeat(partial(_place, Door(port, HEADERS), random.Random(client)), seconds)


def _place(door: Door, dice: random.Random, _number: int) -> None:
    vcpus, memory, disk = dice.choice(list(SIZES.values()))
    wanted = f"VCPU:{vcpus},MEMORY_MB:{memory},DISK_GB:{disk}"
    path = f"/allocation_candidates?resources={wanted}&limit={CANDIDATES}"
    while True:
        found = door.ask("GET", path, expected=200)["allocation_requests"]
        ids = {"project_id": "bench", "user_id": "bench", "consumer_type": "INSTANCE", "consumer_generation": None}
        taking = {"allocations": dice.choice(found)["allocations"], **ids}
        try:
            door.ask("PUT", f"/allocations/{uuid.UUID(int=dice.getrandbits(128))}", taking, expected=204)
        except Unexpected as unexpected:
            if ": 409 " not in str(unexpected):
                raise
        else:
            return


def _wait_for(door: Door) -> None:
    """Wait until Placement answers: with that its resource classes are in the database."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with suppress(OSError, Unexpected):
            door.ask("GET", "/resource_classes", expected=200)
            return
        door.connection.close()
        time.sleep(0.2)
    raise NoPlacement("Placement did not start")


def _load(server: str) -> None:
    port = int(server.rpartition(":")[2])
    with pymysql.connect(host=HOST, port=port, user="root", database="placement") as link, link.cursor() as cursor:
        cursor.execute("SELECT name, id FROM resource_classes")
        classes = dict(cursor.fetchall())
        everything = list(hosts())
        for begin in range(0, len(everything), BATCH):
            first, batch = begin + 1, everything[begin : begin + BATCH]
            providers = [
                (identity, str(uuid.uuid5(uuid.NAMESPACE_DNS, host.name)), host.name, identity)
                for identity, host in enumerate(batch, first)
            ]
            cursor.executemany(
                "INSERT INTO resource_providers (id, uuid, name, generation, root_provider_id) "
                "VALUES (%s, %s, %s, 0, %s)",
                providers,
            )
            inventories = [
                (identity, classes[name], total, reserved, 1, total, 1, 1.0)
                for identity, host in enumerate(batch, first)
                for name, total, reserved in (
                    ("VCPU", VCPUS * CPU_RATIO, host.vcpus),
                    ("MEMORY_MB", MEMORY_MIB, host.memory_mib),
                    ("DISK_GB", DISK_GIB, host.disk_gib),
                )
            ]
            cursor.executemany(
                "INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, min_unit, "
                "max_unit, step_size, allocation_ratio) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                inventories,
            )
        link.commit()
