"""A request for every route of the access table: where its address needs a code, and what it carries."""

import re
from datetime import timedelta
from typing import Any

from jinyun.kit.clock import utc_now
from tests.access.world import Things
from tests.stories.stage import NETWORK, REGION, a_volume, new_order

REASON = {"reason": "because"}
ANOTHER = {"to": "nobody", "comment": "because"}
ANOTHER_SOON = {
    "to": "nobody",
    "reason": "leave",
    "begins_at": "2999-01-01T00:00:00+08:00",
    "ends_at": "2999-02-01T00:00:00+08:00",
}
LANE = {"ceiling": 5, "floor": 1}
RULES = [{"name": "all", "stages": [{"approvers": [{"by": "department-head"}]}]}]
VLAN = {"cidr": "10.222.0.0/24", "region": REGION}

CODES = {"/v1/regions/": REGION, "/v1/networks/": NETWORK, "/v1/flavors/": "m1.small", "/v1/images/": "jinyun-linux"}
"""What `{code}` is, by how the address begins."""

HEADERS = {"PATCH": {"If-Match": '"0"'}}


def body_of(route: str, things: Things) -> Any:
    """Return what the example of a route carries; None where it carries nothing."""
    project, scope = things.project, {"scope": "project", "code": things.project}
    return {
        "POST /v1/sessions": {"login": "nobody", "password": "nothing"},
        "POST /v1/web-sessions": {"login": "nobody", "password": "nothing"},
        "POST /v1/sign-on/sessions": {"code": "nothing", "verifier": "v" * 43},
        "PUT /v1/self/password": {"current": "nothing", "new": "too short"},
        "POST /v1/tokens": token_of(things.service_account),
        "POST /v1/service-accounts": {"login": "svc-t-new", "name": "New", "project": project},
        "POST /v1/role-grants": {"login": "t.other", "role": "user", "scope": "project", "target": project},
        "POST /v1/access-changes/{change_id}/refuse": REASON,
        "PATCH /v1/projects/{project}": {"criticality": "key"},
        "POST /v1/project-imports": {"content": "code,name,department,owner,criticality,environment,members\n"},
        "POST /v1/directory/sync": {"preview": True},
        "POST /v1/directory/confirm": {"digest": "0" * 64},
        "POST /v1/projects": {"code": "t-new", "name": "New", "department": things.department, "owner": "li.wei"},
        "POST /v1/operations/{operation_id}/skip": REASON,
        "POST /v1/operations/{operation_id}/undo": REASON,
        "PUT /v1/lanes/{name}": LANE,
        "POST /v1/approval-policy/proposals": {"note": "New", "rules": RULES},
        "POST /v1/approval-policy/simulate": {"project": project, "applicant": "li.wei"},
        "POST /v1/assignments/{assignment_id}/approve": {"digest": things.digest},
        "POST /v1/assignments/{assignment_id}/reject": {"digest": things.digest, "comment": "no"},
        "POST /v1/assignments/{assignment_id}/return": {"digest": things.digest, "comment": "no"},
        "POST /v1/assignments/{assignment_id}/transfer": ANOTHER,
        "POST /v1/assignments/{assignment_id}/delegate": ANOTHER,
        "POST /v1/assignments/{assignment_id}/answer": {"comment": "well"},
        "POST /v1/assignments/{assignment_id}/signers": {"logins": ["nobody"], "comment": "because"},
        "POST /v1/assignments/{assignment_id}/replace": ANOTHER,
        "POST /v1/chains/{chain_id}/comments": {"comment": "well"},
        "POST /v1/calendar/imports": {"days": [{"day": "2027-02-06", "worked": False}]},
        "POST /v1/deputies": ANOTHER_SOON,
        "PUT /v1/notices/language": {"language": "en"},
        "POST /v1/regions": {"code": "t-region", "name": "New", "provider": "simulated", "public": {"world": "t"}},
        "PATCH /v1/regions/{code}": {"name": "Another"},
        "PUT /v1/regions/{code}/secret": {"secret": "nothing"},
        "PUT /v1/regions/{code}/bus": {"url": "rabbit://listener@bus:5672/", "secret": "nothing"},
        "PATCH /v1/pools/{pool_id}": {"orderable": True},
        "POST /v1/hosts/{host_id}/maintain": REASON,
        "POST /v1/networks": VLAN | {"code": "t-net", "name": "New", "project": project},
        "POST /v1/networks/{code}/addresses": {"note": "kept"},
        "POST /v1/prefix-pools": {"region": REGION, "cidr": "10.224.0.0/16"},
        "POST /v1/server-groups": {"project": project, "name": "t-new", "affinity": "anti-affinity"},
        "PUT /v1/floating-addresses/{floating_id}/server": {"server": None},
        "POST /v1/network-proposals/{proposal_id}/accept": {"code": "t-net", "name": "New"},
        "POST /v1/security-groups": {"code": "t-group", "name": "New", "project": project, "rules": []},
        "PUT /v1/quotas": scope | {"resource": "vcpus", "limit": 1000},
        "POST /v1/placement/what-if": {"project": project, "vcpus": 1, "memory_mib": 1024},
        "POST /v1/volumes/{volume_id}/extend": {"size_gib": 2},
        "POST /v1/volumes/{volume_id}/snapshots": {"name": "t-snapshot"},
        "POST /v1/servers/{server_id}/reboot": {},
        "POST /v1/servers/{server_id}/resize": {"flavor": "m1.medium"},
        "POST /v1/servers/{server_id}/volumes": {"volume_id": things.volume_id},
        "POST /v1/servers/{server_id}/purge": {},
        "POST /v1/servers/{server_id}/console-output": {},
        "POST /v1/drifts/{drift_id}/accept": {},
        "POST /v1/drifts/{drift_id}/ignore": {"until": "2999-01-01T00:00:00Z"},
        "POST /v1/drifts/{drift_id}/revert": {},
        "POST /v1/servers/{server_id}/extend-disk": {"disk": 2000, "size_gib": 100},
        "POST /v1/servers/{server_id}/migrate": {"host": "t-host"},
        "POST /v1/adoptions": {"project": project, "machines": [{"machine": "t-machine"}]},
        "POST /v1/adoption-imports": {"content": "aWQscHJvamVjdAp4LHkK"},
        "POST /v1/adoption-rules": {"source": "name", "pattern": "t-*", "gives": "system"},
        "POST /v1/keypairs": {"name": "t-key", "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=="},
        "POST /v1/prices": {"prices": [{"kind": "flavor", "code": "m1.small", "monthly": "100"}]},
        "PUT /v1/orders/{order_id}": new_order(a_volume("t-more"), project=project),
        "POST /v1/orders/{order_id}/amend": {"comment": "no"},
        "POST /v1/orders/{order_id}/place": {"position": 49, "comment": "there"},
        "POST /v1/orders/{order_id}/strike": {"position": 49, "comment": "no"},
        "POST /v1/orders/estimate": new_order(a_volume("t-more"), project=project),
        "POST /v1/orders/preview": new_order(a_volume("t-more"), project=project),
        "POST /v1/orders": new_order(a_volume("t-more"), project=project),
    }.get(route)


def token_of(service_account: str) -> dict[str, Any]:
    """Return a token to be made."""
    ends = (utc_now() + timedelta(days=1)).isoformat()
    return {"name": "t", "actions": ["server.read"], "expires_at": ends, "service_account": service_account}


def request_of(route: str, things: Things) -> dict[str, Any]:
    """Return the example of a route as the HTTP client takes it.

    Raises:
        KeyError: its address names something that `Things` lacks: add it there.
    """
    method, path = route.split(" ", 1)
    code = next((code for beginning, code in CODES.items() if path.startswith(beginning)), things.code)
    values = things.values() | {"code": code}
    if route == "DELETE /v1/networks/{code}":
        values["code"] = things.network
    if "service" in path:
        values["login"] = things.service_account
    url = re.sub(r"{(\w+)}", lambda named: values[named[1]], path)
    request: dict[str, Any] = {"method": method, "url": url, "headers": HEADERS.get(method)}
    body = body_of(route, things)
    return request if body is None else request | {"json": body}
