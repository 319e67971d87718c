"""For whom a pool is kept: a department or an application system, as `department:<code>` or `project:<code>`."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.errors import NotFound
from jinyun.organisation.models import Department, Project

OWNERS: dict[str, type[Department] | type[Project]] = {"department": Department, "project": Project}


def owner_id(session: Session, words: str) -> str:
    """Return the id of whom these words name. Raises NotFound."""
    kind, _, code = words.partition(":")
    owner = OWNERS[kind]
    found = session.scalar(select(owner.id).where(owner.code == code))
    if found is None:
        raise NotFound(field="dedicated_to", kind=kind, name=code)
    return found


def owner_words(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """Return the words for each of these ids; two queries, none where there is nothing to look up."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {
        found: f"{kind}:{code}"
        for kind, owner in OWNERS.items()
        for found, code in session.execute(select(owner.id, owner.code).where(owner.id.in_(wanted)))
    }
