"""How a request reaches a simulated data centre and how its answer comes back, with everything that may go wrong."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec, TypeVar

from jinyun.providers.errors import BackendDown, BackendError, OutcomeUnknown, Transient
from jinyun.providers.simulated import effects
from jinyun.providers.simulated.faults import Fault, FaultKind, strike
from jinyun.providers.simulated.world import Transaction, World

P = ParamSpec("P")
R = TypeVar("R")

NO_FAULT = Fault(FaultKind.SLOW, factor=1.0)

DESTINIES = {FaultKind.HALF_CREATED, FaultKind.VANISHED}
"""Faults that do not touch the call but what comes of it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One caller's way to a world."""

    world: World
    secret: str | None
    call_timeout_seconds: float

    def read(self, verb: str, work: Callable[[Transaction], R]) -> R:
        """Answer a question. Raises Transient or BackendDown where a fault strikes: nothing was done by asking."""
        fault = self._enter(verb, no_answer=Transient)
        with effects.reading(self.world) as transaction:
            answer = work(transaction)
        self._answer(verb, fault, no_answer=Transient)
        return answer

    def change(self, verb: str, work: Callable[[Transaction], R]) -> R:
        """Carry out a request. Raises OutcomeUnknown where a fault takes the answer away."""
        fault = self._enter(verb, no_answer=OutcomeUnknown)
        answer = self._carry_out(work, fault)
        if fault.kind is FaultKind.DOUBLED:
            with suppress(BackendError):
                self._carry_out(work, fault)
        self._answer(verb, fault, no_answer=OutcomeUnknown)
        return answer

    def _enter(self, verb: str, *, no_answer: type[BackendError]) -> Fault:
        """Return the fault of this call, or raise the one that keeps the request out."""
        fault = strike(self.world, verb) or NO_FAULT
        match fault.kind:
            case FaultKind.TIMEOUT_BEFORE:
                raise no_answer(f"{verb}: no answer in time")
            case FaultKind.SERVER_ERROR:
                raise no_answer(f"{verb}: 500 internal error")
            case FaultKind.BUSY:
                raise Transient(f"{verb}: 429 too many requests")
            case FaultKind.DOWN:
                raise BackendDown(f"{verb}: connection refused")
            case FaultKind.CREDENTIALS:
                raise BackendDown(f"{verb}: 401 unauthorized", code="credentials-rejected")
        self._authenticate()
        return fault

    def _authenticate(self) -> None:
        with self.world.reading() as transaction:
            wanted = transaction.one("SELECT value FROM fact WHERE name = 'password'")
        if wanted and wanted["value"] != digest(self.secret or ""):
            raise BackendDown("401 the password is wrong", code="credentials-rejected")

    def _carry_out(self, work: Callable[[Transaction], R], fault: Fault) -> R:
        with effects.changing(self.world) as transaction:
            transaction.slowness = fault.factor
            transaction.destiny = fault.kind if fault.kind in DESTINIES else None
            return work(transaction)

    def _answer(self, verb: str, fault: Fault, *, no_answer: type[BackendError]) -> None:
        """Let the time pass that the answer takes, or lose it."""
        with self.world.reading() as transaction:
            pace = transaction.one("SELECT call_seconds FROM pace WHERE verb = ?", verb)
        seconds = pace["call_seconds"] * fault.factor if pace else 0.0
        time.sleep(min(seconds, self.call_timeout_seconds))
        if fault.kind is FaultKind.TIMEOUT_AFTER or seconds > self.call_timeout_seconds:
            raise no_answer(f"{verb}: no answer in time")


def digest(password: str) -> str:
    """Return what a world keeps of its password."""
    return sha256(password.encode()).hexdigest()


class Part:
    """One part of a region, as one project sees it (the region as a whole where the project is empty)."""

    def __init__(self, link: Link, project_id: str = "") -> None:
        self.link = link
        self.project_id = project_id


S = TypeVar("S", bound=Part)
Method = Callable[Concatenate[S, Transaction, P], R]


def reads(verb: str) -> Callable[[Method[S, P, R]], Callable[Concatenate[S, P], R]]:
    """Make a method a question of this name: it gets a transaction first, which its callers do not give."""

    def decorate(method: Method[S, P, R]) -> Callable[Concatenate[S, P], R]:
        @wraps(method)
        def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return self.link.read(verb, lambda transaction: method(self, transaction, *args, **kwargs))

        return call

    return decorate


def changes(verb: str) -> Callable[[Method[S, P, R]], Callable[Concatenate[S, P], R]]:
    """Make a method a request of this name; otherwise as `reads`."""

    def decorate(method: Method[S, P, R]) -> Callable[Concatenate[S, P], R]:
        @wraps(method)
        def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return self.link.change(verb, lambda transaction: method(self, transaction, *args, **kwargs))

        return call

    return decorate
