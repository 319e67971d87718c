"""OpenStack: identity, placement, images, compute, networking, block storage."""

from collections.abc import Iterable, Iterator

from lab import identity, mounts, schemas, seed
from lab.array import Array
from lab.catalogue import infrastructure
from lab.environment import for_openstack
from lab.facts import KVM_HOST, LOOPBACK, MOVING_HOSTS, NODES_IN_NAME
from lab.layout import Layout
from lab.readiness import answers, connected_to, listens, running
from lab.service import Door, Entry, Job, Service

GROUP = "openstack"

KEYSTONE = Door(name="keystone", port=5000, health="/v3")
PLACEMENT = Door(name="placement", port=8778, health="/")
GLANCE = Door(name="glance", port=9292, timeout="600s", health="/versions")
NOVA = Door(name="nova", port=8774, health="/")
NEUTRON = Door(name="neutron", port=9696, health="/")
CINDER = Door(name="cinder", port=8776, health="/")
CONSOLES = Door(name="novncproxy", port=6080, timeout="1h")

NOVA_CONTROL = ("nova/nova.conf", "nova/control.conf")

# What every service that speaks with its peers needs.
PEERS = ("identity", "rabbitmq", "memcached", "haproxy")


def entries(layout: Layout) -> tuple[Entry, ...]:
    """All of OpenStack."""
    return (
        *_identity(layout),
        *_placement_and_images(layout),
        *_compute(layout),
        *_hypervisors(layout),
        *_networking(layout),
        *_block_storage(layout),
        Job(
            name="seed",
            group=GROUP,
            run=lambda: seed.plant(layout),
            needs=(
                "glance",
                "nova-api",
                "neutron-api",
                "cinder-api",
                "placement",
                "nova-compute-kvm",
                "nova-compute-scale",
                *(f"nova-compute-{host}" for host in MOVING_HOSTS),
                "nova-scheduler",
                "ovn-controller",
                "cinder-volume",
                "cinder-scheduler",
            ),
        ),
    )


def _identity(layout: Layout) -> Iterator[Entry]:
    yield _schema(layout, "keystone")
    yield _api(layout, "keystone", KEYSTONE, "keystone.wsgi.api:application", threads=8, needs=("schema-keystone",))
    yield Job(name="identity", group=GROUP, needs=("keystone",), run=lambda: identity.register(layout))


def _placement_and_images(layout: Layout) -> Iterator[Entry]:
    yield _schema(layout, "placement")
    yield _api(
        layout,
        "placement",
        PLACEMENT,
        "placement.wsgi.api:application",
        threads=8,
        needs=("schema-placement", "identity", "memcached"),
    )
    yield _schema(layout, "glance")
    yield _api(
        layout,
        "glance",
        GLANCE,
        "glance.wsgi.api:application",
        threads=8,
        needs=("schema-glance", "identity", "memcached"),
        config=("glance/glance-api.conf",),
    )


def _compute(layout: Layout) -> Iterator[Entry]:
    control = _config_files(layout, NOVA_CONTROL)
    yield _schema(layout, "nova", "rabbitmq")
    yield _api(
        layout,
        "nova-api",
        NOVA,
        "nova.wsgi.osapi_compute:application",
        threads=32,
        needs=("schema-nova", *PEERS),
        config=NOVA_CONTROL,
        # The first file of the list is where it looks for its pipeline.
        environment={"OS_NOVA_CONFIG_FILES": f"{layout.venv}/etc/nova/api-paste.ini;nova.conf;control.conf"},
    )
    for name in ("nova-conductor", "nova-scheduler"):
        yield _worker(layout, name, control, "schema-nova", *NOVA_CONTROL)
    yield Service(
        name="nova-novncproxy",
        group=GROUP,
        command=f"{layout.venv}/bin/nova-novncproxy {control} --web /usr/share/novnc",
        needs=("schema-nova", *PEERS),
        door=CONSOLES,
        ready=listens(CONSOLES.inner_port),
        environment=for_openstack(layout),
        config=NOVA_CONTROL,
    )


