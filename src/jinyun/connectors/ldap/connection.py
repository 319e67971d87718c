"""Connections to an LDAP server: encrypted, with time limits, and errors in words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import ldap
from ldap.controls import SimplePagedResultsControl
from ldap.ldapobject import SimpleLDAPObject

from jinyun.connectors.directory import DirectoryUnavailable
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text

PAGE = 200
"""Entries a page: well under what servers give at once (OpenLDAP 500, Active Directory 1,000)."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
Entry = tuple[str, Mapping[str, list[bytes]]]

UNREACHABLE = Text("The directory does not answer: {words}", "目录服务没有响应：{words}")
BIND_REFUSED = Text("The directory refuses Jinyun's own account: {words}", "目录服务拒绝金云的账号：{words}")
INCOMPLETE = Text(
    "The directory gave less than all it has; allow paged reading without a total limit to Jinyun's account: {words}",
    "目录服务未返回全部数据，请对金云账号放开分页读取的总数限制：{words}",
)
FAILED = Text("The directory reported: {words}", "目录服务返回：{words}")
UNENCRYPTED = Text(
    "{url} is not encrypted: use ldaps:// or JINYUN_DIRECTORY_START_TLS", "{url} 未加密：请使用 ldaps:// 或 StartTLS"
)
NO_PASSWORD = Text(
    "The file with the directory's password cannot be read: {words}", "无法读取目录服务密码文件：{words}"
)


@contextmanager
def telling() -> Iterator[None]:
    """Turn what the client library raises into DirectoryUnavailable; what it says stays."""
    try:
        yield
    except (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.TIMEOUT, ldap.UNAVAILABLE, ldap.BUSY) as error:
        raise DirectoryUnavailable(UNREACHABLE.format(words=_words(error))) from error
    except (ldap.INVALID_CREDENTIALS, ldap.INAPPROPRIATE_AUTH) as error:
        raise DirectoryUnavailable(BIND_REFUSED.format(words=_words(error))) from error
    except (ldap.SIZELIMIT_EXCEEDED, ldap.TIMELIMIT_EXCEEDED, ldap.ADMINLIMIT_EXCEEDED, ldap.PARTIAL_RESULTS) as error:
        raise DirectoryUnavailable(INCOMPLETE.format(words=_words(error))) from error
    except ldap.LDAPError as error:
        raise DirectoryUnavailable(FAILED.format(words=_words(error))) from error


@contextmanager
def connected(settings: Settings, kind: type[SimpleLDAPObject] = SimpleLDAPObject) -> Iterator[Any]:
    """Connect and sign in with Jinyun's own account.

    Raises:
        DirectoryUnavailable: it cannot be reached, is not encrypted, or refuses the account.
    """
    with opened(settings, kind) as connection:
        with telling():
            connection.simple_bind_s(settings.directory_bind_dn, _password(settings))
        yield connection


@contextmanager
def opened(settings: Settings, kind: type[SimpleLDAPObject] = SimpleLDAPObject) -> Iterator[Any]:
    """Connect without signing in.

    Raises:
        DirectoryUnavailable: it cannot be reached, or is not encrypted.
    """
    with telling():
        connection = _connection(settings, kind)
    try:
        yield connection
    finally:
        connection.unbind_ext()


def search(connection: Any, base: str, filter_: str, attributes: list[str]) -> Iterator[Entry]:
    """Return what lies below `base` and fits, page by page; all of it, or an error.

    Raises:
        DirectoryUnavailable: the server failed, or would not give all.
    """
    page = SimplePagedResultsControl(True, size=PAGE, cookie="")
    while True:
        with telling():
            number = connection.search_ext(base, ldap.SCOPE_SUBTREE, filter_, attributes, serverctrls=[page])
            _, entries, _, controls = connection.result3(number)
        yield from ((dn, values) for dn, values in entries if dn is not None)
        cookies = [control.cookie for control in controls if control.controlType == page.controlType]
        if not cookies or not cookies[0]:
            return
        page.cookie = cookies[0]


def _connection(settings: Settings, kind: type[SimpleLDAPObject]) -> Any:
    url = urlsplit(settings.directory_url)
    connection = kind(settings.directory_url)
    connection.set_option(ldap.OPT_REFERRALS, 0)
    connection.set_option(ldap.OPT_NETWORK_TIMEOUT, settings.directory_timeout_seconds)
    connection.set_option(ldap.OPT_TIMEOUT, settings.directory_timeout_seconds)
    connection.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
    if settings.directory_ca_file is not None:
        connection.set_option(ldap.OPT_X_TLS_CACERTFILE, str(settings.directory_ca_file))
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    if url.scheme == "ldap" and settings.directory_start_tls:
        connection.start_tls_s()
    elif url.scheme == "ldap" and url.hostname not in LOOPBACK:
        raise DirectoryUnavailable(UNENCRYPTED.format(url=settings.directory_url))
    return connection


def _password(settings: Settings) -> str:
    if settings.directory_password_file is None:
        return ""
    try:
        return settings.directory_password_file.read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise DirectoryUnavailable(NO_PASSWORD.format(words=error)) from error


def _words(error: Any) -> str:
    """Return what the server or the library said, in one line."""
    said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    return ", ".join(str(said[key]) for key in ("desc", "info") if said.get(key)) or type(error).__name__
