"""A MariaDB of our own in a folder: it may be stopped, killed and made read-only as no shared one may."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql

NAME = "jinyun_test_chaos"
USER = "jinyun"
PASSWORD = "chaos"
PATIENCE_SECONDS = 60.0


class MariaDb:
    """One server process over one folder."""

    def __init__(self, folder: Path) -> None:
        self._data, self._socket = folder / "data", folder / "mariadb.sock"
        self._log = folder / "mariadb.log"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        me = pwd.getpwuid(os.getuid()).pw_name
        self._common = ["--no-defaults", f"--datadir={self._data}", f"--user={me}"]
        install = ["mariadb-install-db", *self._common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True)

    @property
    def url(self) -> str:
        """Where Jinyun finds it, as a user whom read-only binds."""
        return f"mysql+pymysql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{NAME}"

    def start(self) -> None:
        """Start it and return when it answers."""
        options = (f"--port={self.port}", f"--socket={self._socket}", "--bind-address=127.0.0.1", "--skip-log-bin")
        sizes = ("--innodb-buffer-pool-size=128M", "--max-connections=300")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(["mariadbd", *self._common, *options, *sizes], stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert time.monotonic() < end, f"MariaDB does not answer: {self._log.read_text()[-2000:]}"
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        """Stop it: in good order, or in the middle of everything."""
        if self._process is None:
            return
        self._process.kill() if kill else self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)
        self._process = None

    def found(self) -> None:
        """Make the database and its user."""
        self.run(
            f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
            f"GRANT ALL ON {NAME}.* TO {USER}@'127.0.0.1'",
        )

    def run(self, *statements: str) -> list[dict[str, Any]]:
        """Run statements as root; return the rows of the last."""
        connection = pymysql.connect(
            unix_socket=str(self._socket), user="root", autocommit=True, cursorclass=pymysql.cursors.DictCursor
        )
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True


@contextmanager
def private_mariadb(folder: Path) -> Iterator[MariaDb]:
    """A running MariaDB with an empty database; its folder is removed at the end."""
    server = MariaDb(folder)
    server.start()
    try:
        server.found()
        yield server
    finally:
        server.stop(kill=True)
        shutil.rmtree(folder / "data", ignore_errors=True)
