"""Roles by name, as the access table has them. Deny is the default."""

from jinyun.access.table import read_table

USER = "user"
OWNER = "owner"
APPROVER = "approver"
DEPARTMENT_ADMINISTRATOR = "department_administrator"
OPERATOR = "operator"
SYSTEM_ADMINISTRATOR = "system_administrator"
SECURITY_ADMINISTRATOR = "security_administrator"
AUDIT_ADMINISTRATOR = "audit_administrator"

_TABLE = read_table()

ROLES: dict[str, frozenset[str]] = {name: role.may for name, role in _TABLE.roles.items()}
"""What each role may do."""

ACTIONS: frozenset[str] = frozenset().union(*ROLES.values())
"""Everything that can be allowed."""

GIVEN_AT: dict[str, tuple[str, ...]] = {name: role.given_at for name, role in _TABLE.roles.items()}
"""At which scopes each role can be given."""

THREE_ADMINISTRATORS = frozenset(name for name, role in _TABLE.roles.items() if role.alone)
"""三员: who is one of them is nothing else."""
