"""What came of calling a step: its own answer, or one of the four kinds of error."""

import random
from dataclasses import dataclass
from typing import Any

import structlog

from jinyun.kit.errors import DatabaseUnavailable, Problem
from jinyun.kit.texts import Text
from jinyun.operations.claims import LeaseLost
from jinyun.operations.definition import Act, Outcome, StepContext
from jinyun.providers.errors import BackendDown, BackendError, OutcomeUnknown, Refused, Transient

log = structlog.get_logger()

FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 30.0
DOWN_PAUSE_SECONDS = 5.0
UNKNOWN_PAUSE_SECONDS = 1.0

BUG = Text(
    "Something unforeseen happened; nothing was deleted, and an operator has been asked to look: {words}",
    "发生了意外情况，未删除任何资源，已请运维人员处理：{words}",
)
TIMED_OUT = Text(
    "This took longer than {minutes} minutes, the limit of the step.", "该步骤超过了 {minutes} 分钟的时限。"
)
UNDO_REFUSED = Text(
    "What was made could not be taken back; an operator has been asked to look: {words}",
    "已创建的资源无法撤销，已请运维人员处理：{words}",
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something did not go forward: a stable code, plain words, and the backend's own."""

    code: str
    text: Text
    words: str = ""

    def as_document(self, step: str) -> dict[str, Any]:
        """Return what is kept with the step and the operation."""
        return {"code": self.code, **self.text.as_dict(), "words": self.words[:2000], "step": step}


@dataclass(frozen=True, slots=True)
class Retry:
    """Nothing was done, or nobody knows: look again later. `down` means that the time does not count."""

    reason: Reason
    down: bool = False
    unknown: bool = False

    def pause(self, failures: int) -> float:
        """Return the seconds until the next look, spread so that a thousand waiters do not come at once."""
        if self.down:
            return DOWN_PAUSE_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311
        first = UNKNOWN_PAUSE_SECONDS if self.unknown else FIRST_BACKOFF_SECONDS
        longest = min(first * 2.0 ** min(failures, 10), LONGEST_BACKOFF_SECONDS)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311


@dataclass(frozen=True, slots=True)
class Refusal:
    """It cannot be: go back."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Bug:
    """Unforeseen: stop and ask an operator."""

    reason: Reason


Ending = Outcome | Retry | Refusal | Bug


def perform(act: Act, context: StepContext) -> Ending:
    """Call a step and sort what comes out of it.

    Raises:
        LeaseLost, DatabaseUnavailable: the worker must let go without writing anything.
    """
    try:
        context.check()
        return act(context)
    except (LeaseLost, DatabaseUnavailable):
        raise
    except BackendError as error:
        return _sorted_out(error)
    except Problem as problem:
        return Refusal(Reason(problem.code, problem.explanation()))
    except Exception as error:
        log.exception("step failed", operation=context.operation_id)
        return bug(error)


def bug(error: Exception) -> Bug:
    """Return the ending that an unforeseen error is."""
    words = f"{type(error).__name__}: {error}"
    return Bug(Reason("unforeseen", BUG.format(words=words), words))


def _sorted_out(error: BackendError) -> Ending:
    reason = Reason(error.code, error.explanation(), error.words)
    if isinstance(error, OutcomeUnknown):
        return Retry(reason, unknown=True)
    if isinstance(error, Transient):
        return Retry(reason, down=isinstance(error, BackendDown))
    if isinstance(error, Refused):
        return Refusal(reason)
    return Bug(Reason("unforeseen", BUG.format(words=error.words), error.words))
