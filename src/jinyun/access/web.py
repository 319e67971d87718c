"""The web console's way in: cookies, and the proof that a request comes from our own pages."""

from datetime import timedelta

from fastapi import Request, Response

from jinyun.access.digests import csrf_token, same
from jinyun.access.errors import ForeignRequest
from jinyun.kit.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
BACKGROUND_HEADER = "X-Jinyun-Background"
"""A page that looks again by itself says so: that keeps nobody's session alive."""


def session_cookie(settings: Settings) -> str:
    """Return the name of the cookie that holds a session's secret."""
    return _name("jinyun-session", settings)


def sign_on_cookie(settings: Settings) -> str:
    """Return the name of the cookie that ties a single sign-on to the browser that began it."""
    return _name("jinyun-sign-on", settings)


def set_cookie(response: Response, name: str, value: str, lifetime: timedelta, settings: Settings) -> None:
    """Give the browser a secret that no script and no other site can read."""
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, name: str, settings: Settings) -> None:
    """Have the browser forget a cookie."""
    response.delete_cookie(name, path="/", secure=settings.is_https, httponly=True, samesite="lax")


def require_own_origin(request: Request, settings: Settings) -> None:
    """Let pass what a page of ours sent, by what the browser says.

    Raises:
        ForeignRequest: it names another origin, or none.
    """
    if request.headers.get("origin", "").lower() != settings.public_origin:
        raise ForeignRequest


def require_own_page(request: Request, secret: str, settings: Settings) -> None:
    """Let a request pass that came with a session's cookie: reading always, changing with the session's CSRF token.

    Raises:
        ForeignRequest: it changes something and was not made by a page of ours.
    """
    if request.method in SAFE_METHODS:
        return
    require_own_origin(request, settings)
    if not same(request.headers.get(CSRF_HEADER, ""), csrf_token(secret)):
        raise ForeignRequest


def _name(name: str, settings: Settings) -> str:
    """A browser takes `__Host-` cookies only from this very host, over TLS, for all paths."""
    return f"__Host-{name}" if settings.is_https else name
