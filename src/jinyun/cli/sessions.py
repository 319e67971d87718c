"""Who is signed in where: one file, one session a profile, readable by its owner alone."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from jinyun.cli.failures import Failure
from jinyun.cli.language import here
from jinyun.kit.texts import Text

DEFAULT_PROFILE = "default"


@dataclass(frozen=True, slots=True)
class SavedSession:
    """A way in: the token is good at this address alone, and None once it was given up."""

    url: str
    token: str | None
    login: str
    expires_at: str


class SessionFile:
    """The file with the sessions of all profiles."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_user(cls) -> "SessionFile":
        """Return the file that `JINYUN_SESSION_FILE` names, or the one in the user's home."""
        named = os.environ.get("JINYUN_SESSION_FILE")
        return cls(Path(named) if named else Path.home() / ".config" / "jinyun" / "session.json")

    def get(self, profile: str) -> SavedSession | None:
        """Return the session of a profile, or None. Raises Failure where the file is broken."""
        return self._read().get(profile)

    def save(self, profile: str, session: SavedSession) -> None:
        """Keep a session; another one of this profile is forgotten."""
        with self._alone():
            self._write(self._read() | {profile: session})

    def forget(self, profile: str) -> None:
        """Forget the token of a profile; its server is remembered for the next time."""
        with self._alone():
            sessions = self._read()
            if profile in sessions:
                self._write(sessions | {profile: replace(sessions[profile], token=None)})

    def _read(self) -> dict[str, SavedSession]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return {name: SavedSession(**session) for name, session in content["profiles"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            detail = Text("{path} cannot be read as saved sessions.", "无法从 {path} 读取会话。").format(path=self.path)
            hint = Text("Delete it and sign in again (`jinyun login`).", "请删除该文件后重新登录（`jinyun login`）。")
            raise Failure(here(detail), here(hint), code="broken-session-file") from error

    def _write(self, sessions: dict[str, SavedSession]) -> None:
        content = {"profiles": {name: asdict(session) for name, session in sessions.items()}}
        beside = self.path.with_name(self.path.name + ".new")
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
        beside.replace(self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time change the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_name(self.path.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
