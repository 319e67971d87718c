"""The switches: Open vSwitch in userspace (no kernel module) under OVN's control."""

from pathlib import Path

from lab import bridges
from lab.layout import Layout
from lab.readiness import has_socket
from lab.service import Entry, Job, Service

GROUP = "network"

QUIET = "-vsyslog:off -vfile:off -vconsole:info"


def entries(layout: Layout) -> tuple[Entry, ...]:
    """Switch, its databases and the controllers."""
    sockets = bridges.Sockets(layout)
    environment = {
        "OVS_RUNDIR": str(sockets.folder),
        "OVS_DBDIR": f"{layout.state}/ovs",
        "OVS_LOGDIR": f"{layout.logs}/ovs",
        "OVN_RUNDIR": str(sockets.folder),
        "OVN_DBDIR": f"{layout.state}/ovs",
        "OVN_LOGDIR": f"{layout.logs}/ovs",
    }

    def database(name: str, schema: str, socket: Path) -> tuple[Job, Service]:
        file = layout.state / "ovs" / f"{name}.db"
        service = Service(
            name=name,
            group=GROUP,
            command=f"/usr/sbin/ovsdb-server {QUIET} --remote=punix:{socket} --unixctl={sockets.control(name)} {file}",
            needs=(f"{name}-file",),
            ready=has_socket(socket),
            environment=environment,
        )
        job = Job(name=f"{name}-file", group=GROUP, run=lambda: bridges.create_database(file, schema))
        return job, service

    def daemon(name: str, command: str, *needs: str) -> Service:
        control = sockets.control(name)
        return Service(
            name=name,
            group=GROUP,
            command=f"{command} {QUIET} --unixctl={control}",
            needs=needs,
            ready=has_socket(control),
            environment=environment,
        )

    return (
        *database("ovsdb", "/usr/share/openvswitch/vswitch.ovsschema", sockets.switch),
        *database("ovn-north-db", "/usr/share/ovn/ovn-nb.ovsschema", sockets.north),
        *database("ovn-south-db", "/usr/share/ovn/ovn-sb.ovsschema", sockets.south),
        Job(name="chassis", group=GROUP, needs=("ovsdb",), run=lambda: bridges.describe_chassis(sockets)),
        daemon("ovs-vswitchd", f"/usr/sbin/ovs-vswitchd unix:{sockets.switch}", "chassis"),
        Job(name="bridges", group=GROUP, needs=("ovs-vswitchd",), run=lambda: bridges.build(sockets)),
        daemon(
            "ovn-northd",
            f"/usr/bin/ovn-northd --ovnnb-db=unix:{sockets.north} --ovnsb-db=unix:{sockets.south}",
            "ovn-roots",
        ),
        Job(
            name="ovn-roots",
            group=GROUP,
            needs=("ovn-north-db", "ovn-south-db"),
            run=lambda: bridges.initialise_ovn(sockets),
        ),
        Service(
            name="ovn-controller",
            group=GROUP,
            command=f"/usr/bin/ovn-controller {QUIET} unix:{sockets.switch}",
            needs=("bridges", "ovn-roots"),
            # It alone takes no name for its control socket.
            ready=has_socket(sockets.control("ovn-controller.{pid}")),
            environment=environment,
        ),
    )
