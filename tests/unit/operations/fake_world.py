"""A backend that keeps things by token, and steps that meet with everything that can happen to a call."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from jinyun.kit.errors import DatabaseUnavailable
from jinyun.kit.texts import Text
from jinyun.operations.definition import Act, Operation, Outcome, Parameters, Step, StepContext, done, wait
from jinyun.providers.errors import BackendDown, OutcomeUnknown, Refused, Transient

TITLE = Text("Test", "测试")
LANE = "array/east"
ACTED = "acted-"
"""Before the name of a behaviour: what was asked had been done before it went wrong."""
ERRORS: dict[str, Exception] = {
    "busy": Transient("429"),
    "down": BackendDown("connection refused"),
    "lost": OutcomeUnknown("504"),
    "refused": Refused("no"),
    "bug": KeyError("x"),
    "database-away": DatabaseUnavailable(),
}
EVENTS = ("wait", "dies", "overtaken", "late")
BEHAVIOURS = ("ok", *(prefix + name for prefix in ("", ACTED) for name in (*ERRORS, *EVENTS)))


class Died(BaseException):
    """The worker's process was killed in the middle of a call."""


@dataclass
class FakeWorld:
    """Things by token, and what was asked of whom in which order.

    `overtake` and `expire_deadline` are the machine's: what happens in the middle of a call to the operation of it.
    """

    overtake: Callable[[str], None]
    expire_deadline: Callable[[str], None]
    things: set[str] = field(default_factory=set)
    taken_back: set[str] = field(default_factory=set)
    scripts: dict[str, list[str]] = field(default_factory=dict)
    """What the next calls of an operation meet with; afterwards all is well."""
    asked: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """Verb and token of each call of an operation."""
    inside: set[str] = field(default_factory=set)
    """Operations that have a call under way."""
    broken: list[str] = field(default_factory=list)
    """What must never happen, and did."""

    def do(self, step: StepContext) -> Outcome:
        """Make the thing of the step's token, unless it is there."""
        return self._call(step, "do", self._make)

    def undo(self, step: StepContext) -> Outcome:
        """Take the thing of the step's token back, if it is there."""
        return self._call(step, "undo", self.remove)

    def _call(self, step: StepContext, verb: str, act: Callable[[str], None]) -> Outcome:
        operation_id = step.operation_id
        if operation_id in self.inside:
            self.broken.append(f"two calls at once for {operation_id}")
        self.inside.add(operation_id)
        self.asked[operation_id].append((verb, step.token))
        try:
            return self._meet(step, self._next(operation_id), act)
        finally:
            self.inside.discard(operation_id)

    def _next(self, operation_id: str) -> str:
        script = self.scripts.get(operation_id)
        return script.pop(0) if script else "ok"

    def _meet(self, step: StepContext, behaviour: str, act: Callable[[str], None]) -> Outcome:
        name = behaviour.removeprefix(ACTED)
        if behaviour == "ok" or behaviour.startswith(ACTED):
            act(step.token)
        match name:
            case "ok":
                return done()
            case "wait":
                return wait(60)
            case "late":
                self.expire_deadline(step.token)
                return wait(60)
            case "dies":
                raise Died
            case "overtaken":
                self.inside.discard(step.operation_id)  # its time-out is over when somebody takes over
                self.overtake(step.operation_id)
                return done(stale=True)
        raise ERRORS[name]

    def _make(self, token: str) -> None:
        if token in self.taken_back:
            self.broken.append(f"{token} was made again after it had been taken back")
        self.things.add(token)

    def remove(self, token: str) -> None:
        """Take a thing away."""
        self.things.discard(token)
        self.taken_back.add(token)


def recipes(do: Act, undo: Act) -> tuple[type[Operation], ...]:
    """Return a recipe that can be undone to its end, and one with a point of no return."""

    def array(_parameters: Parameters, _key: str | None) -> str:
        return LANE

    def step(name: str, **options: object) -> Step:
        return Step(name, do, TITLE, undo=undo, timeout=timedelta(hours=1), **options)  # type: ignore[arg-type]

    deliver = {"kind": "deliver", "title": TITLE}
    migrate = {"kind": "migrate", "title": TITLE}
    return (
        type("Deliver", (Operation,), deliver | {"steps": (step("attach", lane=array), step("server"), step("ready"))}),
        type(
            "Migrate",
            (Operation,),
            migrate | {"steps": (step("port"), step("move", lane=array, point_of_no_return=True), step("close"))},
        ),
    )
