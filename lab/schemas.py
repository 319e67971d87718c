"""Database schemas of the OpenStack services: made or upgraded once for each version of the lock file."""

import hashlib
import shutil
from collections.abc import Mapping

from lab import namespace, passwords
from lab.commands import output, run
from lab.environment import for_command
from lab.facts import LOOPBACK, REGION
from lab.layout import Layout

KEYSTONE_URL = f"http://{LOOPBACK}:5000/v3"

NOVA_MANAGE = "nova-manage --config-file {conf}/nova/nova.conf --config-file {conf}/nova/control.conf"

# The commands of each service, in order; every one of them may be repeated.
STEPS: Mapping[str, tuple[str, ...]] = {
    "keystone": (
        "keystone-manage --config-file {conf}/keystone/keystone.conf db_sync",
        "keystone-manage --config-file {conf}/keystone/keystone.conf fernet_setup"
        " --keystone-user root --keystone-group root",
        "keystone-manage --config-file {conf}/keystone/keystone.conf credential_setup"
        " --keystone-user root --keystone-group root",
        "keystone-manage --config-file {conf}/keystone/keystone.conf bootstrap --bootstrap-service-name keystone"
        f" --bootstrap-region-id {REGION} --bootstrap-admin-url {KEYSTONE_URL}"
        f" --bootstrap-public-url {KEYSTONE_URL} --bootstrap-internal-url {KEYSTONE_URL}",
    ),
    "placement": ("placement-manage --config-file {conf}/placement/placement.conf db sync",),
    "glance": ("glance-manage --config-file {conf}/glance/glance-api.conf db_sync",),
    "nova": (
        NOVA_MANAGE + " api_db sync",
        NOVA_MANAGE + " cell_v2 map_cell0",
        NOVA_MANAGE + " db sync",
    ),
    "neutron": (
        "neutron-db-manage --config-file {conf}/neutron/neutron.conf --config-file {conf}/neutron/ml2_conf.ini"
        " upgrade heads",
    ),
    "cinder": ("cinder-manage --config-file {conf}/cinder/cinder.conf db sync",),
}


def create_database_files(layout: Layout) -> None:
    """Give MariaDB its system tables, unless it has them."""
    folder = layout.state / "mariadb"
    if (folder / "mysql").exists():
        return
    draft = layout.state / "mariadb.new"
    shutil.rmtree(draft, ignore_errors=True)
    run(
        "mariadb-install-db",
        "--no-defaults",
        "--user=root",
        f"--datadir={draft}",
        "--auth-root-authentication-method=socket",
        "--skip-test-db",
    )
    draft.rename(folder)


def upgrade(layout: Layout, name: str) -> None:
    """Bring one service's schema to the version of its code."""
    marker = layout.state / f"schema-{name}"
    version = hashlib.sha256((layout.sources / "requirements.lock").read_bytes()).hexdigest()
    if marker.exists() and marker.read_text() == version:
        return
    # Passwords travel in the environment: a command line is open to everybody.
    environment = for_command(layout) | {"OS_BOOTSTRAP_PASSWORD": passwords.load(layout.secrets)["admin"]}
    for step in STEPS[name]:
        _manage(layout, step, environment)
    if name == "nova":
        _create_cell(layout, environment)
    marker.write_text(version)


def _create_cell(layout: Layout, environment: Mapping[str, str]) -> None:
    cells = f"{NOVA_MANAGE} cell_v2"
    if " cell1 " not in _manage(layout, f"{cells} list_cells", environment):
        _manage(layout, f"{cells} create_cell --name cell1", environment)


def _manage(layout: Layout, step: str, environment: Mapping[str, str]) -> str:
    program, *arguments = step.format(conf=layout.conf).split()
    return output(*namespace.wrap(str(layout.venv / "bin" / program)).split(), *arguments, environment=environment)
