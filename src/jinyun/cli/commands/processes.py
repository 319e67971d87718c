"""The processes of an installation, and what is done to it on the machine itself.

The server's libraries are imported inside the commands: whoever only calls the API does not wait for them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jinyun.cli.failures import Failure
from jinyun.cli.framework import group, local_command, option
from jinyun.cli.language import here
from jinyun.cli.render import column
from jinyun.cli.terminal import Choices, Terminal
from jinyun.cli.words import ROLES, word
from jinyun.kit.texts import Text

if TYPE_CHECKING:
    from jinyun.bank import Account

database = group("The database of this installation.", "本系统的数据库。")
keys = group("The keys of this installation.", "本系统的密钥。")
bank = group("Departments, people and application systems.", "部门、人员与应用系统。")

ACCOUNTS = (
    column("login", "用户名", "login"),
    column("name", "姓名", "name"),
    column("roles", "角色", "roles"),
    column("new password", "新密码", "is_new"),
)
KEYS_ARE = Text("The keys are in {directory}.", "密钥位于 {directory}。")
PASSWORDS_ARE = Text("The passwords are in {file}.", "密码保存在 {file}。")
CANNOT_LOAD = Text("The bank cannot be loaded: {why}", "无法载入：{why}")
CORRECT_FILE = Text("Correct the file and run it again.", "请更正文件后重新执行。")


def add_to(commands: typer.Typer) -> None:
    """Add the commands of this group."""
    local_command(commands, "serve", "运行 API 节点。")(serve)
    local_command(commands, "worker", "运行工作进程。")(work)
    local_command(commands, "run", "在一个进程中运行 API 与工作线程，用于初次体验。")(run)


def serve() -> None:
    """Run an API node."""
    from jinyun import processes
    from jinyun.kit.settings import settings

    processes.serve(settings())


def work() -> None:
    """Run a worker."""
    from jinyun import processes
    from jinyun.kit.settings import settings

    processes.work(settings())


def run() -> None:
    """Run an API node and a worker in one process, for a first look."""
    from jinyun import processes
    from jinyun.kit.settings import settings

    processes.run_all(settings())


@local_command(database, "upgrade", "将数据库表升级到本版本。")
def upgrade_database() -> None:
    """Bring the tables to this release."""
    from jinyun import processes
    from jinyun.kit.settings import settings

    processes.upgrade_database(settings())


@local_command(keys, "create", "生成缺少的密钥。")
def create_keys() -> None:
    """Make the keys that are missing."""
    from jinyun.kit import vault
    from jinyun.kit.settings import settings

    vault.create_keys(settings().key_directory)
    Terminal(Choices()).note(KEYS_ARE.format(directory=settings().key_directory))


@local_command(bank, "load", "载入部门、人员、应用系统，并为其生成本地密码。")
def load_bank(
    passwords_file: Annotated[
        Path, option("Keeps the passwords of the people.", "保存人员密码的文件。", "--passwords-file")
    ],
    file: Annotated[Path | None, option("By default the sample bank.", "默认为示例银行。", "--file")] = None,
) -> None:
    """Bring in departments, people and application systems, with local passwords for those who have none."""
    from jinyun import bank as banks
    from jinyun.kit.database import Database
    from jinyun.kit.errors import Problem
    from jinyun.kit.settings import settings
    from jinyun.tables import load_tables

    load_tables()
    store = Database(settings().database_url)
    try:
        accounts = store.write(lambda session: banks.load_bank(session, file or banks.SAMPLE_BANK))
    except (banks.BankFileError, Problem) as error:
        raise Failure(here(CANNOT_LOAD.format(why=error)), here(CORRECT_FILE)) from error
    without = [account.login for account in accounts if not account.has_password]
    passwords = banks.keep_passwords(passwords_file, without)
    store.write(lambda session: banks.give_passwords(session, passwords))
    store.dispose()
    _show_accounts(accounts, passwords_file)


def _show_accounts(accounts: list["Account"], passwords_file: Path) -> None:
    terminal = Terminal(Choices())
    rows = [
        {
            "login": account.login,
            "name": account.name,
            "roles": [word(ROLES, role, terminal.language) for role in account.roles],
            "is_new": not account.has_password,
        }
        for account in accounts
    ]
    terminal.show_table(ACCOUNTS, rows)
    terminal.note(PASSWORDS_ARE.format(file=passwords_file))
