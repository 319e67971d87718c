"""Reading properties: objects first, then batches of exactly the properties that are needed, one batch in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyVmomi import vim, vmodl

from jinyun.providers.errors import Missing
from jinyun.providers.vsphere.failures import words_of
from jinyun.providers.vsphere.session import VsphereSession, is_expired

BATCH = 250
"""How many objects are asked for at once."""
Collector = vmodl.query.PropertyCollector


@dataclass(frozen=True, slots=True)
class Read:
    """An object with its properties; `unreadable` tells, by property, why it may not be read."""

    ref: Any
    properties: dict[str, Any]
    unreadable: dict[str, str]

    @property
    def id(self) -> str:
        """The managed object id."""
        moref: str = self.ref._moId
        return moref

    def get(self, path: str, otherwise: Any = None) -> Any:
        """Return a property, or something else where it is not set or may not be read."""
        return self.properties.get(path, otherwise)


def refs_of(session: VsphereSession, kind: type) -> list[Any]:
    """Return references to all objects of a kind that the user may see. Raises BackendError."""

    def question(content: Any) -> list[Any]:
        view = content.viewManager.CreateContainerView(content.rootFolder, [kind], recursive=True)
        try:
            return [read.ref for read in _pages(content.propertyCollector, view_filter(view, kind, []))]
        finally:
            view.Destroy()

    return session.ask(question)


def read_all(
    session: VsphereSession, kind: type, paths: Sequence[str], refs: Sequence[Any] | None = None
) -> Iterator[Read]:
    """Yield all objects of a kind, or those named, with these properties, in batches. Raises BackendError."""
    for batch in batches(refs_of(session, kind) if refs is None else refs):
        yield from read_batch(session, kind, batch, paths)


def read_batch(session: VsphereSession, kind: type, refs: Sequence[Any], paths: Sequence[str]) -> list[Read]:
    """Return those of some objects that still exist, with these properties. Raises BackendError.

    vCenter refuses a batch of which one object has vanished: then each half is read by itself.
    """
    objects = [Collector.ObjectSpec(obj=ref) for ref in refs]
    wanted = Collector.PropertySpec(type=kind, pathSet=list(paths), all=False)
    specification = Collector.FilterSpec(objectSet=objects, propSet=[wanted])
    try:
        return session.ask(lambda content: list(_pages(content.propertyCollector, specification)))
    except Missing:
        if len(refs) == 1:
            return []
        middle = len(refs) // 2
        halves = (refs[:middle], refs[middle:])
        return [read for half in halves for read in read_batch(session, kind, half, paths)]


def view_filter(view: Any, kind: type, paths: Sequence[str]) -> Any:
    """Return what asks for properties of all that a view shows."""
    through = Collector.TraversalSpec(name="view", path="view", skip=False, type=type(view))
    return Collector.FilterSpec(
        objectSet=[Collector.ObjectSpec(obj=view, skip=True, selectSet=[through])],
        propSet=[Collector.PropertySpec(type=kind, pathSet=list(paths), all=False)],
    )


def batches(refs: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield references by so many as are asked for at once."""
    rest = iter(refs)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _pages(collector: Any, specification: Any) -> Iterator[Read]:
    page = collector.RetrievePropertiesEx([specification], Collector.RetrieveOptions(maxObjects=BATCH))
    while page is not None:
        for content in page.objects:
            yield _read(content)
        page = collector.ContinueRetrievePropertiesEx(page.token) if page.token else None


def _read(content: Any) -> Read:
    unreadable = {}
    for missing in content.missingSet or ():
        if is_expired(missing.fault):
            raise vim.fault.NotAuthenticated
        unreadable[missing.path] = words_of(missing.fault)
    return Read(content.obj, {each.name: each.val for each in content.propSet or ()}, unreadable)
