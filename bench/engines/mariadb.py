"""A MariaDB of the benchmark's own: an empty server on a free port of the loopback, gone afterwards."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

HOST = "127.0.0.1"
PROGRAMS = ("mariadbd", "mariadb-install-db")
START_SECONDS = 60.0
STOP_SECONDS = 30.0
OPTIONS = (
    f"--bind-address={HOST}",
    "--user=root",
    "--skip-grant-tables",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--transaction-isolation=READ-COMMITTED",
    "--max-connections=500",
    "--innodb-buffer-pool-size=512M",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-log-file-buffering",
)
"""As in an installation: what is committed is in two other nodes, and on this one's disk within a second.

Without buffering, MariaDB writes the log past the cache of the operating system: each commit waits for the disk after
all.
"""


class NoMariaDB(Exception):
    """MariaDB is not installed, or does not start."""


def find_programs() -> tuple[str, ...]:
    """Return where the server and its installer are. Raises NoMariaDB where they are not."""
    path = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
    found = [shutil.which(program, path=path) for program in PROGRAMS]
    if None in found:
        raise NoMariaDB("mariadbd is not installed (Debian: apt-get install mariadb-server)")
    return tuple(str(place) for place in found)


@contextmanager
def private_server() -> Iterator[str]:
    """Run a server; yields the address of it, without a database's name. Raises NoMariaDB."""
    server, installer = find_programs()
    with tempfile.TemporaryDirectory(prefix="bench-mariadb-") as folder:
        data, port = Path(folder) / "data", free_port()
        install = [installer, "--no-defaults", f"--datadir={data}", "--user=root", "--skip-test-db"]
        subprocess.run([*install, "--auth-root-authentication-method=normal"], check=True, capture_output=True)
        own = [f"--datadir={data}", f"--socket={folder}/socket", f"--pid-file={folder}/pid", f"--port={port}"]
        with (Path(folder) / "log").open("w") as log:
            process = subprocess.Popen([server, "--no-defaults", *own, *OPTIONS], stdout=log, stderr=log)
        try:
            _wait_for(process, port)
            yield f"mysql+pymysql://root@{HOST}:{port}"
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def make_database(server: str, name: str) -> str:
    """Make a database on the server and return its address."""
    port = int(server.rpartition(":")[2])
    with pymysql.connect(host=HOST, port=port, user="root") as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    return f"{server}/{name}"


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            pymysql.connect(host=HOST, port=port, user="root").close()
            return
        except pymysql.err.OperationalError:
            time.sleep(0.1)
    raise NoMariaDB("mariadbd did not start")


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
