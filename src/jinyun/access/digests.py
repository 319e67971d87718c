"""Secrets that a way in is known by: shown once, kept as a digest."""

import hashlib
import hmac
import secrets

TOKEN_PREFIX = "jy_"  # noqa: S105 - lets secret scanners know our tokens
SESSION_PREFIX = "jys_"


def new_secret(prefix: str = "") -> str:
    """Return a secret of 256 bits that nobody has had before."""
    return prefix + secrets.token_urlsafe(32)


def digest(clear: str) -> str:
    """Return what is kept of a secret; it is long and random, so that a plain SHA-256 tells nothing of it."""
    return hashlib.sha256(clear.encode()).hexdigest()


def csrf_token(session_secret: str) -> str:
    """Return what a page of ours proves itself with: only who knows the cookie's secret can make it."""
    return hmac.digest(session_secret.encode(), b"jinyun csrf", "sha256").hex()


def same(one: str, other: str) -> bool:
    """Compare secrets in a time that says nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
