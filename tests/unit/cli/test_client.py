"""What the command line does when the server is away, slow, or loses answers; and how it ends."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jinyun.cli import client
from jinyun.servers.models import KeyPair
from tests.api import APPLICANT
from tests.unit.cli.conftest import Jinyun, Served, free_port, paths

SignIn = Callable[..., None]
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl li.wei@bank.example"


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    file = tmp_path / "id.pub"
    file.write_text(PUBLIC_KEY)
    return str(file)


def test_a_refusal_is_shown_with_what_to_do_and_its_code(jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    said = jinyun("project", "show", "nothing-of-the-kind")
    assert said.code == 1
    assert len(said.err.splitlines()) == 3
    assert "nothing-of-the-kind" in said.err.splitlines()[0]
    assert said.err.splitlines()[2] == "not-found"


def test_wrong_usage_has_its_own_exit_code(jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    assert jinyun("project", "show").code == 2
    assert jinyun("whoami", "-o", "xml").code == 2
    order = ["--project", "p", "--hostname", "h", "--flavor", "f", "--image", "i", "--network", "n", "--purpose", "x"]
    assert jinyun("order", "server", *order, "--volume", "much").code == 2
    assert jinyun("order", "server", *order, "--until", "tomorrow").code == 2


def test_what_a_person_types_cannot_lead_to_another_address(served: Served, jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    assert jinyun("project", "show", "../self").code == 1
    assert "/v1/self" not in paths(served.trouble.seen, "GET")


def test_nobody_listening(jinyun: Jinyun) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    said = jinyun("whoami", "--url", url)
    assert said.code == 4
    assert url in said.err
    assert said.err.splitlines()[-1] == "unreachable"


@pytest.mark.parametrize("address", ["nonsense", "ftp://127.0.0.1", "http://["])
def test_an_address_that_is_none(jinyun: Jinyun, address: str) -> None:
    assert jinyun("whoami", "--url", address).code == 4


def test_a_server_that_is_away_for_a_moment_is_asked_again(served: Served, jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    served.trouble.answers = [("refuse", {}), ("refuse", {"Retry-After": "0"})]
    said = jinyun("project", "list")
    assert said.code == 0
    assert said.err.count("asking again") == 2
    assert "mobile-banking" in said.out
    assert not any(line.endswith(" ") for line in said.out.splitlines())


def test_asking_again_has_an_end(served: Served, jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    served.trouble.seen.clear()
    served.trouble.answers = [("refuse", {"Retry-After": "0"})] * 50
    assert jinyun("project", "list").code == 4
    assert len(served.trouble.seen) == client.ATTEMPTS


def test_the_server_says_how_long_to_wait(
    served: Served, jinyun: Jinyun, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(APPLICANT)
    slept: list[float] = []
    monkeypatch.setattr("jinyun.cli.client.time.sleep", slept.append)
    served.trouble.answers = [("refuse", {"Retry-After": "7"})]
    assert jinyun("project", "list").code == 0
    assert slept == [7.0]
    served.trouble.answers = [("refuse", {"Retry-After": "3600"})]
    assert jinyun("project", "list").code == 4
    assert slept == [7.0]


def test_a_write_whose_answer_got_lost_counts_once(
    served: Served, jinyun: Jinyun, sign_in: SignIn, key_file: str
) -> None:
    sign_in(APPLICANT)
    served.trouble.seen.clear()
    served.trouble.answers = [("lose", {}), ("refuse", {})]
    said = jinyun("keypair", "add", "laptop", key_file)
    assert said.code == 0, said.err
    assert "laptop" in said.out
    keys = [request["idempotency-key"] for request in served.trouble.seen]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert served.database.read(lambda session: session.scalar(select(func.count()).select_from(KeyPair))) == 1


def test_another_command_is_another_request(served: Served, jinyun: Jinyun, sign_in: SignIn, key_file: str) -> None:
    sign_in(APPLICANT)
    served.trouble.seen.clear()
    assert jinyun("keypair", "add", "laptop", key_file).code == 0
    again = jinyun("keypair", "add", "laptop", key_file)
    assert again.code == 1
    assert "already-exists" in again.err
    assert len({request["idempotency-key"] for request in served.trouble.seen}) == 2


def test_lists_say_what_they_leave_out(served: Served, jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    person_id = served.bank.actor(APPLICANT).person_id
    assert person_id is not None
    served.database.write(
        lambda session: session.add_all(
            KeyPair(person_id=person_id, name=f"key-{n:03}", public_key=PUBLIC_KEY, fingerprint="SHA256:x")
            for n in range(120)
        )
    )
    first = jinyun("keypair", "list")
    assert "key-049" in first.out
    assert "key-050" not in first.out
    assert "--all" in first.err
    everything = jinyun("keypair", "list", "--all")
    assert all(f"key-{n:03}" in everything.out for n in range(120))
    assert everything.err == ""


def test_json_is_the_document_of_the_api_with_its_pages_joined(served: Served, jinyun: Jinyun, sign_in: SignIn) -> None:
    sign_in(APPLICANT)
    document = json.loads(jinyun("project", "list", "--all", "-o", "json").out)
    assert document["next"] is None
    assert {project["code"] for project in document["items"]} >= {"mobile-banking", "credit-card"}
    assert all({"id", "created_at", "environment"} <= project.keys() for project in document["items"])


def test_everything_is_said_in_the_language_of_the_terminal(
    served: Served, jinyun: Jinyun, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(APPLICANT)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "应用系统" in jinyun("todo").out
    said = jinyun("project", "show", "nothing-of-the-kind")
    assert "不存在" in said.err
    assert served.trouble.seen[-1]["accept-language"] == "zh-CN"


def test_the_command_line_does_not_wait_for_what_only_servers_need() -> None:
    script = (
        "import sys; from jinyun.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('sqlalchemy', 'fastapi', 'openstack', 'httpx', 'pydantic') if name in sys.modules])"
    )
    environment = {**os.environ, "LANG": "zh_CN.UTF-8"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert "登录" in done.stdout
    assert done.stdout.rstrip().endswith("[]")
