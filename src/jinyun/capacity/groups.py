"""Servers that stay apart from one another, or together, by hosts: what their group's holds say of where they are.

Whoever places one of a group has locked the group before anything else, so that two are never placed unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.capacity.models import Hold
from jinyun.capacity.request import PlacementRequest
from jinyun.capacity.states import RELEASED


class Affinity(StrEnum):
    """How the servers of a group are placed; the soft ones only where it can be had."""

    ANTI_AFFINITY = "anti-affinity"
    AFFINITY = "affinity"
    SOFT_ANTI_AFFINITY = "soft-anti-affinity"
    SOFT_AFFINITY = "soft-affinity"


AffinityName = Literal["anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"]
"""The same words, as the API takes them."""


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A group, and how its servers are placed."""

    id: str
    affinity: Affinity


def hosts_of(session: Session, group_id: str, *, besides: str | None = None) -> list[str]:
    """Return the names of the hosts where servers of a group are, or will be, once for each; but for one hold's."""
    standing = select(Hold.host).where(Hold.group_id == group_id, Hold.state != RELEASED, Hold.host.is_not(None))
    if besides is not None:
        standing = standing.where(Hold.id != besides)
    return [host for host in session.scalars(standing.order_by(Hold.id)) if host is not None]


def hosts_by_group(session: Session, group_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return of several groups at once what `hosts_of` returns of one."""
    found: dict[str, list[str]] = {}
    standing = select(Hold.group_id, Hold.host).where(Hold.group_id.in_(group_ids), Hold.state != RELEASED)
    for group_id, host in session.execute(standing.where(Hold.host.is_not(None)).order_by(Hold.id)):
        found.setdefault(str(group_id), []).append(str(host))
    return found


def with_group(
    session: Session, request: PlacementRequest, group: GroupRule | None, *, besides: str | None = None
) -> PlacementRequest:
    """Return a request that minds where the others of its group are; without a group, the same."""
    if group is None:
        return request
    request = replace(request, needs_host=True)
    taken = frozenset(hosts_of(session, group.id, besides=besides))
    if not taken:
        return request
    match group.affinity:
        case Affinity.ANTI_AFFINITY:
            return replace(request, not_on_hosts=request.not_on_hosts | taken)
        case Affinity.AFFINITY:
            return replace(request, only_on_hosts=taken)
        case Affinity.SOFT_ANTI_AFFINITY:
            return replace(request, rather_not_on_hosts=taken)
        case Affinity.SOFT_AFFINITY:
            return replace(request, rather_on_hosts=taken)


def keeps_its_rule(affinity: Affinity, hosts: list[str]) -> bool:
    """Tell whether servers on these hosts are placed as their group wants it."""
    apart, together = len(set(hosts)) == len(hosts), len(set(hosts)) <= 1
    return apart if affinity in {Affinity.ANTI_AFFINITY, Affinity.SOFT_ANTI_AFFINITY} else together
