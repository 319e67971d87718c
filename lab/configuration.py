"""Configuration files: rendered from templates with the facts, the secrets and the catalogue."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from lab import catalogue, facts, mounts, passwords, sample_directory, sign_on, supervision
from lab.array import Array
from lab.catalogue import infrastructure, openstack
from lab.layout import Layout


def render(layout: Layout) -> frozenset[str]:
    """Write every configuration file; return the names of those that changed."""
    return frozenset(name for name, text in texts(layout).items() if _write(layout.conf / name, text))


def render_one(layout: Layout, name: str) -> bool:
    """Write one configuration file; tell whether it changed."""
    return _write(layout.conf / name, texts(layout)[name])


def texts(layout: Layout) -> dict[str, str]:
    """Every configuration file's text by its name below the configuration folder."""
    templates = layout.sources / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are configuration files, not pages
    )
    values = _values(layout)
    names = sorted(str(path.relative_to(templates)) for path in templates.rglob("*.j2") if path.name[0] != "_")
    return {name.removesuffix(".j2"): environment.get_template(name).render(values) for name in names}


def database_url(secrets: Mapping[str, str], name: str, user: str) -> str:
    """Where a service finds its database, straight at the server."""
    port = infrastructure.DATABASE.inner_port
    return f"mysql+pymysql://{user}:{secrets[f'database_{user}']}@{facts.LOOPBACK}:{port}/{name}?charset=utf8mb4"


def _values(layout: Layout) -> dict[str, Any]:
    secrets = passwords.load(layout.secrets)
    doors = catalogue.doors(layout)
    return {
        "facts": facts,
        "secrets": secrets,
        "bank": sample_directory,
        "sign_on_group": sign_on.GROUP,
        "conf": layout.conf,
        "data": layout.data,
        "home": layout.home,
        "logs": layout.logs,
        "run": layout.run,
        "state": layout.state,
        "venv": layout.venv,
        "doors": doors,
        "url": {door.name: f"http://{facts.LOOPBACK}:{door.port}" for door in doors if door.mode == "http"},
        "server_timeout": {door.name: door.timeout for door in doors} | _array_timeout(layout),
        "port": {door.name: door.port for door in doors},
        "inner_port": {door.name: door.inner_port for door in doors},
        "memcached": f"{facts.LOOPBACK}:{infrastructure.CACHE_PORT}",
        "queue_url": f"rabbit://openstack:{secrets['rabbitmq']}@{facts.LOOPBACK}:{infrastructure.QUEUE.inner_port}/",
        "database_url": lambda name, user: database_url(secrets, name, user),
        "shares": [mounts.share_folder(layout, tier) for tier in facts.VOLUME_TYPES],
        "programs": supervision.programs(catalogue.services(layout).values(), layout),
    }


def _array_timeout(layout: Layout) -> dict[str, str]:
    """How long HAProxy waits for Cinder while the slow array's knob says so."""
    timeout = Array.of(layout).door_timeout
    return {openstack.CINDER.name: timeout} if timeout else {}


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text() == text:
        return False
    passwords.write_private(path, text)
    return True
