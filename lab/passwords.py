"""Passwords of the lab: made once, kept in one file that only root can read, never on a command line."""

import json
import os
import secrets
from pathlib import Path

NAMES = (
    "admin",
    "jinyun_cloud",
    "rabbitmq",
    "rabbitmq_listener",
    "erlang_cookie",
    "metadata",
    "directory_reader",
    "directory_root",
    "sign_on_client",
    "vcenter",
    *(f"database_{name}" for name in ("keystone", "placement", "glance", "nova", "neutron", "cinder", "jinyun")),
    *(f"keystone_{name}" for name in ("placement", "glance", "nova", "neutron", "cinder")),
)


def load(path: Path) -> dict[str, str]:
    """Read the passwords; make those that are missing."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in NAMES if name not in known]
    if missing:
        known.update({name: secrets.token_urlsafe(18).replace("-", "x").replace("_", "y") for name in missing})
        write_private(path, json.dumps(known, indent=2))
    return known


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
