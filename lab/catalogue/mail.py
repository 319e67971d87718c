"""The bank's mail server: what Jinyun tells people lies in a folder."""

import sys
from pathlib import Path

from lab.catalogue.jinyun import GROUP
from lab.layout import Layout
from lab.readiness import listens
from lab.service import Door, Entry, Service

MAIL = Door(name="mail", port=16325, mode="tcp")


def entries(layout: Layout) -> tuple[Entry, ...]:
    """A server that keeps what it takes; nothing waits for it."""
    return (
        Service(
            name="mail",
            group=GROUP,
            needs=("haproxy",),
            command=f"{sys.executable} -m lab.mail {MAIL.inner_port} {folder(layout)}",
            door=MAIL,
            ready=listens(MAIL.inner_port),
            environment={"PYTHONPATH": str(layout.sources.parent)},
        ),
    )


def folder(layout: Layout) -> Path:
    """Where the messages lie, one file each, in the order in which they came."""
    return layout.state / "mail"
