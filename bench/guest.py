"""A guest seen from outside: the one way in which both sides of a benchmark wait for SSH."""

import socket
import subprocess
import time
from pathlib import Path

PORT = 22
KNOCK_SECONDS = 0.25
"""How long one try for a connection may take: a kernel repeats a lost first packet only after a second."""
PATIENCE_SECONDS = 180.0
OPTIONS = (
    *("-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-o", "LogLevel=ERROR"),
    *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
)
"""A new guest's host key cannot be known."""


class NeverReady(Exception):
    """A guest did not answer on SSH in time."""


def make_key(path: Path) -> Path:
    """Return a key pair's private file; it is made where it does not exist."""
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", str(path)], check=True)
    return path


def public_half(key: Path) -> str:
    """Return the public key of a private file."""
    return Path(f"{key}.pub").read_text().strip()


def wait_for_ssh(address: str, key: Path, hostname: str) -> None:
    """Return as soon as SSH with the key answers with the right name. Raises NeverReady."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (_listens(address) and say(address, key, "hostname") == hostname):
        if time.monotonic() > deadline:
            raise NeverReady(f"{address} does not answer as {hostname}")


def say(address: str, key: Path, command: str) -> str:
    """Return what a command prints in the guest; nothing where it cannot be run, or fails."""
    ssh = ["ssh", "-i", str(key), *OPTIONS, f"root@{address}", command]
    result = subprocess.run(ssh, capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else ""


def _listens(address: str) -> bool:
    began = time.monotonic()
    try:
        with socket.create_connection((address, PORT), timeout=KNOCK_SECONDS):
            return True
    except OSError:
        time.sleep(max(began + KNOCK_SECONDS - time.monotonic(), 0))
        return False
