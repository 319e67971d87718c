"""Stages: one with an empty installation, one whose region is open for orders; and people at the terminal."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import typer.main

from jinyun.cli import main
from jinyun.cli.sessions import SavedSession, SessionFile
from tests.api import APPLICANT, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from tests.server import server_url
from tests.stories.stage import Stage

HEAD, SECOND = "liu.jian", "he.min"
"""Who heads the bank; who heads another department, and can be made a second security administrator."""
AT_THE_TERMINAL = (
    APPLICANT,
    MANAGER,
    HEAD,
    SECOND,
    OPERATOR,
    SECURITY_ADMINISTRATOR,
    SYSTEM_ADMINISTRATOR,
)
BUILT = cache(typer.main.get_command)
"""The tree of commands, built once: a process has one command to run, stories have hundreds."""
Jinyun = Callable[..., str]


@pytest.fixture(scope="module")
def empty_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation on its first day: the sample bank, and no region."""
    with Stage(tmp_path_factory.mktemp("stage"), server_url()).playing() as stage:
        yield stage


@pytest.fixture(scope="module")
def stage(empty_stage: Stage) -> Stage:
    """An installation whose region can be ordered from."""
    empty_stage.open_region()
    return empty_stage


@pytest.fixture
def jinyun(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Jinyun:
    """Run `jinyun` as somebody of the sample bank; it must succeed, and what it wrote is returned."""
    sessions = SessionFile(tmp_path / "session.json")
    for login in AT_THE_TERMINAL:
        sessions.save(login, SavedSession(stage.url, stage.token(login), login, "2999-01-01T00:00:00+00:00"))
    monkeypatch.setenv("JINYUN_SESSION_FILE", str(sessions.path))
    monkeypatch.setenv("JINYUN_PROFILE", APPLICANT)
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setattr(typer.main, "get_command", BUILT)

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return out + err

    return run
