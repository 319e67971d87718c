"""The bank's single sign-on: people of the sample bank come into Jinyun by it."""

import sys
from pathlib import Path

from lab import passwords
from lab.catalogue.jinyun import GROUP
from lab.layout import Layout
from lab.readiness import answers
from lab.service import Door, Entry, Job, Service

DISCOVERY = "/.well-known/openid-configuration"
SIGN_ON = Door(name="sign-on", port=16380, health=DISCOVERY)


def entries(layout: Layout) -> tuple[Entry, ...]:
    """A provider of OpenID Connect; nothing waits for it."""
    return (
        Job(name="sign-on-secret", group=GROUP, run=lambda: _write_secret(layout)),
        Service(
            name="sign-on",
            group=GROUP,
            needs=("haproxy",),
            command=f"{sys.executable} -m lab.sign_on {SIGN_ON.inner_port}",
            door=SIGN_ON,
            ready=answers(SIGN_ON.inner_port, DISCOVERY),
            environment={"PYTHONPATH": str(layout.sources.parent)},
        ),
    )


def client_secret(layout: Layout) -> Path:
    """Where Jinyun finds what it proves itself with at the provider."""
    return layout.state / "jinyun" / "sign-on.secret"


def _write_secret(layout: Layout) -> None:
    passwords.write_private(client_secret(layout), passwords.load(layout.secrets)["sign_on_client"])
