"""Roles as data: what each one may do. Deny is the default."""

USER = "user"
APPROVER = "approver"
OPERATOR = "operator"
SYSTEM_ADMINISTRATOR = "system_administrator"
SECURITY_ADMINISTRATOR = "security_administrator"
AUDIT_ADMINISTRATOR = "audit_administrator"

_CATALOG_READ = {"catalog.read", "network.read", "region.read"}

ROLES: dict[str, frozenset[str]] = {
    USER: frozenset(
        _CATALOG_READ
        | {"project.read", "order.read", "order.write", "server.read", "server.operate", "server.console"}
        | {"volume.read", "volume.operate", "operation.read", "operation.cancel", "quota.read"}
    ),
    APPROVER: frozenset(_CATALOG_READ | {"project.read", "order.read", "server.read", "volume.read", "quota.read"}),
    OPERATOR: frozenset(
        _CATALOG_READ
        | {"project.read", "order.read", "server.read", "server.operate", "volume.read", "volume.operate"}
        | {"operation.read", "operation.cancel", "operation.operate", "capacity.read", "quota.read"}
        | {"region.manage", "catalog.manage", "network.manage"}
    ),
    SYSTEM_ADMINISTRATOR: frozenset(
        _CATALOG_READ
        | {"region.manage", "catalog.manage", "network.manage", "capacity.read", "operation.read", "project.read"}
    ),
    SECURITY_ADMINISTRATOR: frozenset(
        {"person.read", "person.manage", "role.read", "role.manage", "policy.read", "policy.manage"}
        | {"project.read", "project.manage", "department.read", "quota.read", "quota.manage"}
    ),
    AUDIT_ADMINISTRATOR: frozenset({"audit.read"}),
}

THREE_ADMINISTRATORS = frozenset({SYSTEM_ADMINISTRATOR, SECURITY_ADMINISTRATOR, AUDIT_ADMINISTRATOR})
"""三员: one person holds at most one of them."""
