"""Secrets at rest: an API node seals, only a worker opens."""

import stat
from pathlib import Path

import pytest
from nacl.exceptions import CryptoError

from jinyun.kit.vault import AUDIT, SECRETS, audit_signer, audit_verifier, create_keys, open_sealed, seal

SECRET = "a password with 汉字 and \x00"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    create_keys(tmp_path)
    return tmp_path


def test_what_was_sealed_is_opened_again(keys: Path) -> None:
    assert open_sealed(keys, seal(keys, SECRET)) == SECRET


def test_the_same_secret_is_never_sealed_the_same(keys: Path) -> None:
    assert seal(keys, SECRET) != seal(keys, SECRET)
    assert "password" not in seal(keys, SECRET)


def test_a_node_without_the_private_half_seals_and_opens_nothing(keys: Path) -> None:
    (keys / f"{SECRETS}.private").unlink()
    sealed = seal(keys, SECRET)
    with pytest.raises(FileNotFoundError):
        open_sealed(keys, sealed)


def test_a_changed_secret_does_not_open(keys: Path) -> None:
    sealed = seal(keys, SECRET)
    with pytest.raises(CryptoError):
        open_sealed(keys, sealed[:-8] + "AAAAAAA=")


def test_another_installation_does_not_open_it(keys: Path, tmp_path: Path) -> None:
    create_keys(tmp_path / "other")
    with pytest.raises(CryptoError):
        open_sealed(tmp_path / "other", seal(keys, SECRET))


def test_private_halves_are_their_owners_alone_and_are_never_replaced(keys: Path) -> None:
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    create_keys(keys)
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before
    for name in (SECRETS, AUDIT):
        assert stat.S_IMODE((keys / f"{name}.private").stat().st_mode) == 0o600


def test_a_signature_is_proved_with_the_public_half(keys: Path) -> None:
    signed = audit_signer(keys).sign(b"statement")
    assert audit_verifier(keys).verify(signed.message, signed.signature) == b"statement"
