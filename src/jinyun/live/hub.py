"""Those who listen at this process, and what each of them may hear."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from jinyun.access.authority import allowed, granting
from jinyun.access.errors import NotSignedIn
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import DatabaseUnavailable
from jinyun.live.tail import Change, Tail, department_paths

PERIOD_SECONDS = 1.0
ASK_AGAIN = timedelta(seconds=15)
"""How long somebody who has signed out elsewhere, or lost a role, may still hear that something changed."""
MOST_OF_ONE = 20
"""Connections of one person at a process; one more ends his oldest."""
READ_BY = {
    "floating-address": "network.read",
    "network": "network.read",
    "operation": "operation.read",
    "order": "order.read",
    "pool": "region.read",
    "project": "project.read",
    "quota": "quota.read",
    "region": "region.read",
    "router": "network.read",
    "security-group": "network.read",
    "server": "server.read",
    "snapshot": "volume.read",
    "volume": "volume.read",
}
"""What lets somebody read a kind of thing; nobody is told of other kinds."""
log = structlog.get_logger()
Enter = Callable[[Session], Actor]


class Listener:
    """One open page: who is before it, and what it has not been told yet."""

    def __init__(self, actor: Actor, enter: Enter) -> None:
        self.actor = actor
        self.enter = enter
        self.asked_at = utc_now()
        self.ended = False
        self._pending: dict[tuple[str, str], Change] = {}
        self._woken = asyncio.Event()

    def tell(self, changes: list[Change]) -> None:
        """Keep changes until the page takes them; of one thing the newest is enough."""
        self._pending |= {change.key: change for change in changes}
        if changes:
            self._woken.set()

    def end(self) -> None:
        """Tell no more."""
        self.ended = True
        self._woken.set()

    async def next(self, patience: float) -> list[Change]:
        """Return what there is to tell, after at most so many seconds; nothing where there is nothing."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), patience)
        self._woken.clear()
        changes, self._pending = list(self._pending.values()), {}
        return changes


class Hub:
    """Looks once a second at what changed, while anybody listens, and tells each what he may read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Listener] = []
        self._looking: asyncio.Task[None] | None = None

    def join(self, actor: Actor, enter: Enter) -> Listener:
        """Have somebody listen; `enter` tells who he is, and is asked again now and then whether he still is."""
        own = [listener for listener in self._listeners if listener.actor.person_id == actor.person_id]
        if len(own) >= MOST_OF_ONE:
            own[0].end()
        listener = Listener(actor, enter)
        self._listeners.append(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on())
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget somebody who went."""
        self._listeners.remove(listener)

    def close(self) -> None:
        """End all connections: their pages come back to whichever process is there then."""
        for listener in self._listeners:
            listener.end()

    async def _look_on(self) -> None:
        tail = Tail(utc_now())
        while self._listeners:
            await asyncio.sleep(PERIOD_SECONDS)
            listening = list(self._listeners)
            try:
                told = await run_in_threadpool(self._database.read, partial(_look, tail, listening), patience=0)
            except DatabaseUnavailable:
                log.warning("live hints wait for the database")
                continue
            for listener, changes in zip(listening, told, strict=True):
                listener.tell(changes)


def _look(tail: Tail, listening: list[Listener], session: Session) -> list[list[Change]]:
    now = utc_now()
    changes = tail.look(session, now)
    signed = {change.subject_id for change in changes if change.kind == "person"}
    for listener in listening:
        if listener.actor.person_id in signed or listener.asked_at <= now - ASK_AGAIN:
            _ask_again(listener, session, now)
    paths = department_paths(session, changes)
    return [[change for change in changes if _may_hear(session, each.actor, change, paths)] for each in listening]


def _ask_again(listener: Listener, session: Session, now: datetime) -> None:
    try:
        listener.actor = listener.enter(session)
        listener.asked_at = now
    except NotSignedIn:
        listener.end()


def _may_hear(session: Session, actor: Actor, change: Change, paths: dict[str, str]) -> bool:
    if change.person_id is not None:
        return change.person_id == actor.person_id
    action = READ_BY.get(change.kind)
    if action is None:
        return False
    if change.project_id is None:
        return bool(granting(actor, action))
    path = paths.get(change.project_id)
    return path is not None and allowed(session, actor, action, change.project_id, department_path=path)
