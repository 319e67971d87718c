"""News that travels upward: synchronous, in the transaction of whoever publishes; wired only in `app.py`."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

Event = TypeVar("Event")
_listeners: dict[type, list[Callable[[Session, Any], None]]] = defaultdict(list)


def subscribe(event: type[Event], listener: Callable[[Session, Event], None]) -> None:
    """Have `listener` called, in the publisher's transaction, for each event of this class."""
    if listener not in _listeners[event]:
        _listeners[event].append(listener)


def publish(session: Session, event: object) -> None:
    """Tell every listener; what one of them raises ends the publisher's transaction."""
    for listener in _listeners[type(event)]:
        listener(session, event)
