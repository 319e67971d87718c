"""How an operation is written down: a recipe of steps, each with its undo beside it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy.orm import Session

from jinyun.kit.actor import Actor
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text

Result = TypeVar("Result")
Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The step's work is finished; `result` is kept and shown to later steps."""

    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """The backend is at work; look again in so many seconds. Waiting costs no thread."""

    seconds: float
    progress: Text | None = None
    memory: dict[str, Any] = field(default_factory=dict)
    counts: bool = True
    """Whether the time counts against the step's deadline; it does not where nobody is at work."""


Outcome = Done | Wait


def done(**result: Any) -> Done:
    """Say that the step is finished, with results that JSON can hold."""
    return Done(result)


def wait(seconds: float, *, progress: Text | None = None, **memory: Any) -> Wait:
    """Say that the step is under way, in words what it waits for, and what it must remember for its next look."""
    return Wait(seconds, progress, memory)


def wait_for_room(seconds: float, progress: Text) -> Wait:
    """Say that nothing can be done for as long as something is full: that time is not held against the step."""
    return Wait(seconds, progress, counts=False)


class StepContext(Protocol):
    """What a step sees of its operation."""

    @property
    def operation_id(self) -> str:
        """The operation's id."""

    @property
    def token(self) -> str:
        """A mark unique to this step of this operation: put it into the backend and find the thing again."""

    @property
    def key(self) -> str | None:
        """The thing that this step is for, where the recipe has one step for each of several things."""

    @property
    def attempt(self) -> int:
        """How often the step was begun, from 1."""

    @property
    def now(self) -> datetime:
        """The database's time when this turn began: what is kept for another worker to compare must not be his own."""

    @property
    def memory(self) -> Mapping[str, Any]:
        """What this step remembered when it last waited; empty when it is begun."""

    @property
    def parameters(self) -> Parameters:
        """What the operation was started with."""

    @property
    def results(self) -> Mapping[str, dict[str, Any]]:
        """Results of the finished steps by name (`port`, `attach:<key>`); an undo finds its own among them, if any."""

    @property
    def actor(self) -> Actor:
        """On whose behalf; carries no grants: authority was checked when the operation was started."""

    @property
    def settings(self) -> Settings:
        """Settings of this worker."""

    def read(self, work: Callable[[Session], Result]) -> Result:
        """Run a short transaction that changes nothing."""

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Run a short transaction, fenced: it fails where another worker has taken the operation over."""

    def check(self) -> None:
        """Stop here where the lease is gone; call it between two calls to a backend."""


Act = Callable[[StepContext], Outcome]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a recipe.

    `each` names the things to do it for; `lane` the queue that admits it; `timeout` how long it may take in all, not
    counting the time that a backend is down; once a `point_of_no_return` step has begun nothing is undone any more.
    """

    name: str
    do: Act
    title: Text
    undo: Act | None = None
    each: Callable[[Parameters], Sequence[str]] | None = None
    lane: Callable[[Parameters, str | None], str | None] | None = None
    timeout: timedelta = timedelta(minutes=10)
    point_of_no_return: bool = False
    local: bool = False
    """Works on our own database alone: needs no backend, and says nothing about its health."""
    aliases: tuple[str, ...] = ()
    """Names that this step had in earlier releases."""


class Operation:
    """A recipe. Subclasses say their `kind`, `title` and `steps`; they are never instantiated."""

    kind: ClassVar[str]
    title: ClassVar[Text]
    steps: ClassVar[tuple[Step, ...]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a recipe that could not be told apart from another."""
        super().__init_subclass__(**kwargs)
        names = [step.name for step in cls.steps]
        if len(set(names)) != len(names) or not all(re.fullmatch(r"[a-z][a-z-]{0,30}", name) for name in names):
            raise TypeError(f"{cls.__name__}: step names must be unique, short and lower case: {names}")


@dataclass(slots=True)
class Recipes:
    """The recipes that a process knows: it claims only work whose next step is among them."""

    by_kind: dict[str, type[Operation]] = field(default_factory=dict)
    _steps: dict[str, Step] = field(default_factory=dict)

    def add(self, *recipes: type[Operation]) -> None:
        """Make recipes known."""
        for recipe in recipes:
            self.by_kind[recipe.kind] = recipe
            for step in recipe.steps:
                for name in (step.name, *step.aliases):
                    self._steps[handler(recipe.kind, name)] = step

    def step(self, handler_name: str) -> Step:
        """Return the step behind a stored name. Raises KeyError where this release does not know it."""
        return self._steps[handler_name]

    def knows(self, handler_name: str) -> bool:
        """Tell whether this process can run the step."""
        return handler_name in self._steps

    @property
    def handlers(self) -> list[str]:
        """All names that may be claimed."""
        return sorted(self._steps)


def handler(kind: str, step_name: str) -> str:
    """Return the stored name of a step: `deliver-server/port`."""
    return f"{kind}/{step_name}"
