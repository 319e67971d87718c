"""Writing to the log: one call beside the change, in its transaction."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.ids import new_id

SECRET_WORDS = ("password", "secret", "token", "private_key", "credential")
MASK = "•••"
CONTENT = (
    "id",
    "at",
    "actor_id",
    "actor_login",
    "on_behalf_of",
    "action",
    "subject_kind",
    "subject_id",
    "subject_name",
    "project_id",
    "before",
    "after",
    "source_address",
    "request_id",
    "order_number",
)
"""What a record says; everything else about it is made from this."""
_LATER = frozenset({"on_behalf_of", "order_number"})
"""Records of the first release had none of these: where they are empty the digest does not know them."""
_NAME_LENGTH = 255
_ID_LENGTH = 64
_COLUMNS = (*CONTENT, "digest")
_INSERT = {
    style: f"INSERT INTO audit_record (`{'`, `'.join(_COLUMNS)}`) VALUES ({', '.join(mark for _ in _COLUMNS)})"  # noqa: S608
    for style, mark in (("qmark", "?"), ("pyformat", "%s"))
}
"""By the driver's way to write parameters. Past the unit of work and the compiler: it stands beside each change."""
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: tuple[str, str, str],
    *,
    project_id: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note that `actor` did `action` to `subject` (kind, id, name); secrets in `before` and `after` are masked."""
    kind, subject_id, name = subject
    said = {
        "id": new_id(),
        "at": utc_now(),
        "actor_id": actor.person_id,
        "actor_login": actor.login[:_NAME_LENGTH],
        "on_behalf_of": actor.on_behalf_of,
        "action": action,
        "subject_kind": kind,
        "subject_id": subject_id[:_ID_LENGTH],
        "subject_name": name[:_NAME_LENGTH],
        "project_id": project_id,
        "before": _plain(before),
        "after": _plain(after),
        "source_address": actor.source_address,
        "request_id": actor.request_id,
        "order_number": actor.order_number,
    }
    row = said | {"digest": digest_of(_as_json(said)), "at": f"{said['at']:%Y-%m-%d %H:%M:%S.%f}"}
    row |= {name: _encode(row[name]) for name in ("before", "after") if row[name] is not None}
    connection = session.connection()
    connection.exec_driver_sql(_INSERT[connection.dialect.paramstyle], tuple(row.values()))


def content(entry: AuditRecord) -> dict[str, Any]:
    """Return what a record says, as JSON holds it."""
    return _as_json({name: getattr(entry, name) for name in CONTENT})


def digest(entry: AuditRecord) -> str:
    """Return the SHA-256 of a record's content, as it stood when it was written."""
    return digest_of(content(entry))


def digest_of(said: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a record says."""
    return hashlib.sha256(canonical(said)).hexdigest()


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return the one way to write a JSON document that digests and signatures are made of."""
    return _encode(document).encode()


def _as_json(said: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in said.items() if value is not None or name not in _LATER}
    return plain | {"at": said["at"].isoformat()}


def _plain(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Mask secrets and turn everything into what JSON gives back unchanged: the digest depends on it."""
    return None if said is None else {str(key): _masked(str(key), value) for key, value in said.items()}


def _masked(key: str, value: Any) -> Any:
    if any(word in key.lower() for word in SECRET_WORDS):
        return MASK
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [_masked("", each) for each in value]
    return value if value is None or type(value) in {str, int, bool, float} else _written(value)


def _written(value: Any) -> Any:
    """Return what is none of JSON's own types as JSON gives it back."""
    return json.loads(json.dumps(value, default=str))
