"""Secrets at rest: anyone may seal, only who holds the private key opens (libsodium's sealed box).

API nodes carry the public half alone, so that a stolen API node opens no cloud.
"""

import os
from pathlib import Path

from nacl.encoding import Base64Encoder
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey
from nacl.utils import random

SECRETS = "provider-secrets"
AUDIT = "audit"
REQUESTS = "requests.secret"
"""Known to API nodes alone: tells repeated requests from others without keeping a guessable digest of their bodies."""


def create_keys(directory: Path) -> None:
    """Make the key pairs that are missing; private halves are readable by their owner alone."""
    directory.mkdir(parents=True, exist_ok=True)
    box = PrivateKey.generate()
    _write_pair(directory, SECRETS, bytes(box.encode(Base64Encoder)), bytes(box.public_key.encode(Base64Encoder)))
    if not (directory / REQUESTS).exists():
        _write(directory / REQUESTS, Base64Encoder.encode(random(32)), 0o600)
    signer = SigningKey.generate()
    _write_pair(directory, AUDIT, bytes(signer.encode(Base64Encoder)), bytes(signer.verify_key.encode(Base64Encoder)))


def seal(directory: Path, secret: str) -> str:
    """Encrypt a secret for whoever holds the private key; return base64 text."""
    key = PublicKey(_read(directory, SECRETS, "public"), Base64Encoder)
    return SealedBox(key).encrypt(secret.encode(), Base64Encoder).decode()


def open_sealed(directory: Path, sealed: str) -> str:
    """Decrypt what `seal` made. Raises FileNotFoundError where this node holds no private key."""
    key = PrivateKey(_read(directory, SECRETS, "private"), Base64Encoder)
    return SealedBox(key).decrypt(sealed.encode(), Base64Encoder).decode()


def request_secret(directory: Path) -> bytes:
    """Return the secret that request digests are keyed with."""
    return bytes(Base64Encoder.decode((directory / REQUESTS).read_bytes()))


def audit_signer(directory: Path) -> SigningKey:
    """Return the key that signs the head of the audit chain."""
    return SigningKey(_read(directory, AUDIT, "private"), Base64Encoder)


def audit_verifier(directory: Path) -> VerifyKey:
    """Return the key that proves a signature of the audit chain."""
    return VerifyKey(_read(directory, AUDIT, "public"), Base64Encoder)


def _write_pair(directory: Path, name: str, private: bytes, public: bytes) -> None:
    if (directory / f"{name}.public").exists():
        return
    for half, content, mode in (("private", private, 0o600), ("public", public, 0o644)):
        _write(directory / f"{name}.{half}", content, mode)


def _write(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)


def _read(directory: Path, name: str, half: str) -> bytes:
    return (directory / f"{name}.{half}").read_bytes()
