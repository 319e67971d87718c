"""A provider of single sign-on that can be made to lie in every single respect."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from jinyun.access.sign_on import SingleSignOn
from jinyun.connectors.oidc import OidcClient, OidcProvider, challenge_of

ISSUER = "https://sign-on.bank.example"
OURS = "jinyun"
KEYS = [
    RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}),
    RSAKey.generate_key(2048, {"kid": "next", "use": "sig"}),
]


@dataclass
class LyingProvider:
    """Answers discovery, keys and token requests; honest where it is not told otherwise."""

    login: str = "alice"
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    """What of the id token is another than it should be; None leaves a claim out."""
    forge: Callable[[dict[str, Any]], str] | None = None
    """Makes the id token instead of signing it honestly."""
    signing: RSAKey = field(default_factory=lambda: KEYS[0])
    published: Sequence[RSAKey] = field(default_factory=lambda: [KEYS[0]])
    is_up: bool = True
    questions: list[dict[str, str]] = field(default_factory=list)
    redeemed: list[dict[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def offered(self, *, group: str | None = None) -> SingleSignOn:
        """Return it as an installation's single sign-on."""
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        return SingleSignOn(
            OidcProvider(OidcClient(ISSUER, OURS, "s3cret:&"), http), "Company", "preferred_username", "groups", group
        )

    def asked(self, address: str) -> str:
        """Take the browser's question and return its state."""
        question = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.questions.append(question)
        return question["state"]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if not self.is_up:
            raise httpx.ConnectError("connection refused", request=request)
        self.fetched.append(request.url.path)
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self._metadata())
        if request.url.path == "/keys":
            return httpx.Response(200, json=KeySet(list(self.published)).as_dict(private=False))
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.redeemed.append(form | {"authorization": request.headers.get("authorization", "")})
        if challenge_of(form["code_verifier"]) != self.questions[-1]["code_challenge"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(
            200, json={"access_token": "access", "id_token": self._id_token(), "token_type": "Bearer"}
        )

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        } | self.metadata

    def _id_token(self) -> str:
        now = int(time.time())
        honest = {
            "iss": ISSUER,
            "aud": OURS,
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "nonce": self.questions[-1]["nonce"],
            "preferred_username": self.login,
            "at_hash": half_hash("access"),
        }
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        return self.forge(claims) if self.forge else signed(claims, self.signing)


def signed(claims: dict[str, Any], key: RSAKey, **header: Any) -> str:
    """Sign claims as an honest provider would."""
    return jwt.encode({"alg": "RS256", "kid": key.kid} | header, claims, key)


def unsigned(claims: dict[str, Any]) -> str:
    """Make a token with the algorithm `none`."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def signed_with_public_key(claims: dict[str, Any]) -> str:
    """Use the provider's public key, which everybody has, as if it were a shared secret."""
    return _keyed(claims, KEYS[0].as_pem(private=False))


def signed_with_client_secret(claims: dict[str, Any]) -> str:
    """Use the client's secret, which the client has as well."""
    return _keyed(claims, b"s3cret:&")


def signed_by_a_stranger(claims: dict[str, Any]) -> str:
    """Sign with a key of one's own under the provider's name for its key."""
    return signed(claims, RSAKey.generate_key(2048, {"kid": str(KEYS[0].kid)}))


def changed_afterwards(claims: dict[str, Any]) -> str:
    """Sign honestly and then write another name into it."""
    head, _, signature = signed(claims, KEYS[0]).split(".")
    return f"{head}.{_part(claims | {'preferred_username': 'sec'})}.{signature}"


def half_hash(access_token: str) -> str:
    """Return the `at_hash` of an access token."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).decode().rstrip("=")


def _keyed(claims: dict[str, Any], secret: bytes) -> str:
    content = f"{_part({'alg': 'HS256', 'kid': KEYS[0].kid})}.{_part(claims)}"
    signature = hmac.digest(secret, content.encode(), "sha256")
    return f"{content}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
