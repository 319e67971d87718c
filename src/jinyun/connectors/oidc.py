"""Single sign-on by OpenID Connect: authorization code with PKCE, and every check that an answer has to pass."""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Signatures with a key pair alone: never `none`, never one that the client's secret could make."""
LEEWAY_SECONDS = 60
"""How far the clocks may be apart."""
CACHE_SECONDS = 3600.0
NEW_KEYS_AT_MOST_EVERY_SECONDS = 30.0
TIMEOUT = httpx.Timeout(10.0)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class OidcUnavailable(Exception):
    """The provider does not answer, or answers what no provider would; the message is for logs."""


class OidcRefused(Exception):
    """An answer does not pass a check; the message says which."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    """What the provider knows us as."""

    issuer: str
    client_id: str
    secret: str | None = None
    scopes: str = "openid profile"


@dataclass(frozen=True, slots=True)
class Flow:
    """What ties an answer to the question: kept here while the browser is at the provider."""

    nonce: str
    verifier: str
    redirect_uri: str


class OidcProvider:
    """One provider; what it says of itself and its keys are remembered for an hour."""

    def __init__(self, client: OidcClient, http: httpx.Client) -> None:
        require_safe(client.issuer)
        self._client = client
        self._http = http
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def address(self, flow: Flow, state: str) -> str:
        """Return where the browser goes to sign in. Raises OidcUnavailable."""
        question = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": flow.redirect_uri,
            "scope": self._client.scopes,
            "state": state,
            "nonce": flow.nonce,
            "code_challenge": challenge_of(flow.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(question)}"

    def claims(self, flow: Flow, code: str, issuer: str | None) -> Mapping[str, Any]:
        """Return what the provider says of who signed in, every check passed.

        Args:
            issuer: the `iss` that came with the code (RFC 9207), or None.

        Raises:
            OidcRefused: a check failed.
            OidcUnavailable: the provider could not be asked.
        """
        self._check_answer(issuer)
        tokens = self._redeem(flow, code)
        claims = self._verified(_text(tokens, "id_token"), flow.nonce, tokens.get("access_token"))
        return self._with_user_info(claims, tokens.get("access_token"))

    def _check_answer(self, issuer: str | None) -> None:
        """Refuse an answer of another provider before its code is sent anywhere."""
        promised = self._discovered().get("authorization_response_iss_parameter_supported") is True
        if issuer is None and promised:
            raise OidcRefused("the answer does not say who gave it")
        if issuer is not None and issuer != self._client.issuer:
            raise OidcRefused("another provider gave the answer")

    def _redeem(self, flow: Flow, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": flow.redirect_uri,
            "code_verifier": flow.verifier,
            "client_id": self._client.client_id,
        }
        headers = {"Accept": "application/json"} | _basic(self._client)
        answer = self._send(
            self._http.build_request("POST", self._endpoint("token_endpoint"), data=form, headers=headers)
        )
        if 400 <= answer.status_code < 500:
            raise OidcRefused(f"the provider does not take the code: {answer.status_code}")
        return _document(answer)

    def _verified(self, id_token: str, nonce: str, access_token: Any) -> dict[str, Any]:
        claims = self._decoded(id_token).claims
        _check_times(claims, time.time())
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        authorised = claims.get("azp", self._client.client_id if len(audiences) == 1 else None)
        checks = {
            "another provider signed it": claims.get("iss") == self._client.issuer,
            "it is meant for another application": self._client.client_id in audiences,
            "it was given to another application": authorised == self._client.client_id,
            "it answers another question": _same(claims.get("nonce"), nonce),
            "it names nobody": isinstance(claims.get("sub"), str) and claims["sub"] != "",
            "it belongs to another access token": "at_hash" not in claims
            or _same(claims["at_hash"], _half_hash(access_token)),
        }
        for failure, passed in checks.items():
            if not passed:
                raise OidcRefused(failure)
        return claims

    def _decoded(self, id_token: str) -> jwt.Token:
        """Return a token whose signature is the provider's; a key that is not known yet is fetched once."""
        try:
            return jwt.decode(id_token, self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            keys = self._key_set(newer=True)
        try:
            return jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise OidcRefused(f"its signature is not the provider's: {type(error).__name__}") from error

    def _with_user_info(self, claims: dict[str, Any], access_token: Any) -> dict[str, Any]:
        """Add what the provider tells of the same person on asking; the signed claims win."""
        if "userinfo_endpoint" not in self._discovered() or not isinstance(access_token, str):
            return claims
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = self._send(self._http.build_request("GET", self._endpoint("userinfo_endpoint"), headers=headers))
        told = _document(answer)
        if told.get("sub") != claims["sub"]:
            raise OidcRefused("what is told of the person is another's")
        return told | claims

    def _discovered(self) -> dict[str, Any]:
        with self._lock:
            now = time.monotonic()
            if self._metadata is None or self._metadata[0] + CACHE_SECONDS < now:
                address = f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration"
                found = _document(self._send(self._http.build_request("GET", address)))
                if found.get("issuer") != self._client.issuer:
                    raise OidcUnavailable(f"{address} speaks for another issuer: {found.get('issuer')!r}")
                self._metadata = (now, found)
            return self._metadata[1]

    def _endpoint(self, name: str) -> str:
        address = _text(self._discovered(), name)
        require_safe(address)
        return address

    def _key_set(self, *, newer: bool = False) -> KeySet:
        """Return the provider's keys: those of the last hour, or fresh ones, which are not fetched all the time."""
        address = self._endpoint("jwks_uri")
        with self._lock:
            now = time.monotonic()
            lifetime = NEW_KEYS_AT_MOST_EVERY_SECONDS if newer else CACHE_SECONDS
            if self._keys is None or self._keys[0] + lifetime < now:
                document = _document(self._send(self._http.build_request("GET", address)))
                try:
                    self._keys = (now, KeySet.import_key_set(document))  # type: ignore[arg-type]
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise OidcUnavailable(f"{address} holds no keys") from error
            return self._keys[1]

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request)
        except httpx.HTTPError as error:
            raise OidcUnavailable(f"{request.url.copy_with(query=None)}: {error}") from error


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge (S256) of a verifier."""
    return _unpadded(hashlib.sha256(verifier.encode()).digest())


def require_safe(address: str) -> None:
    """Let pass what is reached over TLS, or on this very machine.

    Raises:
        OidcUnavailable: it would be asked over the network in clear.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise OidcUnavailable(f"{address} is not reached over TLS")


def _basic(client: OidcClient) -> dict[str, str]:
    """Return how we prove to the provider who we are (RFC 6749, section 2.3.1), where it gave us a secret."""
    if client.secret is None:
        return {}
    pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    for name in ("exp", "iat"):
        if not isinstance(claims.get(name), int | float):
            raise OidcRefused(f"it has no {name}")
    if claims["exp"] + LEEWAY_SECONDS <= now:
        raise OidcRefused("it has expired")
    not_before = claims.get("nbf", claims["iat"])
    if not isinstance(not_before, int | float) or max(claims["iat"], not_before) - LEEWAY_SECONDS > now:
        raise OidcRefused("it is of the future")


def _half_hash(access_token: Any) -> str:
    """Return what `at_hash` must be: the left half of the digest that all our algorithms use."""
    return _unpadded(hashlib.sha256(str(access_token).encode()).digest()[:16])


def _unpadded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _same(one: Any, other: str) -> bool:
    return isinstance(one, str) and hmac.compare_digest(one.encode(), other.encode())


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise OidcUnavailable(f"the provider gave no {name}")
    return value


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json() if answer.is_success else None
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise OidcUnavailable(f"{answer.request.url.copy_with(query=None)} answered {answer.status_code}")
    return document
