"""Open connections to regions, for workers alone: an API node holds no key that opens their secrets."""

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.errors import NotFound
from jinyun.kit.settings import Settings
from jinyun.kit.vault import open_sealed
from jinyun.operations.definition import StepContext
from jinyun.providers import registry
from jinyun.providers.base import Bus, Connection, ProjectScope
from jinyun.providers.base import Region as OpenRegion
from jinyun.regions.models import ProjectBinding, Region

Result = TypeVar("Result")


class Reader(Protocol):
    """Whatever can read the database: a step, or the database itself."""

    def read(self, work: Callable[[Session], Result]) -> Result:
        """Run `work` in a transaction that changes nothing."""


class ProjectNotBound(LookupError):
    """A step works in a region's project before any step bound it: the recipe lacks `bind_project`."""


class _OpenRegions:
    """The connections of this process: one a region, for the version that it was opened with."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, tuple[int, OpenRegion]] = {}

    def get(self, region: Region, settings: Settings) -> OpenRegion:
        with self._lock:
            version, opened = self._open.get(region.id, (0, None))
            if opened is None or version != region.version:
                opened = registry.open_region(_connection(region, settings))
                self._open[region.id] = (region.version, opened)
            return opened


_open_regions = _OpenRegions()


def connect(reader: Reader, settings: Settings, region_id: str) -> OpenRegion:
    """Return the open region; it is opened anew once its connection or secret was changed.

    Raises:
        NotFound: there is no such region.
        FileNotFoundError: this node holds no key that opens secrets.
    """
    region = reader.read(lambda session: session.get(Region, region_id))
    if region is None:
        raise NotFound(kind="region", name=region_id)
    return _open_regions.get(region, settings)


def open_region(step: StepContext, region_id: str) -> OpenRegion:
    """Return the open region for a step. Raises as `connect`."""
    return connect(step, step.settings, region_id)


def project_scope(step: StepContext, region_id: str, project_id: str) -> ProjectScope:
    """Return what happens inside the region's project of an application system.

    Raises:
        ProjectNotBound: no earlier step bound the application system to the region.
    """
    bound = binding_of(step, region_id, project_id)
    if bound is None:
        raise ProjectNotBound(f"project {project_id} is not bound in region {region_id}")
    return open_region(step, region_id).project(bound)


def binding_of(reader: Reader, region_id: str, project_id: str) -> str | None:
    """Return the id of the region's project of an application system, or None where none is bound."""
    of_both = select(ProjectBinding.external_id).filter_by(region_id=region_id, project_id=project_id)
    return reader.read(lambda session: session.scalar(of_both))


def _connection(region: Region, settings: Settings) -> Connection:
    sealed = region.sealed_secret
    return Connection(
        provider=region.provider,
        public=dict(region.public),
        secret=None if sealed is None else open_sealed(settings.key_directory, sealed),
        call_timeout_seconds=settings.call_timeout_seconds,
        bus=_bus(region, settings),
    )


def _bus(region: Region, settings: Settings) -> Bus | None:
    if region.bus is None or region.sealed_bus_secret is None:
        return None
    secret = open_sealed(settings.key_directory, region.sealed_bus_secret)
    return Bus(region.bus["url"], region.bus["topic"], secret)
