"""Up, down and reset: the lab's life as a whole."""

import contextlib
import json
import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import catalogue, configuration, facts, guests, host, identity, mounts, namespace, orchestration, packages
from lab.image import build
from lab.layout import Layout
from lab.progress import Progress
from lab.service import closure
from lab.supervision import Supervisor


def up(layout: Layout, groups: tuple[str, ...], progress: Progress) -> None:
    """Bring the lab up; harmless when it is up, a repair when parts of it are not."""
    host.check_machine()
    host.check_owner(layout)
    supervisor = Supervisor(layout)
    if supervisor.pid is None:
        with progress.timed("leftovers"):
            _clean_up(layout)
        host.check_room(layout)
        host.check_ports(catalogue.outer_ports(layout))
    _install(layout, progress)
    with progress.timed("folders and wires"):
        mounts.create_folders(layout)
        for folder in ("ovs", "libvirt"):
            (layout.run / folder).mkdir(parents=True, exist_ok=True)
        layout.owner.write_text(f"{layout}\n")
        namespace.create()
    changed = configuration.render(layout)
    identity.write_clouds(layout)
    with progress.timed("process manager"):
        supervisor.start()
        _stop_changed(layout, supervisor, changed)
    entries = catalogue.entries(layout)
    wanted = frozenset(name for name, entry in entries.items() if entry.group in groups)
    orchestration.bring_up(closure(entries, wanted), supervisor, progress)
    _write_facts(layout)
    progress.say("the lab is up")


def down(layout: Layout, progress: Progress) -> None:
    """Stop everything and leave nothing behind but the data folder."""
    host.check_machine()
    host.check_owner(layout)
    supervisor = Supervisor(layout)
    layout.ready.unlink(missing_ok=True)
    if supervisor.pid is not None:
        services = catalogue.services(layout).values()
        # Nova must be silent before a guest ends, or it would take the guest for stopped by its user.
        with progress.timed("OpenStack"):
            orchestration.stop([s for s in services if s.group not in catalogue.CARRYING_GROUPS], supervisor)
        with progress.timed("guests"):
            guests.shut_down(layout)
        with progress.timed("infrastructure"):
            orchestration.stop([s for s in services if s.group in catalogue.CARRYING_GROUPS], supervisor)
            supervisor.shut_down()
    _clean_up(layout)
    progress.say("the lab is down")


def reset(layout: Layout, progress: Progress, *, everything: bool) -> None:
    """Take the lab down and forget all that it knew; what was downloaded and built stays unless told."""
    down(layout, progress)
    kept = set() if everything else {layout.venv, layout.artefacts}
    if layout.data.exists():
        for path in layout.data.iterdir():
            if path in kept:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    progress.say("the lab is as new")


def _install(layout: Layout, progress: Progress) -> None:
    """Debian's packages first: the rest is built with them."""
    with progress.timed("Debian packages"):
        packages.install_debian_packages()
    with ThreadPoolExecutor() as pool:
        steps = {
            "OpenStack environment": pool.submit(packages.build_venv, layout),
            "guest image": pool.submit(build.ensure, layout),
        }
        for name, step in steps.items():
            with progress.timed(name):
                step.result()


def _stop_changed(layout: Layout, supervisor: Supervisor, changed: frozenset[str]) -> None:
    """Stop services whose configuration is new: they are started again with the rest."""
    services = catalogue.services(layout).values()
    orchestration.stop([service for service in services if changed.intersection(service.config)], supervisor)


def _clean_up(layout: Layout) -> None:
    """Remove what a lab leaves on the machine, however it ended."""
    _end_processes(layout)
    former = Path(layout.owner.read_text().strip()) if layout.owner.exists() else layout.data
    for data in {layout.data, former}:
        mounts.unmount_all(Layout(data=data))
    namespace.delete()
    mounts.remove_mount_points()
    shutil.rmtree(layout.run, ignore_errors=True)


def _end_processes(layout: Layout) -> None:
    for number, patience in ((signal.SIGTERM, 8.0), (signal.SIGKILL, 8.0)):
        for pid in host.leftovers(layout):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while host.leftovers(layout) and time.monotonic() < deadline:
            time.sleep(0.1)


def _write_facts(layout: Layout) -> None:
    """Tell tests and benchmarks, and people, where things are."""
    doors = {door.name: door.port for door in catalogue.doors(layout)}
    known = {
        "clouds_file": str(layout.clouds),
        "clouds": ["lab", "lab-admin"],
        "region": facts.REGION,
        "doors": doors,
        "database": {
            "host": facts.LOOPBACK,
            "port": doors["mariadb"],
            "name": "jinyun",
            "user": "jinyun",
            "password_in": {"file": str(layout.secrets), "key": "database_jinyun"},
        },
        "vnc_proxy": f"http://{facts.LOOPBACK}:{doors['novncproxy']}",
        "zones": {"servers": facts.ZONES[0].name, "scale": facts.ZONES[1].name, "moving": facts.ZONES[2].name},
        "hosts": {"kvm": facts.KVM_HOST, "scale": facts.SCALE_HOST, "scale_nodes": facts.SCALE_NODES},
        "images": {"bootable": facts.IMAGE, "large": facts.LARGE_IMAGE},
        "flavors": [flavor.name for flavor in facts.FLAVORS],
        "volume_types": list(facts.VOLUME_TYPES),
        "provider_networks": {
            network.name: {"cidr": network.cidr, "vlan": network.vlan, "gateway": network.gateway, "pool": network.pool}
            for network in facts.NETWORKS
        },
        "guests": {"user": "root", "reachable_from_host": [network.cidr for network in facts.NETWORKS]},
        "serial_log_ready_line": "jinyun-lab: ready",
    }
    layout.facts.write_text(json.dumps(known, indent=2) + "\n")
    layout.ready.write_text(f"up since {time.strftime('%Y-%m-%d %H:%M:%S %z')}\n")
