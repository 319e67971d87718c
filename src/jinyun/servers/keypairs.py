"""Key pairs: only the public half is ever seen here."""

import base64
import hashlib
import struct

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_within_token
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.kit.uniqueness import add_unique
from jinyun.servers.errors import InvalidPublicKey
from jinyun.servers.models import KeyPair

KEY_TYPES = frozenset(
    {
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)


def fingerprint(public_key: str) -> str:
    """Return the SHA-256 fingerprint of an OpenSSH public key, as `ssh-keygen -l` shows it.

    Raises:
        InvalidPublicKey: not one line of a known type whose body says the same type (RFC 4253, section 6.6).
    """
    parts = public_key.strip().split(None, 2)
    if len(parts) < 2 or len(public_key.strip().splitlines()) > 1 or parts[0] not in KEY_TYPES:
        raise InvalidPublicKey(field="public_key")
    try:
        body = base64.b64decode(parts[1], validate=True)
        (length,) = struct.unpack(">I", body[:4])
    except (ValueError, struct.error):
        raise InvalidPublicKey(field="public_key") from None
    if body[4 : 4 + length] != parts[0].encode():
        raise InvalidPublicKey(field="public_key")
    return "SHA256:" + base64.b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")


def register(session: Session, actor: Actor, name: str, public_key: str) -> KeyPair:
    """Keep a public key of the actor under a name.

    Raises:
        Forbidden: he came by a token that is not for ordering.
        InvalidPublicKey: it is none.
        AlreadyExists: he has another key of this name.
    """
    authorise_within_token(actor, "order.write")
    keypair = KeyPair(
        person_id=actor.person_id, name=name, public_key=public_key.strip(), fingerprint=fingerprint(public_key)
    )
    add_unique(session, keypair, AlreadyExists(field="name", kind="key pair", name=name))
    audit.record(session, actor, "keypair.register", ("keypair", keypair.id, name))
    return keypair


def find(session: Session, actor: Actor, name: str) -> KeyPair:
    """Return the actor's key pair of this name. Raises NotFound."""
    keypair = session.scalar(select(KeyPair).filter_by(person_id=actor.person_id, name=name))
    if keypair is None:
        raise NotFound(field="keypair", kind="key pair", name=name)
    return keypair


def remove(session: Session, actor: Actor, name: str) -> None:
    """Forget a key pair; servers keep what they were given. Raises NotFound."""
    authorise_within_token(actor, "order.write")
    keypair = find(session, actor, name)
    session.delete(keypair)
    audit.record(session, actor, "keypair.remove", ("keypair", keypair.id, name))
