"""Why a command could not do what it was asked, and the exit code that says so."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rich.console import Console

from jinyun.cli.language import here
from jinyun.cli.render import plain
from jinyun.kit.texts import Text

PROBLEM, USAGE, SIGNED_OUT, UNREACHABLE = 1, 2, 3, 4


class Failure(Exception):
    """A command ends here: what is wrong, what to do about it, and a code that never changes its meaning."""

    exit_code: ClassVar[int] = PROBLEM
    code: str = "problem"

    def __init__(self, detail: str, hint: str = "", *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail, self.hint, self.field = detail, hint, field
        self.code = code or self.code


class Refused(Failure):
    """The API answered with a problem."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Refused":
        """Take over what the API said (RFC 9457)."""
        hint, field = document.get("hint", ""), document.get("field")
        return cls(document["detail"], hint, code=document["code"], field=field)


class WrongUsage(Failure):
    """The command was given something that it cannot work with."""

    exit_code = USAGE
    code = "usage"

    def __init__(self, detail: Text, **values: object) -> None:
        super().__init__(here(detail.format(**values)), here(Text("See `--help`.", "请参阅 `--help`。")))


class SignedOut(Refused):
    """Nobody is signed in, or not any more."""

    exit_code = SIGNED_OUT
    code = "not-signed-in"


class Unreachable(Refused):
    """The server did not answer, however often it was asked."""

    exit_code = UNREACHABLE
    code = "unreachable"


def show_failure(failure: Failure) -> None:
    """Write a failure to the error stream: what is wrong in red, below it what to do, and the code."""
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    console.print(plain(failure.detail), style="red")
    if failure.hint:
        console.print(plain(failure.hint))
    at = f" ({failure.field})" if failure.field else ""
    console.print(f"{failure.code}{at}", style="dim")
