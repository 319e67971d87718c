"""The first administrators, made on the host by root."""

import getpass
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from jinyun.cli.failures import Failure
from jinyun.cli.framework import argument, local_command, option
from jinyun.cli.language import here
from jinyun.cli.terminal import Choices, Terminal
from jinyun.kit.texts import Text

if TYPE_CHECKING:
    from jinyun.kit.actor import Actor
    from jinyun.kit.database import Database

Result = TypeVar("Result")

MADE = Text(
    "There are three administrators now; their passwords are in {directory}: hand them out, then remove it.",
    "三位管理员已创建，密码保存在 {directory}，请分别交付后删除该目录。",
)
RECOVERED = Text(
    "{login} is a security administrator now; the password is in {directory}: hand it over, then remove it.",
    "{login} 现已成为安全管理员，密码保存在 {directory}，请交付后删除该目录。",
)
CONFIRMED = Text("{login} is a security administrator now.", "{login} 现已成为安全管理员。")
ROOT_ONLY = Text("Only root may do this, on the host itself.", "仅可由 root 在主机上执行。")
AS_ROOT = Text("Run it as root.", "请以 root 身份执行。")
TAKEN = Text("{directory} is there already.", "{directory} 已存在。")
ELSEWHERE = Text("Name another directory.", "请指定其他目录。")


def add_to(commands: typer.Typer) -> None:
    """Add the commands of this group."""
    local_command(commands, "bootstrap", "在主机上创建首批三位管理员，仅可执行一次。")(bootstrap)
    local_command(commands, "bootstrap-confirm", "在主机上确认任命第二位安全管理员。")(confirm)
    local_command(commands, "bootstrap-recover", "没有安全管理员时，在主机上任命一位。")(recover)


PasswordsDirectory = Annotated[
    Path, option("Directory to be made for the passwords.", "保存初始密码的新目录。", "--passwords-directory")
]


def bootstrap(passwords: PasswordsDirectory) -> None:
    """Make the system, the security and the audit administrator, once and for all."""
    from jinyun.access.bootstrap import FIRST_THREE
    from jinyun.access.bootstrap import bootstrap as found

    _require_root()
    made = {person.login: secrets.token_urlsafe(15) for person in FIRST_THREE}
    with _handed_out(passwords, made):
        _with_database(lambda store: store.write(lambda session: found(session, _root(), made)))
    Terminal(Choices()).note(MADE.format(directory=passwords))


def confirm(
    change: Annotated[
        str, argument("Id of the change: `jinyun role requests`.", "变更标识，见 `jinyun role requests`。")
    ],
) -> None:
    """Confirm, where there is only one security administrator, the second one that he asked for."""
    from jinyun.access import grants, second_person
    from jinyun.access.bootstrap import confirm_on_host

    _require_root()
    second_person.register(*grants.KINDS)

    def work(store: "Database") -> str:
        content = store.write(lambda session: confirm_on_host(session, _root(), change).content)
        return str(content["login"])

    Terminal(Choices()).note(CONFIRMED.format(login=_with_database(work)))


def recover(
    login: Annotated[str, argument("Login of somebody who works here.", "在职人员的用户名。")],
    passwords: PasswordsDirectory,
) -> None:
    """Make somebody a security administrator where there is none left; operators get an alarm."""
    from jinyun.access.bootstrap import recover as make
    from jinyun.app import wire_events

    _require_root()
    wire_events()
    made = {login: secrets.token_urlsafe(15)}
    with _handed_out(passwords, made):
        _with_database(lambda store: store.write(lambda session: make(session, _root(), login, made[login]).id))
    Terminal(Choices()).note(RECOVERED.format(login=login, directory=passwords))


def _require_root() -> None:
    if os.geteuid() != 0:
        raise Failure(here(ROOT_ONLY), here(AS_ROOT))


def _root() -> "Actor":
    from jinyun.access.bootstrap import host_actor

    return host_actor(f"{os.environ.get('SUDO_USER') or getpass.getuser()}@{socket.gethostname()}")


@contextmanager
def _handed_out(directory: Path, passwords: Mapping[str, str]) -> Iterator[None]:
    """Write passwords into a directory that appears when all went well. Raises Failure where there is one."""
    if directory.exists():
        raise Failure(here(TAKEN.format(directory=directory)), here(ELSEWHERE))
    beside = _written(directory.parent, passwords)
    try:
        yield
    except BaseException:
        shutil.rmtree(beside)
        raise
    beside.rename(directory)


def _written(directory: Path, passwords: Mapping[str, str]) -> Path:
    """Write each password into a file of its own that its owner alone can read; return the directory they are in."""
    directory.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=directory, prefix=".bootstrap-"))
    for login, password in passwords.items():
        file = beside / f"{login}.password"
        file.touch(mode=0o600)
        file.write_text(f"{password}\n")
    return beside


def _with_database(work: Callable[["Database"], Result]) -> Result:
    """Do something with the database; what cannot be is told as the API would. Raises Failure."""
    from jinyun.kit.database import Database
    from jinyun.kit.errors import Problem
    from jinyun.kit.settings import settings
    from jinyun.tables import load_tables

    load_tables()
    store = Database(settings().database_url)
    try:
        return work(store)
    except Problem as problem:
        hint = problem.hint.format(**problem.values)
        raise Failure(here(problem.explanation()), here(hint), code=problem.code) from problem
    finally:
        store.dispose()
