"""The switch's bridges: one for the guests, one for the networks that exist in the data centre."""

from dataclasses import dataclass
from pathlib import Path

from lab import namespace
from lab.commands import run
from lab.facts import KVM_HOST, LOOPBACK, NETWORKS, PHYSICAL_NETWORK, PROVIDER_BRIDGE
from lab.layout import Layout

INTEGRATION_BRIDGE = "br-int"


@dataclass(frozen=True)
class Sockets:
    """Where the switch and its databases listen."""

    layout: Layout

    @property
    def folder(self) -> Path:
        """All of them lie here."""
        return self.layout.run / "ovs"

    @property
    def switch(self) -> Path:
        """The switch's own database."""
        return self.folder / "db.sock"

    @property
    def north(self) -> Path:
        """What Neutron wants."""
        return self.folder / "north.sock"

    @property
    def south(self) -> Path:
        """What the chassis see."""
        return self.folder / "south.sock"

    def control(self, daemon: str) -> Path:
        """Where a daemon takes orders."""
        return self.folder / f"{daemon}.ctl"


def create_database(file: Path, schema: str) -> None:
    """Make an empty database file of a schema, unless it is there."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        run("ovsdb-tool", "create", file, schema)


def initialise_ovn(sockets: Sockets) -> None:
    """Give both of OVN's databases their root rows."""
    run("ovn-nbctl", "--timeout=20", f"--db=unix:{sockets.north}", "init")
    run("ovn-sbctl", "--timeout=20", f"--db=unix:{sockets.south}", "init")


def describe_chassis(sockets: Sockets) -> None:
    """Tell OVN who this chassis is and which bridge leads to the physical network."""
    identity = {
        "system-id": "lab-chassis",
        "hostname": KVM_HOST,
        "ovn-remote": f"unix:{sockets.south}",
        "ovn-encap-type": "geneve",
        "ovn-encap-ip": LOOPBACK,
        "ovn-bridge": INTEGRATION_BRIDGE,
        "ovn-bridge-datapath-type": "netdev",
        "ovn-bridge-mappings": f"{PHYSICAL_NETWORK}:{PROVIDER_BRIDGE}",
        "ovn-cms-options": "enable-chassis-as-gw",
    }
    _switch(sockets, "--no-wait", "init")
    _switch(
        sockets, "--no-wait", "set", "open", ".", *(f"external_ids:{name}={value}" for name, value in identity.items())
    )


def build(sockets: Sockets) -> None:
    """Make the bridges and, on the provider bridge, each network's gateway."""
    userspace = "datapath_type=netdev"
    secure = ("fail-mode=secure", "other-config:disable-in-band=true")
    _add_bridge(sockets, INTEGRATION_BRIDGE, userspace, *secure)
    _add_bridge(sockets, PROVIDER_BRIDGE, userspace)
    for network in NETWORKS:
        name = network.interface
        access = ("--", "set", "port", name, f"tag={network.vlan}") if network.vlan else ()
        internal = ("--", "set", "interface", name, "type=internal")
        _switch(sockets, "--may-exist", "add-port", PROVIDER_BRIDGE, name, *access, *internal)
    namespace.raise_gateways()


def _add_bridge(sockets: Sockets, name: str, *settings: str) -> None:
    _switch(sockets, "--may-exist", "add-br", name, "--", "set", "bridge", name, *settings)


def _switch(sockets: Sockets, *arguments: str) -> None:
    run("ovs-vsctl", "--timeout=20", f"--db=unix:{sockets.switch}", *arguments)
