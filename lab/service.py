"""What a service of the lab is: one readable entry; and what a job is: something done once between services."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lab.facts import INNER_PORT_OFFSET
from lab.readiness import Check


@dataclass(frozen=True, kw_only=True)
class Door:
    """A way in through HAProxy, from the machine's own network and from inside the data centre alike.

    Services that name the same door share it: HAProxy spreads requests over those that are up. `once_header` names the
    header that makes a request count once: with it, what a dying service left unanswered is sent to another.
    """

    name: str
    port: int
    mode: str = "http"
    timeout: str = "120s"
    health: str | None = None
    once_header: str | None = None

    @property
    def inner_port(self) -> int:
        """Where a single service behind this door listens."""
        return self.port + INNER_PORT_OFFSET


@dataclass(frozen=True, kw_only=True)
class Service:
    """A long-running process under supervision.

    Attributes:
        needs: names of services and jobs that must be ready before it starts.
        port: where it listens inside the namespace (the door's inner port unless said otherwise).
        ready: asked with the process id until it answers true.
        config: templates it reads; when one renders differently, the service is restarted.
        namespaced: whether it lives in the data centre's network namespace or in the machine's own network.
        stop_seconds: how long it may take to end before it is killed.
    """

    name: str
    command: str
    group: str
    ready: Check
    needs: tuple[str, ...] = ()
    door: Door | None = None
    port: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    config: tuple[str, ...] = ()
    namespaced: bool = True
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    ready_seconds: int = 120

    @property
    def listens_on(self) -> int | None:
        """The port it listens on, if any."""
        return self.port or (self.door.inner_port if self.door else None)


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work that `up` does between starting services; it looks first, so that doing it twice is harmless."""

    name: str
    run: Callable[[], None]
    group: str
    needs: tuple[str, ...] = ()


Entry = Service | Job


class UnknownName(ValueError):
    """No service or job goes by this name."""


class Circle(ValueError):
    """Entries need one another in a circle."""


def closure(entries: Mapping[str, Entry], names: frozenset[str]) -> dict[str, Entry]:
    """The named entries and all that they need, in catalogue order."""
    wanted: set[str] = set()
    pending = set(names)
    while pending:
        name = pending.pop()
        if name not in entries:
            raise UnknownName(f"no service is called {name}; there are: {', '.join(entries)}")
        wanted.add(name)
        pending |= set(entries[name].needs) - wanted
    return {name: entry for name, entry in entries.items() if name in wanted}


def levels(entries: Mapping[str, Entry]) -> list[list[Entry]]:
    """Entries in waves: each needs only what stands in earlier waves."""
    placed: set[str] = set()
    waves: list[list[Entry]] = []
    while len(placed) < len(entries):
        wave = [e for e in entries.values() if e.name not in placed and placed.issuperset(set(e.needs) & set(entries))]
        if not wave:
            raise Circle(f"these need one another in a circle: {', '.join(sorted(set(entries) - placed))}")
        waves.append(wave)
        placed |= {entry.name for entry in wave}
    return waves
