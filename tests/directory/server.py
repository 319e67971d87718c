"""A slapd of our own: on the loopback, on a port nobody has, in a folder that is thrown away."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ldap
from ldap import modlist

from jinyun.kit.settings import Settings
from lab import certificates, slapd
from lab.sample_directory import READER, SUFFIX, ldif

PASSWORDS = {"jinyun": "reader-secret", "li.wei": "li-wei-secret", "wang.fang": "wang-fang-secret"}
ROOT = f"cn=root,{SUFFIX}"
ROOT_PASSWORD = "root-secret"
PATIENCE_SECONDS = 20.0


class Server:
    """One slapd process over one folder."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.port, self.tls_port = _free_ports()
        slapd.write_configuration(folder, root_password=ROOT_PASSWORD, **options)
        certificates.make_certificate(folder, "localhost")
        slapd.fill(folder, ldif(PASSWORDS))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    def settings(self, **changes: Any) -> Settings:
        password = self.folder / "password"
        password.write_text(PASSWORDS["jinyun"] + "\n")
        base: dict[str, Any] = {
            "directory_url": f"ldaps://127.0.0.1:{self.tls_port}",
            "directory_base": SUFFIX,
            "directory_bind_dn": READER,
            "directory_password_file": password,
            "directory_ca_file": self.folder / "ca.crt",
            "directory_timeout_seconds": 5.0,
        }
        return Settings(**(base | changes))

    def start(self) -> None:
        command = slapd.command(self.folder, self.url, f"ldaps://127.0.0.1:{self.tls_port}")
        with (self.folder / "slapd.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert time.monotonic() < end, (self.folder / "slapd.log").read_text()[-2000:]
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    @contextmanager
    def as_root(self) -> Iterator[Any]:
        connection = ldap.initialize(self.url)
        connection.simple_bind_s(ROOT, ROOT_PASSWORD)
        try:
            yield connection
        finally:
            connection.unbind_s()

    def change(self, dn: str, **attributes: str | None) -> None:
        changes = [
            (ldap.MOD_REPLACE, name, [value.encode()] if value is not None else None)
            for name, value in attributes.items()
        ]
        with self.as_root() as root:
            root.modify_s(dn, changes)

    def add(self, dn: str, attributes: Mapping[str, str | list[str]]) -> None:
        values = {
            name: [each.encode() for each in (value if isinstance(value, list) else [value])]
            for name, value in attributes.items()
            if value
        }
        with self.as_root() as root:
            root.add_s(dn, modlist.addModlist(values))

    def delete(self, dn: str) -> None:
        with self.as_root() as root:
            root.delete_s(dn)

    def _answers(self) -> bool:
        try:
            with self.as_root():
                return True
        except ldap.SERVER_DOWN:
            return False


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Server]:
    server = Server(folder, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]
