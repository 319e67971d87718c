"""Addresses of the API."""

from urllib.parse import quote


def path_to(*parts: str) -> str:
    """Return an address of the API; nothing in a part can lead elsewhere."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)
