"""Jinyun as the lab runs it: people at its API, its processes, its database."""

import json
import os
import signal
from functools import cache
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jinyun.cli.client import Client
from jinyun.kit.database import Database
from jinyun.kit.texts import Language
from jinyun.organisation.models import Project
from jinyun.regions.models import ProjectBinding
from lab.layout import Layout
from lab.supervision import Supervisor
from tests.contract.waiting import wait_until

URL = "http://127.0.0.1:8800"
REGION = "lab"
NETWORK = "prod-vlan-100"
OPERATOR, SYSTEM_ADMINISTRATOR, QUOTA_KEEPER = "zhao.yun", "sun.hao", "zhou.jie"
API_NODES = ("jinyun-api-1", "jinyun-api-2")
WORKERS = ("jinyun-worker-1", "jinyun-worker-2")
LAYOUT = Layout.here()


@cache
def client(login: str, language: Language = "en") -> Client:
    """Return the API as one of the sample people sees it."""
    return fresh_client(login, language)


def fresh_client(login: str, language: Language = "en") -> Client:
    """Return the same with connections of its own."""
    return Client(URL, _token(login), language)


@cache
def _token(login: str) -> str:
    password = (LAYOUT.data / "people" / f"{login}.password").read_text().strip()
    token: str = Client(URL, None, "en").post("/v1/sessions", {"login": login, "password": password})["token"]
    return token


def open_database() -> Database:
    """Open the installation's own database, to look past the API."""
    place = json.loads(LAYOUT.facts.read_text())["database"]
    password = json.loads(Path(place["password_in"]["file"]).read_text())[place["password_in"]["key"]]
    address = f"{place['user']}:{password}@{place['host']}:{place['port']}/{place['name']}"
    return Database(f"mysql+pymysql://{address}?charset=utf8mb4")


def supervisor() -> Supervisor:
    """Return the lab's process manager."""
    return Supervisor(LAYOUT)


def kill(name: str) -> int:
    """Kill a service's process where it stands, and return its process id; the process manager starts it again."""
    process = supervisor().process(name)
    assert process.is_running and process.pid > 1, process
    os.kill(process.pid, signal.SIGKILL)
    return process.pid


def await_another_process(name: str, than: int) -> None:
    """Wait until the process manager has started a service again."""
    running = wait_until(
        lambda: supervisor().process(name), lambda seen: seen.is_running and seen.pid not in {0, than}, within=30
    )
    assert running.pid != than


def forget_binding(installed: Database, project: str) -> None:
    """Have Jinyun know of no project in the cloud for an application system; the cloud's own stays."""

    def work(session: Session) -> None:
        of_project = select(Project.id).where(Project.code == project).scalar_subquery()
        session.execute(delete(ProjectBinding).where(ProjectBinding.project_id == of_project))

    installed.write(work)
