"""What a backend means by its words, where it has no code for them."""

import re

from jinyun.providers.base import Server
from jinyun.providers.errors import Refused

PHRASES: tuple[tuple[str, str], ...] = (
    (r"no valid host", "no-host-available"),
    (r"no valid availability zone|the requested availability zone is not available", "no-host-available"),
    (r"disk is (too small|smaller)|is larger than (the )?maximum allowed", "image-too-large"),
    (r"invalid volume|volume status must be", "wrong-state"),
    (r"quota|maximum number of ports exceeded", "quota-in-backend"),
    (r"already allocated in subnet|port \S+ is (still )?in use|ip address \S+ is already", "address-in-use"),
    (r"(flavor|image) \S+ (could not be|is not) found|can not find requested image", "missing-in-backend"),
)
"""Fragments of what backends say, as regular expressions, with the code of the reason; the first match wins."""


def reason_code(words: str, otherwise: str) -> str:
    """Return the code of the reason that these words give, or `otherwise` where they give none that is known."""
    return next((code for phrase, code in PHRASES if re.search(phrase, words, re.IGNORECASE)), otherwise)


def refusal_from_fault(server: Server) -> Refused:
    """Return the refusal that a server in ERROR stands for: it was accepted, and failed afterwards."""
    words = server.fault or f"server {server.id} is in error and the backend gives no reason"
    return Refused(words, code=reason_code(words, "refused"))
