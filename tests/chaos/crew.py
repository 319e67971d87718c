"""Worker processes that are killed, frozen and replaced."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from jinyun.kit.settings import Settings
from tests.chaos.worker_process import WRONG_BY

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass
class Hand:
    """One process and the name that it works under."""

    name: str
    process: subprocess.Popen[bytes]


class Crew:
    """So many workers, each replaced as soon as it is killed."""

    def __init__(self, settings: Settings, size: int, *, wrong_clock_seconds: float = 0.0) -> None:
        self._settings, self._wrong = settings, wrong_clock_seconds
        self._log = settings.key_directory.parent / "workers.log"
        self._count = 0
        self.hands = [self._hire(number) for number in range(size)]

    def kill(self, number: int) -> str:
        """Kill one without warning and hire another; return the dead one's name."""
        dead = self.hands[number]
        dead.process.kill()
        dead.process.wait()
        self.hands[number] = self._hire(number)
        return dead.name

    def freeze(self, number: int, seconds: float) -> None:
        """Stop one in the middle of whatever it does, for so long."""
        process = self.hands[number].process
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)

    def dismiss(self) -> None:
        """End all of them."""
        for hand in self.hands:
            hand.process.send_signal(signal.SIGCONT)
            hand.process.kill()
            hand.process.wait()

    def all_alive(self) -> bool:
        """Tell whether nobody ended by himself."""
        return all(hand.process.poll() is None for hand in self.hands)

    def words(self) -> str:
        """Return the last of what they logged."""
        return self._log.read_text(errors="replace")[-4000:]

    def _hire(self, number: int) -> Hand:
        self._count += 1
        name = f"worker-{number}-{self._count}"
        wrong = self._wrong if number == 0 else 0.0
        chosen = {
            "JINYUN_DATABASE_URL": self._settings.database_url,
            "JINYUN_KEY_DIRECTORY": str(self._settings.key_directory),
            "JINYUN_LEASE_SECONDS": str(self._settings.lease_seconds),
            "JINYUN_CALL_TIMEOUT_SECONDS": str(self._settings.call_timeout_seconds),
            "JINYUN_SETTLE_SECONDS": str(self._settings.settle_seconds),
            "JINYUN_WORKER_THREADS": str(self._settings.worker_threads),
            "JINYUN_LOG_JSON": "true",
            "JINYUN_WORKER_NAME": name,
            WRONG_BY: str(wrong),
            "PYTHONPATH": os.pathsep.join((str(CHECKOUT / "src"), str(CHECKOUT))),
        }
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "tests.chaos.worker_process"]
            process = subprocess.Popen(command, env=os.environ | chosen, stdout=log, stderr=log)
        return Hand(name, process)
