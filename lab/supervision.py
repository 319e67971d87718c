"""The process manager: supervisord, told what to run and asked how it goes."""

import os
import signal
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport

from lab import namespace
from lab.commands import run
from lab.layout import CHECKOUT, MARK, Layout
from lab.service import Service

BASE_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}


@dataclass(frozen=True)
class Process:
    """What the process manager knows of a service."""

    name: str
    state: str
    pid: int
    since: float
    problem: str

    @property
    def is_running(self) -> bool:
        """It runs, or has just been started."""
        return self.state in ("RUNNING", "STARTING")


class Supervisor:
    """A client of this lab's supervisord."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.socket = layout.run / "supervisor.sock"
        self.pid_file = layout.run / "supervisord.pid"

    @property
    def pid(self) -> int | None:
        """Process id of supervisord, when it lives."""
        try:
            pid = int(self.pid_file.read_text())
            alive = b"supervisord" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if alive else None

    def start(self) -> None:
        """Start supervisord unless it runs, and make it know the present entries."""
        if self.pid is None:
            self.socket.unlink(missing_ok=True)
            environment = BASE_ENVIRONMENT | {"HOME": str(self.layout.home), MARK: str(self.layout)}
            settings = [f"{name}={value}" for name, value in environment.items()]
            program = (CHECKOUT / ".venv" / "bin" / "python", "-m", "lab.process_manager", "-c", self.configuration)
            run("env", "-i", *settings, *program, cwd=CHECKOUT)
            self._await_socket()
        else:
            self._reread()

    @property
    def configuration(self) -> Path:
        """The file that names the programs."""
        return self.layout.conf / "supervisord.conf"

    def processes(self) -> dict[str, Process]:
        """All known services; none when supervisord does not run."""
        if self.pid is None:
            return {}
        rows: list[dict[str, Any]] = self._call("getAllProcessInfo")
        return {
            row["name"]: Process(row["name"], row["statename"], row["pid"], float(row["start"]), row["spawnerr"])
            for row in rows
        }

    def process(self, name: str) -> Process:
        """One service."""
        return self.processes()[name]

    def start_process(self, name: str) -> None:
        """Start a service unless it runs."""
        self._call("startProcess", name, False, ignoring=Faults.ALREADY_STARTED)

    def stop_process(self, name: str) -> None:
        """Stop a service and wait for its end."""
        self._call("stopProcess", name, True, ignoring=Faults.NOT_RUNNING)

    def signal_process(self, name: str, signal_name: str) -> None:
        """Send a signal, named as in `USR2`, to a service that runs."""
        self._call("signalProcess", name, signal_name)

    def shut_down(self) -> None:
        """End supervisord itself."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 60
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _reread(self) -> None:
        added, changed, removed = self._call("reloadConfig")[0]
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._forget, (*removed, *changed)))
        for name in (*added, *changed):
            self._call("addProcessGroup", name)

    def _forget(self, name: str) -> None:
        self._call("stopProcessGroup", name, True)
        self._call("removeProcessGroup", name)

    def _await_socket(self) -> None:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                self._call("getState")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"supervisord does not answer at {self.socket}; see {self.layout.logs}/supervisord.log")

    def _call(self, method: str, *arguments: object, ignoring: int | None = None) -> Any:
        # A connection each: several threads ask at the same time.
        transport = SupervisorTransport(None, None, serverurl=f"unix://{self.socket}")
        with xmlrpc.client.ServerProxy("http://supervisor", transport=transport) as server:
            try:
                return getattr(server.supervisor, method)(*arguments)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode == ignoring:
                    return None
                raise


def program(service: Service, layout: Layout) -> Mapping[str, object]:
    """What supervisord's configuration says of a service."""
    environment = {"HOME": str(layout.home), MARK: str(layout), **service.environment}
    command = namespace.wrap(service.command) if service.namespaced else service.command
    return {
        "name": service.name,
        "command": command.replace("%", "%%"),
        "environment": ",".join(f'{key}="{value}"' for key, value in environment.items()).replace("%", "%%"),
        "directory": layout.home,
        "log": layout.logs / f"{service.name}.log",
        "stop_signal": service.stop_signal,
        "stop_seconds": service.stop_seconds,
    }


def programs(services: Iterable[Service], layout: Layout) -> list[Mapping[str, object]]:
    """All services in supervisord's words."""
    return [program(service, layout) for service in services]
