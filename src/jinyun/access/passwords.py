"""Local accounts: passwords kept here, for when the directory is away."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from jinyun.access import sessions
from jinyun.access.errors import NoLocalAccount
from jinyun.access.models import LocalAccount
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.organisation.models import Person

_hasher = PasswordHasher()
_DECOY = _hasher.hash(secrets.token_urlsafe())


def set_password(session: Session, person_id: str, password: str, *, must_change: bool = False) -> None:
    """Give a person a local account, or a new password, which he may have to change before anything else."""
    kept = _hasher.hash(password)
    account = session.get(LocalAccount, person_id)
    if account is None:
        session.add(LocalAccount(person_id=person_id, password_hash=kept, must_change=must_change))
    else:
        account.password_hash, account.must_change = kept, must_change


def hash_of(session: Session, person_id: str | None) -> str | None:
    """Return what is kept of a person's password, or None where he has no local account."""
    account = session.get(LocalAccount, person_id) if person_id is not None else None
    return account.password_hash if account is not None else None


def is_vouched_for(session: Session, person: Person) -> bool:
    """Tell whether the directory or single sign-on may say who this is.

    They vouch for whom the directory brought, and for whoever has no password here; not for a break-glass account that
    was entered here, which nobody who runs a directory is to open by giving somebody its login there.
    """
    return person.source is not None or session.get(LocalAccount, person.id) is None


def is_right(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that was kept; where none is, it takes as long to say no.

    Takes tens of milliseconds on purpose: never ask while a transaction is open.
    """
    try:
        _hasher.verify(kept or _DECOY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return kept is not None


def change(session: Session, actor: Actor, password: str) -> None:
    """Give the actor, who has just proved that he knows the old password, a new one; his other sessions end.

    Raises:
        SessionNeeded: he came by a token.
        NoLocalAccount: his password is the directory's.
    """
    way_in = sessions.require_session(actor)
    if actor.person_id is None or session.get(LocalAccount, actor.person_id) is None:
        raise NoLocalAccount
    set_password(session, actor.person_id, password)
    sessions.end_all(session, actor.person_id, but=way_in.id)
    audit.record(session, actor, "password.change", ("person", actor.person_id, actor.login))
