"""Three MariaDB nodes that are one database: a Galera cluster, any node of which may be killed and started again."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql

from lab.commands import run
from tests.galera.wires import NUMBERS, address, namespace

PACKAGES = ("mariadb-server", "galera-4", "mariadb-backup", "haproxy", "iproute2", "socat")
NAME = "jinyun_galera"
USER = "jinyun"
PASSWORD = "galera"
NODE_NAME = "node-"
CHECKER = "checker"
"""May sign in without a password, and do nothing: whoever asks a node for its health."""
PORT = 3306
PATIENCE_SECONDS = 90.0
QUICK_TO_NOTICE = (
    "gcache.size=64M",
    "evs.keepalive_period=PT0.25S",
    "evs.inactive_check_period=PT0.25S",
    "evs.suspect_timeout=PT1.5S",
    "evs.inactive_timeout=PT4S",
    "evs.install_timeout=PT4S",
    "gmcast.peer_timeout=PT1.5S",
)
"""A node that does not answer for a second and a half is out; the others go on without it."""
OWN_MACHINE = ("nice", "--adjustment=-15")
"""Each node has a machine of its own: it does not wait for a core behind what Jinyun computes."""
SYNCED = "Synced"


class Node:
    """One server of the cluster in a namespace of its own."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number, self.folder = number, folder / f"{NODE_NAME}{number}"
        self._options = self.folder / "my.cnf"
        self._log = self.folder / "mariadb.log"
        self._process: subprocess.Popen[bytes] | None = None
        (self.folder / "scratch").mkdir(parents=True)
        self._options.write_text(self._configuration())

    def install(self) -> None:
        """Make an empty data directory."""
        common = (f"--defaults-file={self._options}", "--user=root")
        run("mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db")

    def start(self, *arguments: str) -> None:
        """Start the server; it ends when the tests do, however they end."""
        with self._log.open("ab") as log:
            command = ["ip", "netns", "exec", namespace(self.number), "setpriv", "--pdeathsig", "KILL", *OWN_MACHINE]
            command += ["mariadbd", f"--defaults-file={self._options}", *arguments]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def start_again(self) -> None:
        """Start it after it was killed: it says where it stood, so that it is sent only what it missed."""
        self.start(f"--wsrep-start-position={self._position()}")

    def kill(self) -> None:
        """End it without warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wait_until_synced(self) -> None:
        """Return when it has all that the others have."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.state() != SYNCED:
            assert time.monotonic() < end, f"node {self.number} is {self.state()}: {self.words()}"
            time.sleep(0.1)

    def state(self) -> str:
        """Return what the node says about itself."""
        try:
            rows = self.run("SHOW STATUS LIKE 'wsrep_local_state_comment'")
        except pymysql.err.MySQLError:
            return "silent"
        return str(rows[0]["Value"]) if rows else "alone"

    def run(self, *statements: str) -> list[dict[str, Any]]:
        """Run statements as root; return the rows of the last."""
        with self._connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    @contextmanager
    def lagging(self) -> Iterator[None]:
        """Have it take in nothing of what the others commit, as long as the block lasts."""
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET GLOBAL wsrep_desync = ON")
            cursor.execute("FLUSH TABLES WITH READ LOCK")
            try:
                yield
            finally:
                cursor.execute("UNLOCK TABLES")
                cursor.execute("SET GLOBAL wsrep_desync = OFF")

    def words(self) -> str:
        """Return the last of what it logged."""
        return self._log.read_text(errors="replace")[-4000:]

    def _connect(self) -> "pymysql.Connection[pymysql.cursors.DictCursor]":
        return pymysql.connect(
            unix_socket=str(self.folder / "socket"),
            user="root",
            autocommit=True,
            cursorclass=pymysql.cursors.DictCursor,
        )

    def _position(self) -> str:
        said = self.folder / "recovery.log"
        run("mariadbd", f"--defaults-file={self._options}", "--wsrep-recover", f"--log-error={said}")
        return said.read_text(errors="replace").rsplit("Recovered position:", 1)[1].split()[0]

    def _configuration(self) -> str:
        here = address(self.number)
        return f"""[mysqld]
user=root
datadir={self.folder}/data
socket={self.folder}/socket
pid_file={self.folder}/pid
tmpdir={self.folder}/scratch
bind_address={here}
port={PORT}
skip_name_resolve
performance_schema=OFF
max_connections=400
binlog_format=ROW
default_storage_engine=InnoDB
innodb_autoinc_lock_mode=2
innodb_buffer_pool_size=64M
innodb_log_file_size=32M
innodb_flush_log_at_trx_commit=2
wsrep_on=ON
wsrep_provider=/usr/lib/galera/libgalera_smm.so
wsrep_cluster_name={NAME}
wsrep_cluster_address=gcomm://{",".join(address(number) for number in NUMBERS)}
wsrep_node_address={here}
wsrep_node_name={NODE_NAME}{self.number}
wsrep_sst_method=mariabackup
wsrep_sst_auth=root:
wsrep_provider_options="{";".join(QUICK_TO_NOTICE)}"
"""


@contextmanager
def running_cluster(folder: Path) -> Iterator[dict[int, Node]]:
    """A cluster with an empty database, all nodes synced."""
    nodes = {number: Node(folder, number) for number in NUMBERS}
    try:
        _bring_up(nodes)
        yield nodes
    finally:
        for node in nodes.values():
            node.kill()
            shutil.rmtree(node.folder / "data", ignore_errors=True)


def _bring_up(nodes: dict[int, Node]) -> None:
    first, *others = nodes.values()
    first.install()
    for other in others:
        shutil.copytree(first.folder / "data", other.folder / "data")
    first.start("--wsrep-new-cluster")
    first.wait_until_synced()
    first.run(
        f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT ALL ON {NAME}.* TO {USER}@'%'",
        f"CREATE USER {CHECKER}@'%'",
    )
    for other in others:
        other.start()
        other.wait_until_synced()
