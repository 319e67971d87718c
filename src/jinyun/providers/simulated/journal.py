"""The record of everything that was really done to a simulated data centre; tests of exactly-once read it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from jinyun.providers.simulated import effects
from jinyun.providers.simulated.world import World


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that was done: `server.create`, `volume.delete`, `array.map` …"""

    at: datetime
    verb: str
    object_id: str
    token: str | None


def journal(
    world: World, *, verb: str | None = None, object_id: str | None = None, token: str | None = None
) -> list[Effect]:
    """Return what was done, oldest first: all of it, or what has this verb, object and token."""
    with effects.reading(world) as transaction:
        rows = transaction.all(
            "SELECT * FROM journal WHERE (?1 IS NULL OR verb = ?1) AND (?2 IS NULL OR object_id = ?2)"
            " AND (?3 IS NULL OR token = ?3) ORDER BY at, number",
            verb,
            object_id,
            token,
        )
    return [Effect(datetime.fromtimestamp(row["at"], UTC), row["verb"], row["object_id"], row["token"]) for row in rows]
