"""What items of one order are called, and which of them refer to which."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from jinyun.orders.models import Order, OrderItem

NAMED_BY = {"server": "hostname", "network": "code", "security-group": "code"}
"""Of each kind that others may refer to, the field that holds its name."""
REFERS_BY: dict[str, dict[str, str]] = {
    "server": {"network": "network", "security_group": "security-group"},
    "volume": {"attach_to": "server"},
    "router": {"networks": "network"},
    "floating-address": {"attach_to": "server"},
}
"""Of each kind that refers to others, the fields that do, and the kind of what they name."""
ORDER = ("network", "security-group", "router", "server")
"""Kinds that others may refer to, each behind those that it refers to; all else comes after them."""
Wanted = TypeVar("Wanted", bound=BaseModel)
Name = tuple[str, str]
"""Kind and name."""


def after_what_they_refer_to(items: Iterable[Wanted]) -> list[tuple[int, Wanted]]:
    """Return items with their positions, those that refer to others behind these."""
    return sorted(enumerate(items), key=lambda each: _rank(getattr(each[1], "kind", "")))


def from_the_last(items: Iterable[OrderItem]) -> list[OrderItem]:
    """Return items in the order to give them back: nothing before what refers to it."""
    return sorted(items, key=lambda item: _rank(item.kind), reverse=True)


def from_the_first(items: Iterable[OrderItem]) -> list[OrderItem]:
    """Return items, nothing before what it refers to."""
    return sorted(items, key=lambda item: _rank(item.kind))


def referred(items: Sequence[OrderItem], item: OrderItem) -> list[OrderItem]:
    """Return the items that another one refers to."""
    wanted = names_wanted(item.kind, item.specification)
    return [each for each in items if name_of(each.kind, each.specification) in wanted]


def with_referring(order: Order, items: Sequence[OrderItem]) -> list[OrderItem]:
    """Return items, and behind them whatever else of the order refers to them, be it through others."""
    found = list(items)
    for item in from_the_first(order.standing):
        if item not in found and any(each in found for each in referred(order.items, item)):
            found.append(item)
    return found


def sibling(order: Order, kind: str, name: str | None) -> OrderItem | None:
    """Return the item of the same order that has this name, if there is one."""
    return next((item for item in order.items if name_of(item.kind, item.specification) == (kind, name)), None)


def tiers_of_volumes_for(order: Order, hostname: str) -> set[str]:
    """Return the storage tiers of the order's own volumes that are to be on a server of it."""
    volumes = [item.specification for item in order.standing if item.kind == "volume"]
    return {each["tier"] for each in volumes if each["attach_to"] == hostname}


def name_of(kind: str, specification: Mapping[str, Any]) -> Name | None:
    """Return what others may call an item of this kind, or None where nothing can refer to it."""
    return (kind, specification[NAMED_BY[kind]]) if kind in NAMED_BY else None


def names_wanted(kind: str, specification: Mapping[str, Any]) -> set[Name]:
    """Return what an item would refer to if the order has it."""
    fields = REFERS_BY.get(kind, {})
    return {(target, name) for field, target in fields.items() for name in _names(specification.get(field))}


def _names(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _rank(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)
