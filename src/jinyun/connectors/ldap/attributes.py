"""Under which names a directory keeps what Jinyun reads: what is usual, by kind, and what an installation says."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

DISABLED_IN_AD = 2
"""The bit of `userAccountControl` that says that an account is disabled."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """Names of attributes; an empty one is not read."""

    id: str
    """Never changes and is never used again."""
    changed: str
    """Differs after every change of an entry."""
    login: str
    name: str
    mail: str
    department: str
    """Of a person: the department's code. Where it is empty, the department in which his entry lies counts."""
    manager: str
    status: str
    """Of a person: whether he is active; see `is_active`."""
    department_code: str
    department_name: str
    head: str
    """Of a department: who leads it."""
    parent: str
    """Of a department: the one above. Where it is empty, the one in which its entry lies counts."""
    department_filter: str
    person_filter: str

    def is_active(self, status: str) -> bool:
        """Tell whether somebody with this status works here; without one he does."""
        if self.status.lower() == "useraccountcontrol":
            return not (status.isdigit() and int(status) & DISABLED_IN_AD)
        return status.lower() in {"", "active", "enabled", "true"}

    def altered(self, names: Mapping[str, str]) -> "Attributes":
        """Return these with what an installation calls otherwise.

        Raises:
            UnknownAttribute: there is nothing by one of the names.
        """
        unknown = sorted(names.keys() - {each.name for each in fields(self)})
        if unknown:
            raise UnknownAttribute(", ".join(unknown))
        return replace(self, **names)

    def of_people(self) -> list[str]:
        """Return what is read of a person."""
        wanted = (self.id, self.login, self.name, self.mail, self.department, self.manager, self.status)
        return [name for name in wanted if name]

    def of_departments(self) -> list[str]:
        """Return what is read of a department."""
        wanted = (self.id, self.department_code, self.department_name, self.head, self.parent)
        return [name for name in wanted if name]


class UnknownAttribute(ValueError):
    """JINYUN_DIRECTORY_ATTRIBUTES names something that Jinyun does not read."""


OPENLDAP = Attributes(
    id="entryUUID",
    changed="modifyTimestamp",
    login="uid",
    name="displayName",
    mail="mail",
    department="departmentNumber",
    manager="manager",
    status="accountStatus",
    department_code="ou",
    department_name="description",
    head="seeAlso",
    parent="",
    department_filter="(objectClass=organizationalUnit)",
    person_filter="(objectClass=inetOrgPerson)",
)
ACTIVE_DIRECTORY = Attributes(
    id="objectGUID",
    changed="uSNChanged",
    login="sAMAccountName",
    name="displayName",
    mail="mail",
    department="",
    manager="manager",
    status="userAccountControl",
    department_code="ou",
    department_name="description",
    head="managedBy",
    parent="",
    department_filter="(objectClass=organizationalUnit)",
    person_filter="(&(objectCategory=person)(objectClass=user))",
)
KINDS: dict[str, Attributes] = {"openldap": OPENLDAP, "ad": ACTIVE_DIRECTORY}
