"""Key pairs: one line of a known type whose body says the same type."""

import base64
import struct

import pytest
from sqlalchemy.orm import Session

from jinyun.kit.database import Database
from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.servers import keypairs
from jinyun.servers.errors import InvalidPublicKey
from jinyun.servers.keypairs import KEY_TYPES, fingerprint
from tests.bank import acting, found_bank


def body(kind: str, rest: bytes = bytes(36)) -> str:
    return base64.b64encode(struct.pack(">I", len(kind)) + kind.encode() + rest).decode()


@pytest.mark.parametrize("kind", sorted(KEY_TYPES))
def test_every_known_type(kind: str) -> None:
    assert fingerprint(f"{kind} {body(kind)} li.wei@laptop").startswith("SHA256:")
    assert fingerprint(f"  {kind} {body(kind)}\n") == fingerprint(f"{kind} {body(kind)} 李伟 的电脑")


def test_the_fingerprint_is_what_ssh_keygen_shows() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    assert fingerprint(key) == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-dss " + body("ssh-dss"),
        "ssh-rsa " + body("ssh-ed25519"),
        "ssh-ed25519 AAAA",
        "ssh-ed25519 !!!!",
        "ssh-ed25519 汉字",
        "ssh-ed25519 " + body("ssh-ed25519") + "\nssh-ed25519 " + body("ssh-ed25519"),
        "ssh-ed25519 " + body("ssh-ed25519") + " comment\rcommand",
        'command="rm -rf /" ssh-ed25519 ' + body("ssh-ed25519"),
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ],
)
def test_what_is_no_public_key(key: str) -> None:
    with pytest.raises(InvalidPublicKey) as refused:
        fingerprint(key)
    assert refused.value.field == "public_key"


def test_everybody_has_names_of_his_own(database: Database) -> None:
    key = f"ssh-ed25519 {body('ssh-ed25519')}"

    def story(session: Session) -> None:
        bank = found_bank(session)
        alice, bob = acting(session, bank, "alice"), acting(session, bank, "bob")
        assert keypairs.register(session, alice, "laptop", f" {key}\n").public_key == key
        keypairs.register(session, bob, "laptop", key)
        with pytest.raises(AlreadyExists):
            keypairs.register(session, alice, "laptop", key)
        keypairs.remove(session, alice, "laptop")
        with pytest.raises(NotFound):
            keypairs.find(session, alice, "laptop")
        assert keypairs.find(session, bob, "laptop").public_key == key

    database.write(story)
