"""The sample bank's mail server, as the lab runs it: a process of its own, and Jinyun as the lab configures it."""

import os
import socket
import subprocess
import sys
import tomllib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from sqlalchemy.orm import Session

from jinyun.kit.database import Database
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text
from jinyun.notices.sending import send_due
from jinyun.notices.service import tell
from lab import catalogue, configuration
from lab.catalogue.mail import MAIL, folder
from lab.layout import CHECKOUT, Layout
from tests.api import MANAGER, SampleBank
from tests.mailbox import free_port
from tests.stories.stage import await_that


def test_what_people_are_told_lies_in_a_folder_with_a_link(database: Database, tmp_path: Path) -> None:
    layout = Layout(data=tmp_path / "lab", run=tmp_path / "run")
    content = tomllib.loads(configuration.texts(layout)["jinyun.toml"])
    configured = {name: content[name] for name in ("smtp_host", "smtp_port", "smtp_tls", "mail_from", "public_url")}
    assert configured["smtp_port"] == MAIL.port
    assert "-m lab.mail" in catalogue.services(layout)["mail"].command
    person_id = SampleBank(database).actor(MANAGER).person_id or ""

    def write(session: Session) -> None:
        tell(session, [person_id], Text("For you", "待您审批"), Text("Two", "两台"), "/approvals/1")

    database.write(write)
    settings = Settings(**configured | {"smtp_port": free_port()})
    command = [sys.executable, "-m", "lab.mail", str(settings.smtp_port), str(folder(layout))]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(CHECKOUT)})
    try:
        await_that(lambda: _answers(settings.smtp_port), "the server answers")
        assert send_due(settings, database) == 1
    finally:
        process.terminate()
        process.wait()
    (kept,) = folder(layout).glob("*.eml")
    mail = message_from_bytes(kept.read_bytes(), policy=default)
    assert (mail["To"], mail["Subject"], mail["From"]) == (f"{MANAGER}@bank.example", "待您审批", "cloud@bank.example")
    assert "http://127.0.0.1:8800/approvals/1" in mail.get_content()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
