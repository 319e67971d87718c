"""`python -m deploy.migration "what changes"`: write the migration from the newest one to what the models say now."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from jinyun.processes import MIGRATIONS


def write_migration(message: str, database_url: str) -> list[Path]:
    """Bring an empty database to the newest migration and write down what the models have beyond it.

    Returns:
        the files written: one, or none where the models have nothing new.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    command.upgrade(config, "head")
    written = command.revision(
        config,
        message,
        autogenerate=True,
        rev_id=_next_number(config),
        process_revision_directives=_leave_out_empty,
    )
    scripts = written if isinstance(written, list) else [written]
    return [Path(script.path) for script in scripts if script is not None]


def main() -> int:
    """Write the migration and say where it is."""
    parser = argparse.ArgumentParser(prog="deploy.migration")
    parser.add_argument("message", help="what changes, in a few words: it becomes the title and the file's name")
    message = parser.parse_args().message
    with tempfile.TemporaryDirectory() as folder:
        written = write_migration(message, f"sqlite:///{folder}/empty.db")
    for path in written:
        sys.stdout.write(f"{path}\nRead it before you commit it: data is not moved by itself.\n")
    if not written:
        sys.stdout.write("The models have nothing that the migrations lack.\n")
    return 0


def _next_number(config: Config) -> str:
    head = ScriptDirectory.from_config(config).get_current_head()
    return f"{int(head or 0) + 1:04d}"


def _leave_out_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if directives[0].upgrade_ops.is_empty():
        directives.clear()


if __name__ == "__main__":
    sys.exit(main())
