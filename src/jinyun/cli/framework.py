"""How a command is written: a function that takes the terminal and its own options, and reads as a sentence.

Every command that speaks to the API also takes `--url`, `--profile` and `--output`, before the command or behind it.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar

import typer

from jinyun.cli.language import here
from jinyun.cli.terminal import Choices, Output, Terminal
from jinyun.kit.texts import Text

Command = TypeVar("Command", bound=Callable[..., None])


def option(en: str, zh: str, *names: str, **more: Any) -> Any:
    """Describe an option in both languages."""
    return typer.Option(*names, help=here(Text(en, zh)), **more)


def argument(en: str, zh: str, **more: Any) -> Any:
    """Describe an argument in both languages."""
    return typer.Argument(help=here(Text(en, zh)), **more)


Url = Annotated[str | None, option("Address of the server; also JINYUN_URL.", "服务地址，也可用 JINYUN_URL。")]
Profile = Annotated[
    str | None,
    option(
        "Act as whoever signed in under this name; also JINYUN_PROFILE.",
        "以该会话的人员操作，也可用 JINYUN_PROFILE。",
        "--profile",
        "-p",
    ),
]
OutputForm = Annotated[Output | None, option("How to show the answer.", "输出格式。", "--output", "-o")]
All = Annotated[bool, option("Every page, not only the first.", "列出全部分页，而不仅是第一页。", "--all")]
NoWait = Annotated[bool, option("Do not wait for the end.", "不等待执行结束。", "--no-wait")]
Yes = Annotated[bool, option("Do not ask.", "不再询问。", "--yes", "-y")]
ProjectFilter = Annotated[str | None, option("Only this application system's.", "仅限该应用系统。", "--project")]


def group(en: str, zh: str) -> typer.Typer:
    """Return a group of commands."""
    return typer.Typer(
        help=here(Text(en, zh)), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )


def command(commands: typer.Typer, name: str, zh: str) -> Callable[[Command], Command]:
    """Make a function a command of the API's client; its first parameter is the terminal, its docstring the help."""

    def register(function: Command) -> Command:
        @wraps(function)
        def run(
            *, context: typer.Context, url: str | None, profile: str | None, output: Output | None, **given: Any
        ) -> None:
            function(Terminal(Choices(url, profile, output).over(context.obj or Choices())), **given)

        _announce(run, [_own("context", typer.Context), *_given(function), *_COMMON])
        commands.command(name, help=here(Text(inspect.getdoc(function) or "", zh)))(run)
        return function

    return register


def local_command(commands: typer.Typer, name: str, zh: str) -> Callable[[Command], Command]:
    """Make a function a command that works on this machine, without the API."""

    def register(function: Command) -> Command:
        commands.command(name, help=here(Text(inspect.getdoc(function) or "", zh)))(function)
        return function

    return register


def _own(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_COMMON = [_own("url", Url, None), _own("profile", Profile, None), _own("output", OutputForm, None)]


def _given(function: Callable[..., None]) -> list[inspect.Parameter]:
    """Return what a command takes besides the terminal."""
    return list(inspect.signature(function).parameters.values())[1:]


def _announce(run: Callable[..., None], parameters: list[inspect.Parameter]) -> None:
    """Tell the command-line library what `run` takes; it reads signature and annotations."""
    keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    run.__signature__ = inspect.Signature(keyword_only)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
