"""What is in a vCenter: its machines, read in batches and then followed by the property collector's updates."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

from pyVmomi import vim

from jinyun.providers.errors import BackendError, Missing, Transient
from jinyun.providers.estate import Changes, EstateWatch, Key, Machines, Observed, ObservedKind
from jinyun.providers.vsphere.collector import BATCH, Collector, Read, batches, read_batch, refs_of, view_filter
from jinyun.providers.vsphere.machines import PROPERTIES, observed_machine
from jinyun.providers.vsphere.names import Names, read_names
from jinyun.providers.vsphere.session import VsphereSession
from jinyun.providers.vsphere.tags import Tags, read_tags
from jinyun.providers.vsphere.verbs import VsphereMachines

WATCHED = (
    "name",
    "parent",
    "resourcePool",
    "runtime.host",
    "runtime.powerState",
    "config.changeVersion",
    "guest.net",
    "snapshot",
    "customValue",
)
"""Whatever else of a machine changes, one of these changes with it; they are small, since all of them come once."""


class VsphereEstate:
    """The machines of a vCenter."""

    batch = BATCH

    def __init__(self, session: VsphereSession) -> None:
        self._session = session

    @cached_property
    def machines(self) -> Machines:
        """What can be done with its machines."""
        return VsphereMachines(self._session)

    @contextmanager
    def watch(self) -> Iterator[EstateWatch]:
        """Open a watch. Raises BackendError."""
        watch = VsphereWatch(self._session)
        try:
            yield watch
        finally:
            watch.close()


class VsphereWatch:
    """A property collector of our own with one filter over all machines.

    It lives in a session: when that is over, `changed` raises, and whoever watches opens another watch.
    """

    def __init__(self, session: VsphereSession) -> None:
        self._session = session
        self._version = ""
        self._names: Names | None = None
        self._hidden: set[str] = set()
        self._fields: Mapping[int, str] = {}
        self._tags: Tags | None = None
        self._collector, self._view, self.installation = session.ask(_open)
        self.changed(0)

    def close(self) -> None:
        """Have vCenter forget the watch."""
        with suppress(BackendError):
            self._session.ask(lambda _content: (self._collector.Destroy(), self._view.Destroy()))

    def keys(self) -> Sequence[Key]:
        """Return everything that there is. Raises BackendError."""
        self._names, self._hidden = None, set()
        self._tags = self._read_tags()
        return [Key(ObservedKind.SERVER, ref._moId) for ref in refs_of(self._session, vim.VirtualMachine)]

    def read(self, keys: Sequence[Key]) -> Sequence[Observed]:
        """Return those of some things that still exist; any number, they are read in batches. Raises BackendError."""
        refs = [self._session.ref(vim.VirtualMachine, key.id) for key in keys]
        return [machine for batch in batches(refs) for machine in self._read_batch(batch)]

    def changed(self, seconds: float) -> Changes:
        """Wait at most so long for changes, and return them. Raises BackendError."""
        wait = Collector.WaitOptions(maxWaitSeconds=int(seconds), maxObjectUpdates=BATCH)
        changed: set[Key] = set()
        gone: set[Key] = set()
        while True:
            news = self._wait(wait)
            if news is None:
                break
            self._version = news.version
            for update in (update for part in news.filterSet for update in part.objectSet):
                key = Key(ObservedKind.SERVER, update.obj._moId)
                (gone if update.kind == "leave" else changed).add(key)
            if not news.truncated:
                break
        return Changes(frozenset(changed - gone), frozenset(gone))

    def _read_tags(self) -> Tags | None:
        """Return the tags; None where their service does not give them: the rest is worth reading all the same."""
        try:
            return read_tags(self._session.connection)
        except BackendError:
            return None

    def _wait(self, options: Any) -> Any:
        try:
            return self._session.ask(lambda _content: self._collector.WaitForUpdatesEx(self._version, options))
        except Missing as error:
            raise Transient(f"the watch ended with its session: {error.words}") from error

    def _read_batch(self, refs: Sequence[Any]) -> list[Observed]:
        machines = read_batch(self._session, vim.VirtualMachine, refs, PROPERTIES)
        places = {place for machine in machines for place in _places(machine)}
        if self._names is None or not places <= self._names.known | self._hidden:
            self._names = read_names(self._session)
            self._fields = self._session.ask(_custom_fields)
            self._hidden |= places - self._names.known
        return [observed_machine(machine, self._names, self._fields, self._tags) for machine in machines]


def _open(content: Any) -> tuple[Any, Any, str]:
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], recursive=True)
    own = content.propertyCollector.CreatePropertyCollector()
    own.CreateFilter(view_filter(view, vim.VirtualMachine, WATCHED), partialUpdates=True)
    return own, view, content.about.instanceUuid


def _places(machine: Read) -> Iterator[str]:
    refs = (machine.get(path) for path in ("runtime.host", "parent", "resourcePool"))
    return (ref._moId for ref in refs if ref is not None)


def _custom_fields(content: Any) -> dict[int, str]:
    manager = content.customFieldsManager
    return {field.key: field.name for field in (manager.field if manager else ()) or ()}
