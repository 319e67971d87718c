"""Tables of orders."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jinyun.kit.database import Base, CreatedAt, Document, IdKey, IdType, Moment, Money, UtcDateTime, Word
from jinyun.orders.states import STRUCK
from jinyun.organisation.models import Person, Project


class Order(Base):
    """One order with all its items."""

    __tablename__ = "order"

    id: Mapped[IdKey]
    number: Mapped[str] = mapped_column(String(32), unique=True)
    """What people call it: `20261122-0001`."""
    project_id: Mapped[str] = mapped_column(IdType, ForeignKey("project.id"), index=True)
    applicant_id: Mapped[str] = mapped_column(IdType, ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(500))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when what is ordered is wanted; empty for as long as the application system lives."""
    state: Mapped[Word] = mapped_column(index=True)
    currency: Mapped[str] = mapped_column(String(3), default="", server_default="")
    """What its costs are in; empty where it was submitted before there were prices."""
    monthly_cost: Mapped[Decimal | None] = mapped_column(Money)
    """What it costs a month at the prices of the day it was submitted; empty where a part of it has no price."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the content: approvals bind to it."""
    held_until: Mapped[Moment] = mapped_column(index=True)
    """What it needs is held until then while nobody decides."""
    chain_id: Mapped[str | None] = mapped_column(IdType)
    """Who decides on it."""
    comment: Mapped[str] = mapped_column(String(4000), default="")
    """What the approver who ended it said."""
    created_at: Mapped[CreatedAt]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    project: Mapped[Project] = relationship()
    applicant: Mapped[Person] = relationship()
    items: Mapped[list["OrderItem"]] = relationship(back_populates="order", order_by="OrderItem.position")

    @property
    def standing(self) -> list["OrderItem"]:
        """The items that no approver has struck."""
        return [item for item in self.items if item.state != STRUCK]


class OrderItem(Base):
    """One thing that was ordered."""

    __tablename__ = "order_item"

    id: Mapped[IdKey]
    order_id: Mapped[str] = mapped_column(IdType, ForeignKey("order.id"))
    position: Mapped[int]
    kind: Mapped[Word]
    specification: Mapped[Document]
    """What was asked for, as it was asked."""
    allocation: Mapped[Document]
    """What is held for it: pool, address, ids of the things to come."""
    costs: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    """What each part of it costs a month, as `costs.PartCost` writes it."""
    monthly_cost: Mapped[Decimal | None] = mapped_column(Money)
    state: Mapped[Word]
    operation_id: Mapped[str | None] = mapped_column(IdType, index=True)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    order: Mapped[Order] = relationship(back_populates="items")

    __table_args__ = (UniqueConstraint("order_id", "position"), Base.__table_args__)


class OrderCounter(Base):
    """The last order number of a day; locked by whoever takes the next."""

    __tablename__ = "order_counter"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
