"""Running programs: quietly when they succeed, with all they said when they do not."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class CommandFailed(Exception):
    """A program ended with an error; the message holds its own words."""


def run(*command: str | Path, environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> None:
    """Run a program.

    Raises:
        CommandFailed: it did not succeed.
    """
    output(*command, environment=environment, cwd=cwd)


def output(*command: str | Path, environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a program and return what it printed.

    Raises:
        CommandFailed: it did not succeed.
    """
    result = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **(environment or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        said = (result.stderr.strip() or result.stdout.strip())[-3000:]
        raise CommandFailed(f"{' '.join(map(str, command))} ended with {result.returncode}: {said}")
    return result.stdout


def succeeds(*command: str | Path) -> bool:
    """Whether a program ends without error."""
    return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0
