"""A vCenter beside the cloud: simulated by vcsim, small, and said to be so wherever it shows."""

from pathlib import Path

from lab import passwords, vcenter
from lab.facts import LOOPBACK
from lab.layout import Layout
from lab.readiness import listens
from lab.service import Door, Entry, Job, Service

GROUP = "vcenter"

VCENTER = Door(name="vcenter", port=16443, mode="tcp", timeout="8h")
IDENTITY = "6b1f0c52-8f0e-4c0a-9d56-3f1f35b0c001"
"""The instance UUID: the same after each start, as a vCenter's is."""


def entries(layout: Layout) -> tuple[Entry, ...]:
    """vcsim with two clusters and some twenty machines; it forgets what was done when it ends."""
    program = vcenter.program(layout)
    address = f"{LOOPBACK}:{VCENTER.inner_port}"
    return (
        Job(name="vcenter-files", group=GROUP, run=lambda: _prepare(layout)),
        Service(
            name="vcenter",
            group=GROUP,
            needs=("vcenter-files", "haproxy"),
            command=" ".join(vcenter.command(program, folder(layout), address, IDENTITY)),
            door=VCENTER,
            ready=listens(VCENTER.inner_port),
            environment={"TMPDIR": str(folder(layout))},
        ),
    )


def folder(layout: Layout) -> Path:
    """Where its certificate's authority `ca.crt` and its `password` lie."""
    return layout.state / "vcenter"


def _prepare(layout: Layout) -> None:
    vcenter.ensure_built(layout)
    vcenter.write_files(folder(layout), passwords.load(layout.secrets)["vcenter"])