def _hypervisors(layout: Layout) -> Iterator[Entry]:
    yield Job(name="identities", group=GROUP, run=lambda: mounts.identify_hosts_in_name(layout))
    real = ("libvirtd", "ovn-controller", "share-keeper", "neutron-api", "glance")
    for host, needs in {KVM_HOST: real, **dict.fromkeys(NODES_IN_NAME, ("identities",))}.items():
        yield _worker(
            layout,
            f"nova-compute-{'kvm' if host == KVM_HOST else host}",
            _config_files(layout, ("nova/nova.conf", f"nova/{host}.conf")),
            "schema-nova",
            "nova/nova.conf",
            f"nova/{host}.conf",
            program="nova-compute",
            needs=("nova-conductor", "placement", *needs),
            environment={"JINYUN_LAB_NODES": str(NODES_IN_NAME.get(host, 0))},
        )


def _networking(layout: Layout) -> Iterator[Entry]:
    files = ("neutron/neutron.conf", "neutron/ml2_conf.ini")
    yield _schema(layout, "neutron")
    yield _api(
        layout,
        "neutron-api",
        NEUTRON,
        "neutron.wsgi.api:application",
        threads=16,
        needs=("schema-neutron", "ovn-north-db", "ovn-south-db", "ovn-northd", *PEERS),
        config=files,
        environment={"OS_NEUTRON_CONFIG_FILES": "neutron.conf;ml2_conf.ini"},
    )
    yield Service(
        name="neutron-ovn-maintenance",
        group=GROUP,
        command=f"{layout.venv}/bin/neutron-ovn-maintenance-worker " + _config_files(layout, files),
        needs=("neutron-api",),
        ready=running(),
        environment=for_openstack(layout),
        config=files,
    )


def _block_storage(layout: Layout) -> Iterator[Entry]:
    yield _schema(layout, "cinder")
    arguments = _config_files(layout, ("cinder/cinder.conf",))
    yield _api(
        layout,
        "cinder-api",
        CINDER,
        "cinder.wsgi.api:application",
        # An attach holds a thread for as long as the array takes: too few, and even reads time out.
        threads=256,
        needs=("schema-cinder", *PEERS),
        config=("cinder/cinder.conf",),
        arguments=arguments,
    )
    yield _worker(layout, "cinder-scheduler", arguments, "schema-cinder", "cinder/cinder.conf")
    yield _worker(
        layout,
        "cinder-volume",
        arguments,
        "schema-cinder",
        "cinder/cinder.conf",
        needs=("share-keeper", "glance"),
        environment={"JINYUN_LAB_ARRAY": str(Array.of(layout).folder)},
    )


def _config_files(layout: Layout, names: Iterable[str]) -> str:
    return " ".join(f"--config-file {layout.conf}/{name}" for name in names)


def _schema(layout: Layout, name: str, *needs: str) -> Job:
    return Job(name=f"schema-{name}", group=GROUP, needs=("mariadb", *needs), run=lambda: schemas.upgrade(layout, name))


def _api(
    layout: Layout,
    name: str,
    door: Door,
    module: str,
    *,
    threads: int,
    needs: tuple[str, ...],
    config: tuple[str, ...] | None = None,
    arguments: str = "",
    environment: dict[str, str] | None = None,
) -> Service:
    project = name.removesuffix("-api")
    options = (
        f'--http-socket {LOOPBACK}:{door.inner_port} --threads {threads} --module {module} --procname-prefix "{name} "'
    )
    return Service(
        name=name,
        group=GROUP,
        command=f"{layout.venv}/bin/uwsgi --ini {layout.conf}/uwsgi.ini {options}"
        + (f' --pyargv "{arguments}"' if arguments else ""),
        needs=("haproxy", *needs),
        door=door,
        ready=answers(door.port, door.health or "/", namespaced=False),
        environment=for_openstack(layout)
        | {f"OS_{project.upper()}_CONFIG_DIR": f"{layout.conf}/{project}"}
        | (environment or {}),
        # One that waits for a slow peer would not hear the signal for long.
        stop_seconds=4,
        config=("uwsgi.ini", *(config or (f"{project}/{project}.conf",))),
    )


def _worker(
    layout: Layout,
    name: str,
    arguments: str,
    schema: str,
    *config: str,
    program: str | None = None,
    needs: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
) -> Service:
    return Service(
        name=name,
        group=GROUP,
        command=f"{layout.venv}/bin/{program or name} {arguments}",
        needs=(schema, *PEERS, *needs),
        ready=connected_to(infrastructure.QUEUE.inner_port),
        environment=for_openstack(layout) | (environment or {}),
        config=config,
    )
