"""Ready checks: small functions of a service's process id that say whether it can be used."""

import contextlib
import http.client
import socket
from collections.abc import Callable
from pathlib import Path

from lab.facts import LOOPBACK
from lab.namespace import inside

Check = Callable[[int], bool]

ESTABLISHED = "01"


def running() -> Check:
    """The process exists; nothing more can be asked of it."""
    return lambda pid: Path(f"/proc/{pid}").exists()


def listens(port: int) -> Check:
    """Somebody accepts connections on a port inside the namespace."""

    def check(_pid: int) -> bool:
        try:
            with inside(), socket.create_connection((LOOPBACK, port), timeout=2):
                return True
        except OSError:
            return False

    return check


def answers(port: int, path: str = "/", *, namespaced: bool = True) -> Check:
    """An HTTP server answers, with anything but a fault of its own."""

    def check(_pid: int) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
        try:
            with inside() if namespaced else contextlib.nullcontext():
                connection.connect()
            connection.request("GET", path)
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return check


def has_socket(path: Path) -> Check:
    """Somebody accepts connections on a unix socket; `{pid}` in its name stands for the process id."""

    def check(pid: int) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            return client.connect_ex(str(path).format(pid=pid)) == 0

    return check


def connected_to(port: int) -> Check:
    """The process, or a child of it, holds a connection to a port: a consumer has found its queue."""
    return lambda pid: any(_is_connected(member, port) for member in family(pid))


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    members = [pid]
    for parent in members:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                members.extend(int(child) for child in task.read_text().split())
    return members


def _is_connected(pid: int, port: int) -> bool:
    try:
        own = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
        rows = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return False
    for fields in map(str.split, rows):
        remote_port = int(fields[2].partition(":")[2], 16)
        if remote_port == port and fields[3] == ESTABLISHED and f"socket:[{fields[9]}]" in own:
            return True
    return False


def both(*checks: Check) -> Check:
    """All of several checks hold."""
    return lambda pid: all(check(pid) for check in checks)


def total_memory(pid: int) -> int:
    """Memory of a process and its descendants in bytes, shared pages counted by share."""
    return sum(_proportional_set_size(member) for member in family(pid))


def _proportional_set_size(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
