"""Hearing of changes: the server tells where it can (syncrepl), else it is asked again and again.

Either way the news is only that something changed; then all is read anew, page by page. Three thousand people are read
in well under a second, and nothing has to be pieced together: moved subtrees, missed removals, reconnections.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import ldap
import structlog
from ldap.ldapobject import SimpleLDAPObject
from ldap.syncrepl import SyncreplConsumer

from jinyun.connectors.directory import Snapshot
from jinyun.connectors.ldap.attributes import Attributes
from jinyun.connectors.ldap.connection import connected, search, telling
from jinyun.kit.settings import Settings

CALM_SECONDS = 0.2
"""How long a burst of changes must be over before all is read; at most `BURST_SECONDS`."""
BURST_SECONDS = 0.6
LISTEN_SECONDS = 0.5
"""How long a server that cannot tell of changes may take to say so."""
AT_ONCE_SECONDS = 0.001
CLOCK_SECONDS = 1.5
"""`modifyTimestamp` counts whole seconds: after a change one more look is taken when its second is over."""
Reader = Callable[[], Snapshot]
log = structlog.get_logger()


class Bell(Protocol):
    """Rings when the directory changed."""

    def rang(self, seconds: float) -> bool:
        """Wait up to so many seconds; tell whether something changed. Raises DirectoryUnavailable."""


class LdapWatch:
    """A snapshot that is read anew whenever the bell rings."""

    def __init__(self, bell: Bell, read: Reader) -> None:
        self._bell, self._read = bell, read
        self.snapshot = read()

    def changed(self, seconds: float) -> bool:
        """Wait for a change; True where `snapshot` is a new one. Raises DirectoryUnavailable."""
        if not self._bell.rang(seconds):
            return False
        end = time.monotonic() + BURST_SECONDS
        while time.monotonic() < end and self._bell.rang(CALM_SECONDS):
            pass
        self.snapshot = self._read()
        return True


class Told(SyncreplConsumer, SimpleLDAPObject):  # type: ignore[misc]
    """A connection over which the server itself tells of every change (RFC 4533, refreshAndPersist)."""

    _news = False
    _search = -1

    def listen(self, base: str, filter_: str) -> None:
        """Begin with what changes from now on.

        Raises:
            ldap.LDAPError: the server does not tell of changes.
        """
        self._search = self.syncrepl_search(
            base,
            ldap.SCOPE_SUBTREE,
            mode="refreshAndPersist",
            cookie=self._now(base),
            filterstr=filter_,
            attrlist=["1.1"],
        )
        self._hear(LISTEN_SECONDS)

    def rang(self, seconds: float) -> bool:
        """Tell whether anything changed. Raises DirectoryUnavailable."""
        with telling():
            self._hear(seconds)
        heard, self._news = self._news, False
        return heard

    def syncrepl_entry(self, dn: str, attributes: Any, uuid: str) -> None:
        """Hear of an entry that is new or changed."""
        self._news = True

    def syncrepl_delete(self, uuids: list[str]) -> None:
        """Hear of entries that are gone."""
        self._news = True

    def syncrepl_present(self, uuids: list[str] | None, refreshDeletes: bool = False) -> None:  # noqa: N803
        """Hear of entries that are as they were: no news."""

    def syncrepl_set_cookie(self, cookie: str) -> None:
        """Hear how far the server got; a new watch begins with a whole reading, so that this is not kept."""

    def syncrepl_get_cookie(self) -> None:
        """Give no cookie but the one of `listen`."""

    def syncrepl_refreshdone(self) -> None:
        """Hear that what follows are changes."""

    def _now(self, base: str) -> str | None:
        """Return the server's mark of this moment: without it, it would begin with telling of every entry."""
        ((_, root),) = self.search_s("", ldap.SCOPE_BASE, "(objectClass=*)", ["namingContexts"])
        contexts = [context.decode() for context in root.get("namingContexts", [])]
        suffix = next((context for context in contexts if base.lower().endswith(context.lower())), base)
        ((_, entry),) = self.search_s(suffix, ldap.SCOPE_BASE, "(objectClass=*)", ["contextCSN"])
        marks = [mark.decode() for mark in entry.get("contextCSN", [])]
        return f"rid=000,csn={';'.join(marks)}" if marks else None

    def _hear(self, seconds: float) -> None:
        """Take in what was told, waiting so long for the first of it."""
        try:
            while self.syncrepl_poll(msgid=self._search, timeout=seconds):
                seconds = AT_ONCE_SECONDS
        except ldap.TIMEOUT:
            return
        raise ldap.UNAVAILABLE({"desc": "the server ended the watch"})


class Asked:
    """Asks a server that does not tell: which entries there are, where, and when each was changed."""

    def __init__(self, connection: Any, base: str, filter_: str, names: Attributes, every: float) -> None:
        self._connection, self._base, self._filter, self._every = connection, base, filter_, every
        self._attributes = [names.id, names.changed]
        self._in_whole_seconds = names.changed.lower() == "modifytimestamp"
        self._seen = self._look()
        self._again_at: float | None = time.monotonic() + CLOCK_SECONDS if self._in_whole_seconds else None

    def rang(self, seconds: float) -> bool:
        """Look until something changed or the time is over. Raises DirectoryUnavailable."""
        end = time.monotonic() + seconds
        while True:
            seen, before = self._look(), self._seen
            self._seen = seen
            if seen != before:
                self._again_at = time.monotonic() + CLOCK_SECONDS if self._in_whole_seconds else None
                return True
            if self._again_at is not None and time.monotonic() >= self._again_at:
                self._again_at = None
                return True
            rest = end - time.monotonic()
            if rest <= 0:
                return False
            time.sleep(min(self._every, rest))

    def _look(self) -> dict[str, tuple[bytes, ...]]:
        entries = search(self._connection, self._base, self._filter, self._attributes)
        return {dn: tuple(each for name in sorted(values) for each in values[name]) for dn, values in entries}


@contextmanager
def watching(settings: Settings, names: Attributes, read: Reader) -> Iterator[LdapWatch]:
    """Read everything and hear of each change from then on. Raises DirectoryUnavailable."""
    either = f"(|{names.department_filter}{names.person_filter})"
    with connected(settings, Told) as connection:
        try:
            connection.listen(settings.directory_base, either)
            bell: Bell = connection
        except ldap.LDAPError:
            log.info("the directory does not tell of changes; it is asked every so often")
            bell = Asked(connection, settings.directory_base, either, names, settings.directory_poll_seconds)
        yield LdapWatch(bell, read)
