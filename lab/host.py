"""The machine: may the lab run here, and what did an earlier lab leave behind?"""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import facts, namespace
from lab.layout import MARK, Layout


class Refused(Exception):
    """The lab cannot run here; the message says why and what to do."""


def check_machine() -> None:
    """Refuse machines that cannot carry the lab.

    Raises:
        Refused: with the reason.
    """
    if os.geteuid() != 0:
        raise Refused("the lab makes network namespaces and mounts: run it as root")
    release = _os_release()
    if (release.get("ID"), release.get("VERSION_ID"), os.uname().machine) != ("debian", "12", "x86_64"):
        raise Refused(
            f"the lab runs on Debian 12 on x86_64; this is {release.get('PRETTY_NAME')} on {os.uname().machine}"
        )
    if not Path("/dev/net/tun").exists():
        raise Refused("there is no /dev/net/tun: the switch cannot make ports on this machine")


@contextmanager
def alone(layout: Layout) -> Iterator[None]:
    """Hold the lab for this command, so that no two of them work against each other.

    Raises:
        Refused: another command holds it.
    """
    layout.data.mkdir(parents=True, exist_ok=True)
    with (layout.data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("another `lab` command is at work on this lab: wait for its end") from None
        yield


def check_room(layout: Layout) -> None:
    """Refuse machines without room; asked only when nothing runs yet.

    Raises:
        Refused: with what there is and what is needed.
    """
    memory = available_memory()
    if memory < facts.MEMORY_NEEDED:
        raise Refused(
            f"{memory / facts.GIB:.1f} GiB of memory are free, {facts.MEMORY_NEEDED / facts.GIB:.0f} GiB are needed"
        )
    layout.data.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(layout.data).free
    if free < facts.DISK_NEEDED:
        raise Refused(
            f"{free / facts.GIB:.1f} GiB are free on the disk of {layout.data}, "
            f"{facts.DISK_NEEDED / facts.GIB:.0f} GiB are needed"
        )


def check_ports(ports: dict[int, str]) -> None:
    """Refuse when somebody else listens where a door of the lab belongs.

    Raises:
        Refused: naming the port and the process.
    """
    for port, door in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((facts.LOOPBACK, port))
            except OSError:
                holder = _listener(port)
                raise Refused(f"port {port}, which {door} needs, is taken by {holder}") from None


def check_owner(layout: Layout) -> None:
    """Refuse when the lab of another checkout runs on this machine.

    Raises:
        Refused: naming the other lab.
    """
    owner = running_owner(layout)
    if owner is not None and owner != str(layout):
        raise Refused(f"another lab runs on this machine, with its data in {owner}: take that one down first")


def running_owner(layout: Layout) -> str | None:
    """The data folder of the lab whose processes run now, if any do."""
    marks = {mark for pid in _all_processes() if (mark := mark_of(pid))}
    if marks:
        return str(layout) if str(layout) in marks else marks.pop()
    if namespace.processes() and layout.owner.exists():
        return layout.owner.read_text().strip()
    return None


def leftovers(layout: Layout) -> list[int]:
    """Processes of a lab: those that carry its mark and those in its namespace."""
    marked = {pid for pid in _all_processes() if mark_of(pid) == str(layout)}
    return sorted((marked | set(namespace.processes())) - {os.getpid(), os.getppid()})


def mark_of(pid: int) -> str | None:
    """The data folder of the lab that a process belongs to."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    prefix = f"{MARK}=".encode()
    return next((v.removeprefix(prefix).decode() for v in variables if v.startswith(prefix)), None)


def available_memory() -> int:
    """Bytes that processes could still take."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0


def _os_release() -> dict[str, str]:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return {}
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}


def _all_processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _listener(port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].partition(":")[2], 16) == port:
            return _holder_of_socket(fields[9])
    return "a process that cannot be named"


def _holder_of_socket(inode: str) -> str:
    for pid in _all_processes():
        try:
            if any(f"socket:[{inode}]" == str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()):
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                return f"{name} (process {pid})"
        except OSError:
            continue
    return "a process that cannot be named"
