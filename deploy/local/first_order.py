"""The main job once through: one person orders, another approves, a server comes to life and answers."""

import json
import subprocess
from pathlib import Path
from typing import Any

from deploy.local.commands import CommandFailed, Site, say, wait_until
from deploy.local.opening import APPLICANT, MANAGER

HOSTNAME = "first-server"
SSH_SECONDS = 180


def deliver_first_server(site: Site) -> None:
    """Order and approve the first server unless it is there already; wait until it answers on SSH."""
    key = _key(site)
    server = _first_server(site)
    if server is None:
        number = _order(site, key)
        say(f"the manager {MANAGER} approves it")
        site.jinyun(MANAGER, "approve", number, "--yes", "--comment", "first server")
        site.follows(APPLICANT, "order", "watch", number)
        server = _first_server(site)
    if server is None:
        raise CommandFailed(f"{HOSTNAME} was not delivered: see `bin/jinyun -p {APPLICANT} order list`")
    if site.reachable:
        _wait_for_ssh(server["address"], key)


def _order(site: Site, key: Path) -> str:
    say(f"the applicant {APPLICANT} orders a server")
    printed = site.jinyun(
        APPLICANT,
        *("-o", "json", "order", "server", "--project", "mobile-banking", "--hostname", HOSTNAME),
        *("--flavor", "m1.nano", "--image", "jinyun-linux", "--network", "prod-vlan-100"),
        *("--zone", "az-general"),
        *("--key", f"{key}.pub", "--volume", "general:1", "--purpose", "a first look"),
    )
    number: str = _document(printed)["number"]
    return number


def _first_server(site: Site) -> dict[str, Any] | None:
    found = site.asks(APPLICANT, "server", "list", "--hostname", HOSTNAME)["items"]
    return next((server for server in found if server["state"] in {"active", "stopped"}), None)


def _key(site: Site) -> Path:
    key = site.data / "first-key"
    if not key.exists():
        site.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "jinyun first server", "-f", str(key))
    return key


def _wait_for_ssh(address: str, key: Path) -> None:
    command = ["ssh", "-i", str(key), *SSH_OPTIONS, f"root@{address}", "hostname"]
    say(f"  $ ssh -i {key} root@{address} hostname")
    wait_until(f"{address} answers on SSH", lambda: _says(command, HOSTNAME), SSH_SECONDS)
    say(f"  {HOSTNAME}")


SSH_OPTIONS = (
    *("-o", "BatchMode=yes", "-o", "ConnectTimeout=3", "-o", "LogLevel=ERROR"),
    *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
)
"""A new server's host key cannot be known; the address is this machine's own lab."""


def _says(command: list[str], expected: str) -> bool:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode == 0 and result.stdout.strip() == expected


def _document(printed: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(printed)
    return document
