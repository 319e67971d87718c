"""What the database itself saw: triggers that note every change of hands and every start of a step."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pymysql

from tests.chaos.mariadb import NAME, MariaDb

TABLES = (
    "CREATE TABLE hands (number BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME(6), operation_id CHAR(36),"
    " generation INT, KEY (operation_id, generation))",
    "CREATE TABLE begun (number BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME(6), step_id CHAR(36),"
    " writer VARCHAR(255), owner VARCHAR(255), lease_until DATETIME(6))",
    "CREATE TRIGGER changes_hands AFTER UPDATE ON operation FOR EACH ROW"
    " IF NEW.generation <> OLD.generation THEN"
    " INSERT INTO hands (at, operation_id, generation) VALUES (UTC_TIMESTAMP(6), NEW.id, NEW.generation); END IF",
    "CREATE TRIGGER begins AFTER UPDATE ON operation_step FOR EACH ROW"
    " IF NEW.attempts > OLD.attempts OR (NEW.state = 'undoing' AND OLD.state <> 'undoing') THEN"
    " INSERT INTO begun (at, step_id, writer, owner, lease_until)"
    " SELECT UTC_TIMESTAMP(6), NEW.id, @jinyun_worker, worker.name, operation.lease_until"
    " FROM operation LEFT JOIN worker ON worker.id = operation.worker_id WHERE operation.id = NEW.operation_id;"
    " END IF",
)
FOREIGN = (
    "SELECT *, TIMESTAMPDIFF(MICROSECOND, lease_until, at) / 1e6 AS late FROM begun"
    " WHERE lease_until IS NULL OR lease_until + INTERVAL 1 SECOND <= at OR owner <> writer OR writer IS NULL"
)
"""A transaction that began under its lease may end a moment after it: it has the operation's row, nobody else can."""

QUEUE = (
    "SELECT UTC_TIMESTAMP(6) AS at, TIMESTAMPDIFF(MICROSECOND, MIN(wake_at), UTC_TIMESTAMP(6)) / 1e6 AS late"
    " FROM operation WHERE worker_id IS NULL AND wake_at <= UTC_TIMESTAMP(6)"
)

SHORT_QUEUE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """An operation as it stood when something happened to whoever was at it."""

    operation_id: str
    generation: int


class Witness:
    """Reads what was noted, and looks now and then how long work has to wait that anybody may take."""

    def __init__(self, server: MariaDb) -> None:
        self._server = server
        server.run(f"USE {NAME}", *TABLES)
        self._queues: list[tuple[datetime, float]] = []
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look_at_queue, daemon=True)
        self._looking.start()

    def close(self) -> None:
        """Look no longer."""
        self._over.set()
        self._looking.join()

    def held_by(self, name: str | None = None) -> list[Held]:
        """Return the operations that a worker holds, or any worker."""
        whose = f"worker.name = '{name}'" if name else "TRUE"
        held = "SELECT operation.id, generation FROM operation JOIN worker ON worker.id = operation.worker_id"
        rows = self._ask(f"{held} WHERE {whose}")
        return [Held(row["id"], row["generation"]) for row in rows]

    def at_work(self, names: list[str]) -> bool:
        """Tell whether all of these have signed on."""
        wanted = ", ".join(f"'{name}'" for name in names)
        signed_on = self._ask(f"SELECT COUNT(*) AS count FROM worker WHERE name IN ({wanted})")
        return bool(signed_on[0]["count"] == len(names))

    def queue_after(self, since: datetime, seconds: float) -> float:
        """Return how long work had to wait at most, in so many seconds from then on: that is the machine's slowness."""
        end = since + timedelta(seconds=seconds)
        return max((late for at, late in self._queues if since <= at <= end), default=0.0)

    def await_short_queue(self, patience: float) -> None:
        """Return when what is due is taken at once: the rush of the beginning is over."""
        end = time.monotonic() + patience
        while not self._queues or self._queues[-1][1] > SHORT_QUEUE_SECONDS:
            assert time.monotonic() < end, "the workers never catch up"
            time.sleep(0.2)

    def now(self) -> datetime:
        """Return the database's time."""
        moment: datetime = self._ask("SELECT UTC_TIMESTAMP(6) AS now")[0]["now"]
        return moment

    def slowest_after(self, held: list[Held], since: datetime) -> float:
        """Return after how many seconds the last of them went on, or into other hands; infinity where one never did."""
        return max((self._resumed(each, since) for each in held), default=0.0)

    def foreign_starts(self) -> list[dict[str, Any]]:
        """Return the starts of steps written by somebody whose lease was gone."""
        return self._ask(FOREIGN)

    def starts(self) -> int:
        """Return how many starts of steps were noted."""
        return int(self._ask("SELECT COUNT(*) AS count FROM begun")[0]["count"])

    def _resumed(self, held: Held, since: datetime) -> float:
        later = f"operation_id = '{held.operation_id}' AND generation > {held.generation}"
        moment = self._ask(f"SELECT MIN(at) AS at FROM hands WHERE {later}")[0]["at"]
        return float("inf") if moment is None else max(0.0, (moment - since).total_seconds())

    def _look_at_queue(self) -> None:
        while not self._over.wait(0.5):
            try:
                seen = self._ask(QUEUE)[0]
            except pymysql.err.MySQLError:
                continue  # it is away: that is what this is about
            if seen["late"] is not None:
                self._queues.append((seen["at"], float(seen["late"])))

    def _ask(self, query: str) -> list[dict[str, Any]]:
        return self._server.run(f"USE {NAME}", query)
