"""The bank's directory of departments and people: Jinyun keeps in step with it, people sign in with what it knows."""

import shutil
from pathlib import Path

from jinyun.bank import keep_passwords
from lab import certificates, passwords, slapd
from lab.facts import LOOPBACK
from lab.layout import Layout
from lab.readiness import listens
from lab.sample_directory import hashed, ldif, sample_logins
from lab.service import Door, Entry, Job, Service

GROUP = "directory"

DIRECTORY = Door(name="directory", port=16360, mode="tcp", timeout="8h")


def entries(layout: Layout) -> tuple[Entry, ...]:
    """OpenLDAP with the sample bank in it."""
    return (
        Job(name="slapd-files", group=GROUP, run=lambda: _fill_once(layout)),
        Service(
            name="slapd",
            group=GROUP,
            needs=("slapd-files", "haproxy"),
            command=" ".join(slapd.command(folder(layout), f"ldaps://{LOOPBACK}:{DIRECTORY.inner_port}")),
            door=DIRECTORY,
            ready=listens(DIRECTORY.inner_port),
        ),
    )


def folder(layout: Layout) -> Path:
    """Where the directory's files lie, with `ca.crt`, `reader.password` and `root.password`."""
    return layout.state / "slapd"


def _fill_once(layout: Layout) -> None:
    """Make the directory's files; what was changed in it since stays."""
    place = folder(layout)
    filled = place / "filled"
    if filled.exists():
        return
    shutil.rmtree(place, ignore_errors=True)
    secrets = passwords.load(layout.secrets)
    slapd.write_configuration(place, root_password=hashed(secrets["directory_root"]))
    certificates.make_certificate(place, "directory.bank.example")
    # The same passwords that `jinyun bank load` gives to local accounts.
    people = keep_passwords(layout.data / "passwords.yaml", sample_logins())
    slapd.fill(place, ldif(people | {"jinyun": secrets["directory_reader"]}))
    for name in ("reader", "root"):
        passwords.write_private(place / f"{name}.password", secrets[f"directory_{name}"])
    filled.touch()
