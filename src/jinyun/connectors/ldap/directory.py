"""The company directory over LDAP."""

from contextlib import AbstractContextManager

import ldap
from ldap.filter import escape_filter_chars

from jinyun.connectors.directory import DirectoryUnavailable, Snapshot
from jinyun.connectors.ldap.attributes import KINDS, UnknownAttribute
from jinyun.connectors.ldap.connection import connected, opened, search, telling
from jinyun.connectors.ldap.reading import snapshot_of
from jinyun.connectors.ldap.watching import LdapWatch, watching
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text

WRONG_ATTRIBUTES = Text(
    "JINYUN_DIRECTORY_ATTRIBUTES names what is not read: {names}", "JINYUN_DIRECTORY_ATTRIBUTES 含未知名称：{names}"
)


class LdapDirectory:
    """An LDAP server; each call has a connection of its own.

    Raises:
        DirectoryUnavailable: its settings name an attribute that is not read.
    """

    source = "ldap"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        try:
            self._names = KINDS[settings.directory_kind].altered(settings.directory_attributes)
        except UnknownAttribute as error:
            raise DirectoryUnavailable(WRONG_ATTRIBUTES.format(names=error)) from error

    def read(self) -> Snapshot:
        """Return everything, or nothing: never a part. Raises DirectoryUnavailable."""
        base, names = self._settings.directory_base, self._names
        with connected(self._settings) as connection:
            departments = list(search(connection, base, names.department_filter, names.of_departments()))
            people = list(search(connection, base, names.person_filter, names.of_people()))
        return snapshot_of(departments, people, names)

    def watch(self) -> AbstractContextManager[LdapWatch]:
        """Read everything and hear of each change from then on. Raises DirectoryUnavailable."""
        return watching(self._settings, self._names, self.read)

    def check(self, login: str, password: str) -> bool:
        """Tell whether this login has this password, and is active. Raises DirectoryUnavailable.

        An empty password is wrong without asking: a server takes it for an anonymous sign-in and says yes.
        """
        if not login or not password or "\0" in password:
            return False
        place = self._place_of(login)
        return place is not None and self._binds(place, password)

    def _place_of(self, login: str) -> str | None:
        """Return the name of the one active entry that has this login."""
        names = self._names
        filter_ = f"(&{names.person_filter}({names.login}={escape_filter_chars(login)}))"
        attributes = [names.status] if names.status else ["1.1"]
        with connected(self._settings) as connection:
            found = list(search(connection, self._settings.directory_base, filter_, attributes))
        if len(found) != 1:
            return None
        dn, values = found[0]
        status = next((texts[0].decode() for texts in values.values() if texts), "")
        return dn if names.is_active(status) else None

    def _binds(self, place: str, password: str) -> bool:
        with opened(self._settings) as connection, telling():
            try:
                connection.simple_bind_s(place, password)
            except (ldap.INVALID_CREDENTIALS, ldap.INAPPROPRIATE_AUTH, ldap.UNWILLING_TO_PERFORM):
                return False
        return True
