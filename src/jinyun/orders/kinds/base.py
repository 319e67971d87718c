"""What a kind of item has to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.operations.models import OperationRow
from jinyun.orders.costs import Part
from jinyun.orders.models import Order, OrderItem
from jinyun.organisation.models import Project

HOLDER = "order_item"
"""What the rooms below know an item as, when they hold something for it."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of each an item takes."""

    vcpus: int = 0
    memory_mib: int = 0
    storage_gib: int = 0


Wanted_contra = TypeVar("Wanted_contra", bound=BaseModel, contravariant=True)


class ItemKind(Protocol[Wanted_contra]):
    """One kind of thing that can be ordered."""

    def hold(self, session: Session, actor: Actor, order: Order, item: OrderItem, wanted: Wanted_contra) -> None:
        """Check what is wanted and hold all that it needs; write `item.allocation`. Raises what is wrong with it."""

    def parts(self, session: Session, project: Project, wanted: Wanted_contra) -> Sequence[Part]:
        """Return what of it may have a price."""

    def facts(self, item: OrderItem) -> dict[str, Any]:
        """Return what an approver has to know of it."""

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return how large it is: rules of approval look at it."""

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep what is held without a time limit: it was approved, and its turn will come."""

    def deliver(self, session: Session, actor: Actor, order: Order, item: OrderItem) -> OperationRow:
        """Start the operation that brings it to life."""

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release what is held: nothing was started, or what was started is undone."""


class HoldsNothing:
    """What is alike in all kinds that take nothing and cost nothing."""

    def parts(self, session: Session, project: Project, wanted: Any) -> Sequence[Part]:
        """Return nothing: it costs nothing."""
        return []

    def measure(self, session: Session, item: OrderItem) -> Size:
        """Return nothing: it takes no more than there is."""
        return Size()

    def keep(self, session: Session, item: OrderItem) -> None:
        """Keep nothing."""

    def give_back(self, session: Session, item: OrderItem) -> None:
        """Release nothing."""
