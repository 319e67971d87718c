"""What OpenStack stands on: database, message queue, cache, load balancer."""

from lab import queue, schemas
from lab.facts import LOOPBACK
from lab.layout import Layout
from lab.readiness import both, has_socket, listens, running
from lab.service import Door, Entry, Job, Service

GROUP = "infrastructure"

DATABASE = Door(name="mariadb", port=13306, mode="tcp", timeout="8h")
QUEUE = Door(name="rabbitmq", port=15673, mode="tcp", timeout="8h")
CACHE_PORT = 31211
EPMD_PORT = 34369
QUEUE_CLUSTER_PORT = 35672


def entries(layout: Layout) -> tuple[Entry, ...]:
    """Services of the ground floor."""
    erlang = {
        "HOME": str(layout.home / "rabbitmq"),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "ERL_EPMD_PORT": str(EPMD_PORT),
    }
    return (
        Job(name="mariadb-files", group=GROUP, run=lambda: schemas.create_database_files(layout)),
        Service(
            name="mariadb",
            group=GROUP,
            needs=("mariadb-files",),
            command=f"/usr/sbin/mariadbd --defaults-file={layout.conf}/mariadb.cnf",
            door=DATABASE,
            ready=both(has_socket(layout.run / "mariadb.sock"), listens(DATABASE.inner_port)),
            config=("mariadb.cnf",),
            stop_seconds=30,
        ),
        Service(
            name="rabbitmq",
            group=GROUP,
            # Erlang starts its port mapper (epmd) by itself, and again when that dies.
            command="/usr/lib/rabbitmq/bin/rabbitmq-server",
            door=QUEUE,
            ready=listens(QUEUE.inner_port),
            environment=erlang
            | {
                "RABBITMQ_NODENAME": "rabbit@localhost",
                "RABBITMQ_CONFIG_FILE": f"{layout.conf}/rabbitmq.conf",
                "RABBITMQ_CONF_ENV_FILE": "/dev/null",
                "RABBITMQ_MNESIA_BASE": f"{layout.state}/rabbitmq",
                "RABBITMQ_LOG_BASE": f"{layout.logs}/rabbitmq",
                "RABBITMQ_LOGS": "-",
                "RABBITMQ_ENABLED_PLUGINS_FILE": f"{layout.conf}/rabbitmq-plugins",
                "RABBITMQ_PID_FILE": f"{layout.run}/rabbitmq.pid",
                "RABBITMQ_DIST_PORT": str(QUEUE_CLUSTER_PORT),
                # Busy waiting of idle schedulers would cost the guests their processor.
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
            },
            config=("rabbitmq.conf", "rabbitmq-plugins"),
            stop_seconds=20,
        ),
        Job(
            name="rabbitmq-listener",
            group=GROUP,
            needs=("rabbitmq",),
            run=lambda: queue.admit_listener(layout, {**erlang, "RABBITMQ_CONF_ENV_FILE": "/dev/null"}),
        ),
        Service(
            name="memcached",
            group=GROUP,
            command=f"/usr/bin/memcached -u root -l {LOOPBACK} -p {CACHE_PORT} -m 64",
            port=CACHE_PORT,
            ready=listens(CACHE_PORT),
        ),
        Service(
            name="haproxy",
            group=GROUP,
            command=f"/usr/sbin/haproxy -W -db -f {layout.conf}/haproxy.cfg",
            ready=both(running(), has_socket(layout.run / "haproxy.sock")),
            config=("haproxy.cfg",),
            # Its doors stand in the machine's own network; each leads to a server inside the namespace.
            namespaced=False,
            stop_signal="TERM",
        ),
    )
