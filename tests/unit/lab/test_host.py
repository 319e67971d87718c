import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from lab import facts, host, passwords
from lab.host import Refused
from lab.layout import MARK, Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(data=tmp_path / "lab", run=tmp_path / "run")


def test_it_refuses_anybody_but_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refused, match="run it as root"):
        host.check_machine()


def test_it_refuses_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        host, "_os_release", lambda: {"ID": "ubuntu", "VERSION_ID": "24.04", "PRETTY_NAME": "Ubuntu 24.04"}
    )
    with pytest.raises(Refused, match=r"this is Ubuntu 24\.04"):
        host.check_machine()


def test_it_refuses_a_machine_without_memory(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "available_memory", lambda: 3 * facts.GIB)
    with pytest.raises(Refused, match=r"3\.0 GiB of memory are free, 10 GiB are needed"):
        host.check_room(layout)


def test_it_refuses_a_machine_without_disk(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "available_memory", lambda: facts.MEMORY_NEEDED)
    monkeypatch.setattr(facts, "DISK_NEEDED", 2**60)
    with pytest.raises(Refused, match="GiB are free on the disk"):
        host.check_room(layout)


def test_a_taken_port_is_refused_naming_who_holds_it() -> None:
    with socket.create_server((facts.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Refused, match=rf"port {port}, which nova needs, .*process {os.getpid()}"):
            host.check_ports({port: "nova"})
    host.check_ports({port: "nova"})


def test_the_lab_of_another_checkout_is_found_by_the_mark_of_its_processes(layout: Layout) -> None:
    environment = {MARK: "/somewhere/else/.lab"}
    process = subprocess.Popen(["/bin/cat"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdin and process.stdout
        # Once it answers it has surely begun: only then its environment can be read.
        process.stdin.write("begun\n")
        process.stdin.flush()
        assert process.stdout.readline() == "begun\n"
        assert host.mark_of(process.pid) == "/somewhere/else/.lab"
        assert process.pid not in host.leftovers(layout)
        assert process.pid in host.leftovers(Layout(data=Path("/somewhere/else/.lab")))
    finally:
        process.kill()
        process.communicate()


def test_two_commands_at_a_time_are_one_too_many(layout: Layout) -> None:
    with host.alone(layout), pytest.raises(Refused, match="another `lab` command"), host.alone(layout):
        pass


def test_passwords_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    made = passwords.load(file)
    assert passwords.load(file) == made == json.loads(file.read_text())
    assert len(set(made.values())) == len(made)
    assert file.stat().st_mode & 0o077 == 0
