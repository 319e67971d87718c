"""Jinyun as it runs in production, over one database: API nodes and workers, each a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from jinyun.kit.settings import Settings

PROGRAM = Path(sys.executable).parent / "jinyun"
PATIENCE_SECONDS = 60.0
API_NODES, WORKERS = 2, 3


class Installation:
    """Its processes; they end when the tests do, however they end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._log = settings.key_directory.parent / "jinyun.log"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.urls = [self._serve() for _ in range(API_NODES)]
        for number in range(WORKERS):
            self._start("worker", JINYUN_WORKER_NAME=f"worker-{number}")

    def wait_until_up(self) -> None:
        """Return when every API node answers."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not all(_answers(url) for url in self.urls):
            assert self.all_alive() and time.monotonic() < end, self.words()
            time.sleep(0.2)

    def all_alive(self) -> bool:
        """Tell whether nobody ended by himself."""
        return all(process.poll() is None for process in self.processes)

    def words(self) -> str:
        """Return the last of what they logged."""
        return self._log.read_text(errors="replace")[-4000:]

    def end(self) -> None:
        """End all of them."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()

    def _serve(self) -> str:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self._start("serve", JINYUN_LISTEN_PORT=str(port))
        return f"http://127.0.0.1:{port}"

    def _start(self, what: str, **more: str) -> None:
        chosen = {
            "JINYUN_DATABASE_URL": self._settings.database_url,
            "JINYUN_KEY_DIRECTORY": str(self._settings.key_directory),
            "JINYUN_LEASE_SECONDS": str(self._settings.lease_seconds),
            "JINYUN_CALL_TIMEOUT_SECONDS": str(self._settings.call_timeout_seconds),
            "JINYUN_SETTLE_SECONDS": str(self._settings.settle_seconds),
            "JINYUN_WORKER_THREADS": str(self._settings.worker_threads),
            "JINYUN_LOG_JSON": "true",
        }
        with self._log.open("ab") as log:
            command = ["setpriv", "--pdeathsig", "KILL", str(PROGRAM), what]
            process = subprocess.Popen(command, env=os.environ | chosen | more, stdout=log, stderr=log)
        self.processes.append(process)


@contextmanager
def running_jinyun(settings: Settings) -> Iterator[Installation]:
    """Two API nodes and three workers."""
    installation = Installation(settings)
    try:
        installation.wait_until_up()
        yield installation
    finally:
        installation.end()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/v1/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
