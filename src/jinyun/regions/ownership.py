"""Who answers for a pool: a person or the holders of a role, as `person:<login>` or `role:<role>`."""

from collections.abc import Collection, Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jinyun.access.roles import GIVEN_AT
from jinyun.approvals.pools import OwnedPool
from jinyun.kit.errors import NotFound
from jinyun.organisation.models import Person
from jinyun.organisation.people import find_person
from jinyun.regions.models import Pool, Region


def set_owner(session: Session, pool: Pool, words: str | None) -> None:
    """Say who answers for a pool; nobody where there are no words. Raises NotFound."""
    kind, _, name = (words or "").partition(":")
    pool.owner_id = pool.owner_role = None
    if kind == "person":
        person = find_person(session, name)
        if person is None:
            raise NotFound(field="owner", kind="person", name=name)
        pool.owner_id = person.id
    elif kind == "role":
        if "system" not in GIVEN_AT.get(name, ()):
            raise NotFound(field="owner", kind="role", name=name)
        pool.owner_role = name


def answering_for(session: Session, pools: Iterable[Pool]) -> dict[str, str]:
    """Return the words for who answers, by the pool's id; one query, none where no person does."""
    owned = [pool for pool in pools if pool.owner_id or pool.owner_role]
    people = {pool.owner_id for pool in owned if pool.owner_id}
    found = select(Person.id, Person.login).where(Person.id.in_(people))
    logins = {row.id: row.login for row in session.execute(found)} if people else {}
    return {
        pool.id: f"person:{logins[pool.owner_id]}" if pool.owner_id else f"role:{pool.owner_role}" for pool in owned
    }


def owners_of(session: Session, wanted: Collection[str]) -> list[OwnedPool]:
    """Return pools, by id or as `REGION/NAME`, with who answers for them."""
    label = Region.code + "/" + Pool.name
    named = select(Pool, label).join(Region, Pool.region_id == Region.id).order_by(label)
    rows = session.execute(named.where(or_(Pool.id.in_(wanted), label.in_(wanted))))
    return [OwnedPool(pool.id, name, pool.owner_id, pool.owner_role) for pool, name in rows]
