"""The one address of the cluster: HAProxy lets one node write; another takes over when that one is not well."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

from tests.galera.cluster import CHECKER, NAME, NODE_NAME, OWN_MACHINE, PASSWORD, PORT, USER
from tests.galera.wires import NUMBERS, address

PATIENCE_SECONDS = 20.0
GREETING = b"mysql_native_password"
COMMAND_QUIT, COMMAND_QUERY = b"\x01", b"\x03"
PROTOCOL_41, SECURE_CONNECTION = 0x200, 0x8000
QUESTION = "SHOW STATUS LIKE 'wsrep_local_state'"
ANSWER = "wsrep_local_state"
GOOD_STATES = "24"
"""2: lends its data to a node that joins, and works meanwhile; 4: synced."""


class Door:
    """HAProxy on a loopback port."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self._configuration, self._control = folder / "haproxy.cfg", folder / "haproxy.sock"
        self._log = folder / "haproxy.log"
        self._configuration.write_text(_configuration(self.port, self._control))

    @property
    def url(self) -> str:
        """Where Jinyun finds the database."""
        return f"mysql+pymysql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{NAME}?charset=utf8mb4"

    def start(self) -> subprocess.Popen[bytes]:
        """Start it; it ends when the tests do, however they end."""
        with self._log.open("ab") as log:
            command = ["setpriv", "--pdeathsig", "KILL", *OWN_MACHINE, "haproxy", "-db", "-f", str(self._configuration)]
            return subprocess.Popen(command, stdout=log, stderr=log)

    def wait_until_up(self, *numbers: int) -> None:
        """Return when these nodes are known to be well."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not all(self._is_up(number) for number in numbers):
            assert time.monotonic() < end, self._log.read_text(errors="replace")[-2000:]
            time.sleep(0.1)

    def writer(self) -> int:
        """Return the number of the node that whoever comes now is led to."""
        connection = pymysql.connect(host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, read_timeout=10)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT @@wsrep_node_name")
            name: str = cursor.fetchall()[0][0]
        return int(name.removeprefix(NODE_NAME))

    def _is_up(self, number: int) -> bool:
        with socket.socket(socket.AF_UNIX) as control:
            try:
                control.connect(str(self._control))
            except OSError:
                return False
            control.sendall(b"show stat\n")
            lines = control.makefile().read().splitlines()
        return any(line.split(",")[1:2] == [f"{NODE_NAME}{number}"] and ",UP," in line for line in lines)


@contextmanager
def open_door(folder: Path) -> Iterator[Door]:
    """HAProxy before the cluster, with all nodes up."""
    door = Door(folder)
    process = door.start()
    try:
        door.wait_until_up(*NUMBERS)
        yield door
    finally:
        process.kill()
        process.wait()


def _configuration(port: int, control: Path) -> str:
    first, *others = (f"server {NODE_NAME}{number} {address(number)}:{PORT} check" for number in NUMBERS)
    nodes = "\n    ".join([first, *(f"{other} backup" for other in others)])
    return f"""global
    stats socket {control} mode 600 level admin
    log stdout format raw local0 notice
    maxconn 1000

defaults
    log global
    mode tcp
    timeout connect 1s
    timeout check 1s
    timeout client 60s
    timeout server 60s

listen database
    bind 127.0.0.1:{port}
    # Who writes goes on writing when a better one comes back: two writers at a time is what must not be.
    stick-table type ip size 10
    stick on dst
    option redispatch 1
    retries 3
    option tcp-check
    tcp-check connect
    tcp-check expect binary {_hexadecimal(GREETING)}
    tcp-check send-binary {_hexadecimal(_sign_in())}
    tcp-check expect binary 0700000200
    tcp-check send-binary {_hexadecimal(_packet(0, COMMAND_QUERY + QUESTION.encode()))}
    tcp-check expect rbinary {_hexadecimal(_prefixed(ANSWER))}013[{GOOD_STATES}]
    tcp-check send-binary {_hexadecimal(_packet(0, COMMAND_QUIT))}
    default-server inter 500ms fastinter 250ms downinter 250ms fall 3 rise 1 on-marked-down shutdown-sessions
    default-server observe layer4 error-limit 1 on-error mark-down
    {nodes}
"""


def _sign_in() -> bytes:
    flags = (PROTOCOL_41 | SECURE_CONNECTION).to_bytes(4, "little")
    largest, charset = (1 << 24).to_bytes(4, "little"), b"\x2d"
    return _packet(1, flags + largest + charset + bytes(23) + CHECKER.encode() + b"\0" + b"\0")


def _packet(number: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + bytes([number]) + content


def _prefixed(word: str) -> bytes:
    return bytes([len(word)]) + word.encode()


def _hexadecimal(content: bytes) -> str:
    return content.hex().upper()
