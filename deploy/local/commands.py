"""Running commands as a person would, and showing them, so that whoever looks on learns them."""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

CHECKOUT = Path(__file__).resolve().parent.parent.parent
JINYUN = CHECKOUT / "bin" / "jinyun"


class CommandFailed(Exception):
    """A step did not succeed; the message says which, and what it said."""


@dataclass(frozen=True, slots=True)
class Site:
    """One of the two ways to run Jinyun on this machine."""

    region: str
    url: str
    data: Path
    """Where passwords and keys of the sample people lie; nobody else can read them."""
    pools: tuple[str, ...]
    """The pools that are opened for orders."""
    start: Callable[[], None]
    stop: Callable[[], None]
    environment: Callable[[], Mapping[str, str]]
    """Variables for commands that work on the installation itself."""
    registration: Callable[[], tuple[str, ...]]
    """Options of `jinyun region register`."""
    listening: Callable[[], tuple[str, ...]] | None
    """Options of `jinyun region listen`, where the region tells of changes."""
    vmware: Callable[[], tuple[str, ...]] | None
    """Options of `jinyun region register` for a vCenter beside it, where there is one."""
    reachable: bool
    """Whether servers are real and answer SSH from this machine."""
    farewell: Callable[[], None]

    def jinyun(self, person: str, *arguments: str, quiet: bool = False) -> str:
        """Run a command as one of the sample people; return what it printed."""
        if not quiet:
            say(f"  $ bin/jinyun -p {person} {shlex.join(arguments)}")
        return self.run(str(JINYUN), "-p", person, *arguments)

    def asks(self, person: str, *arguments: str) -> Any:
        """Run a command as one of the sample people; return its JSON."""
        return json.loads(self.jinyun(person, "-o", "json", *arguments, quiet=True))

    def follows(self, person: str, *arguments: str) -> None:
        """Run a command as one of the sample people and let it show its progress here."""
        say(f"  $ bin/jinyun -p {person} {shlex.join(arguments)}")
        command = [str(JINYUN), "-p", person, *arguments]
        if subprocess.run(command, env=self._variables(), check=False).returncode != 0:
            raise CommandFailed(" ".join(command))

    def run(self, *command: str) -> str:
        """Run a command of the installation; return what it printed."""
        result = subprocess.run(command, env=self._variables(), capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise CommandFailed(f"{' '.join(command)}\n{result.stdout}{result.stderr}".rstrip())
        return result.stdout

    def _variables(self) -> dict[str, str]:
        mine = {"JINYUN_URL": self.url, "JINYUN_SESSION_FILE": str(self.data / "sessions.json")}
        return {**os.environ, **mine, **self.environment()}


def say(line: str) -> None:
    """Show a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wait_until(what: str, ready: Callable[[], bool], limit_seconds: float, every_seconds: float = 0.5) -> None:
    """Ask until the answer is yes. Raises CommandFailed at the limit."""
    deadline = time.monotonic() + limit_seconds
    while not ready():
        if time.monotonic() > deadline:
            raise CommandFailed(f"{what}: not within {limit_seconds:.0f} s")
        time.sleep(every_seconds)


def answers(url: str) -> bool:
    """Tell whether Jinyun answers at this address and reaches its database."""
    try:
        return httpx.get(f"{url}/v1/health", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
