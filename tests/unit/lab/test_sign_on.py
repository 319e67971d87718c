"""The sample bank's single sign-on, as the lab runs it: a process of its own, and Jinyun as the lab configures it."""

import os
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from jinyun.app import create_app
from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.kit.vault import create_keys
from jinyun.organisation.models import Person
from lab import catalogue, configuration
from lab.layout import CHECKOUT, Layout
from lab.service import Job
from tests.api import APPLICANT, SECURITY_ADMINISTRATOR, SampleBank

PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lab.sign_on", str(port)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(CHECKOUT)})
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE_SECONDS
    while not _answers(url):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(PATIENCE_SECONDS)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def configured(tmp_path: Path) -> dict[str, Any]:
    """What the lab tells Jinyun of single sign-on."""
    layout = Layout(data=tmp_path / "lab", run=tmp_path / "run")
    secret = catalogue.entries(layout)["sign-on-secret"]
    assert isinstance(secret, Job)
    secret.run()
    text = configuration.texts(layout)["jinyun.toml"]
    return {name: value for name, value in tomllib.loads(text).items() if name.startswith(("oidc_", "public_"))}


def test_the_lab_points_jinyun_at_its_door(configured: dict[str, Any], tmp_path: Path) -> None:
    (door,) = (each for each in catalogue.doors(Layout(data=tmp_path, run=tmp_path)) if each.name == "sign-on")
    assert configured["oidc_issuer"] == f"http://127.0.0.1:{door.port}"


@pytest.mark.parametrize(("login", "is_in"), [(APPLICANT, True), (SECURITY_ADMINISTRATOR, False), ("nobody", False)])
def test_people_of_the_sample_bank_come_in_but_none_with_a_role(
    database: Database, tmp_path: Path, issuer: str, configured: dict[str, Any], login: str, is_in: bool
) -> None:
    SampleBank(database)
    database.write(lambda session: session.execute(update(Person).values(source="ldap")))
    create_keys(tmp_path / "keys")
    settings = Settings(**configured | {"oidc_issuer": issuer}, key_directory=tmp_path / "keys")
    browser = TestClient(create_app(settings, database), base_url=settings.public_url, follow_redirects=False)
    assert browser.get("/v1/sign-in").json()["single_sign_on"]["name"] == configured["oidc_name"]
    there = browser.get("/v1/sign-on").headers["location"]
    back = httpx.post(there, data={"sub": login}, trust_env=False).headers["location"]
    assert browser.get(back).status_code == (303 if is_in else 403)
    who = browser.get("/v1/self")
    assert who.json()["login"] == login if is_in else who.status_code == 401
