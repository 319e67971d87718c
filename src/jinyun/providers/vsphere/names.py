"""What things of a vCenter are called, and where they are; kept while a watch lasts."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass

from pyVmomi import vim

from jinyun.providers.vsphere.collector import Read, read_all
from jinyun.providers.vsphere.session import VsphereSession

ESCAPED = re.compile(r"%(2f|5c|25)", re.IGNORECASE)
CHARACTERS = {"2f": "/", "5c": "\\", "25": "%"}
PLACES = (vim.Folder, vim.Datacenter, vim.ComputeResource, vim.HostSystem, vim.ResourcePool, vim.Datastore, vim.Network)


def unescaped(name: str) -> str:
    """Return a name as people wrote it: vCenter escapes three characters, and only those."""
    return ESCAPED.sub(lambda found: CHARACTERS[found[1].lower()], name)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, datacenter, cluster, host, resource pool, datastore or network."""

    name: str
    kind: type
    parent: str | None


class Names:
    """The names of all places, by managed object id."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places

    @property
    def known(self) -> Set[str]:
        """The ids of all places."""
        return self._places.keys()

    def of(self, place_id: str | None) -> str | None:
        """Return the name of a place; its id where it may not be seen."""
        if place_id is None:
            return None
        place = self._places.get(place_id)
        return place.name if place else place_id

    def above(self, place_id: str | None, kind: type) -> str | None:
        """Return the name of the nearest place of a kind that this one lies in; None where there is none."""
        while place_id is not None and (place := self._places.get(place_id)) is not None:
            if issubclass(place.kind, kind):
                return place.name
            place_id = place.parent
        return None

    def path(self, place_id: str | None, kind: type) -> str:
        """Return the names of all places of a kind that this one lies in, itself last, with slashes between."""
        names: list[str] = []
        while place_id is not None and (place := self._places.get(place_id)) is not None:
            if issubclass(place.kind, kind):
                names.insert(0, place.name)
            place_id = place.parent
        return "/".join(names)


def read_names(session: VsphereSession) -> Names:
    """Return the names of all places that the user may see. Raises BackendError."""
    return Names({read.id: _place(read) for kind in PLACES for read in read_all(session, kind, ["name", "parent"])})


def _place(read: Read) -> Place:
    parent = read.get("parent")
    return Place(unescaped(read.get("name", read.id)), type(read.ref), parent._moId if parent else None)
