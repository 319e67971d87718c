"""ETag and If-Match: a change says which version of the object it was made for."""

from typing import Annotated

from fastapi import Header, Response

from jinyun.kit.errors import StaleVersion

IfMatch = Annotated[str, Header(alias="If-Match", max_length=64, description="The `ETag` the object was read with")]


def tag(response: Response, version: int) -> None:
    """Give an answer the ETag of the version that it shows."""
    response.headers["ETag"] = f'"{version}"'


def require_version(kind: str, current: int, if_match: str) -> None:
    """Let a change pass that was made for the current version.

    Raises:
        StaleVersion: the object changed in the meantime, or `if_match` is no ETag of it.
    """
    if if_match != f'"{current}"':
        raise StaleVersion(kind=kind)
