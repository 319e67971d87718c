"""A server from within: SSH from this machine, as its owner comes."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.first_order import SSH_OPTIONS
from tests.contract.waiting import wait_until

BOOT_SECONDS = 120
COMMAND_SECONDS = 60
REFUSED_OR_UNREACHABLE = 255
"""What `ssh` itself ends with where no command was run."""


def make_key(path: Path) -> Path:
    """Make a key pair and return the file of its private half."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab test", "-f", str(path)], check=True)
    return path


def public_half(key: Path) -> str:
    """Return the public half of a key pair."""
    return key.with_name(f"{key.name}.pub").read_text().strip()


@dataclass(frozen=True)
class Guest:
    """A server at an address, and the key that opens it."""

    address: str
    key: Path

    def try_to(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command, whatever comes of it."""
        ssh = ["ssh", "-i", str(self.key), "-o", "IdentitiesOnly=yes", *SSH_OPTIONS, f"root@{self.address}", command]
        return subprocess.run(ssh, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)

    def run(self, command: str) -> str:
        """Run a command, which must succeed, and return what it printed."""
        done = self.try_to(command)
        assert done.returncode == 0, f"{command}: {done.returncode} {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def await_ssh(self) -> None:
        """Wait until SSH answers."""
        wait_until(lambda: self.try_to("true").returncode, lambda code: code == 0, within=BOOT_SECONDS, every=0.5)

    def says(self, command: str) -> str:
        """Return what a command prints; nothing where it cannot be run."""
        return self.try_to(command).stdout.strip()

    def await_line(self, command: str, expected: str) -> None:
        """Wait until a command prints this."""
        wait_until(lambda: self.says(command), lambda said: said == expected, within=30, every=0.3)

    def is_silent(self) -> bool:
        """Tell whether SSH cannot be reached."""
        return self.try_to("true").returncode == REFUSED_OR_UNREACHABLE

    def memory_kib(self) -> int:
        """Return the memory that the guest sees."""
        return int(self.run("grep MemTotal /proc/meminfo").split()[1])
