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
    entry = AuditRecord(
        id=new_id(),
        at=utc_now(),
        actor_id=actor.person_id,
        actor_login=actor.login,
        action=action,
        subject_kind=kind,
        subject_id=subject_id,
        subject_name=name,
        project_id=project_id,
        before=_plain(before),
        after=_plain(after),
        source_address=actor.source_address,
        request_id=actor.request_id,
    )
    entry.digest = digest(entry)
    session.add(entry)


def digest(entry: AuditRecord) -> str:
    """Return the SHA-256 of a record's content, as it stood when it was written."""
    content = {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "actor_id": entry.actor_id,
        "actor_login": entry.actor_login,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "subject_name": entry.subject_name,
        "project_id": entry.project_id,
        "before": entry.before,
        "after": entry.after,
        "source_address": entry.source_address,
        "request_id": entry.request_id,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(content: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Mask secrets and turn everything into what JSON gives back unchanged: the digest depends on it."""
    if content is None:
        return None
    masked = {key: MASK if any(word in key.lower() for word in SECRET_WORDS) else content[key] for key in content}
    plain: dict[str, Any] = json.loads(json.dumps(masked, default=str))
    return plain
