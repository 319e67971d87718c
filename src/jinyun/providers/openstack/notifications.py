"""What an OpenStack cloud tells by itself: its services notify on a message bus of what changed, and here it is heard.

Nobody relies on it: what is not heard, because the bus is cut or was full, is found by asking (`estate`).
"""

import re
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from queue import SimpleQueue
from types import ModuleType
from typing import Any

import structlog

from jinyun.providers.base import Bus
from jinyun.providers.estate import Key, ObservedKind

EXCHANGES = ("nova", "cinder", "neutron", "openstack")
"""Where the services put them; `openstack` is the one of those that name none, as Cinder."""
SETTLE_SECONDS = 0.3
"""What is done to a server is told in several notifications: so long they gather."""
END_SECONDS = 5.0
AGAIN_SECONDS = 30.0
"""Until the next try, where the bus refuses; one that does not answer is tried all the time."""
WORDS_LENGTH = 500
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
log = structlog.get_logger()


class Notifications:
    """Gathers which things changed, while it is open. Reaching the bus takes as long as it takes, and keeps nobody."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._changed: set[Key] = set()
        self._news = threading.Condition()
        self._unwanted = threading.Event()
        self._heard = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def open(self) -> Iterator["Notifications"]:
        """Listen; what was heard before counts no more."""
        if self._thread is not None:
            self._thread.join(END_SECONDS)
        self._unwanted.clear()
        with self._news:
            self._changed.clear()
        if self._thread is None or not self._thread.is_alive():  # else it still tries to reach the bus
            self._thread = threading.Thread(target=self._listen, name="notifications", daemon=True)
            self._thread.start()
        try:
            yield self
        finally:
            self._unwanted.set()

    def take(self, seconds: float) -> frozenset[Key]:
        """Wait at most so long for news, and return all that there is."""
        with self._news:
            heard = self._news.wait_for(lambda: self._changed, timeout=seconds)
        if not heard:
            return frozenset()
        time.sleep(SETTLE_SECONDS)
        with self._news:
            news = frozenset(self._changed)
            self._changed.clear()
        return news

    def hear(self, event: str, payload: Mapping[str, Any]) -> None:
        """Note what a notification is about, where it is about anything that is observed."""
        keys = keys_of(event, payload)
        if keys:
            with self._news:
                self._changed.update(keys)
                self._news.notify_all()

    @property
    def heard(self) -> bool:
        """Whether the bus was reached; it may be cut since, which shows only after a while."""
        return self._heard.is_set()

    def _listen(self) -> None:
        while not self._unwanted.is_set():
            try:
                self._listen_once()
            except Exception as error:  # noqa: BLE001 - of whatever kind: the cloud is asked instead
                # Without a traceback: values in it would show the password.
                log.warning("a cloud's notifications are not heard", bus=self._bus.url, why=str(error)[:WORDS_LENGTH])
            self._heard.clear()
            self._unwanted.wait(AGAIN_SECONDS)

    def _listen_once(self) -> None:
        transport, listener = _listener(self._bus, _Endpoint(self))
        try:
            listener.start()
            self._heard.set()
            log.info("a cloud's notifications are heard", bus=self._bus.url)
            self._unwanted.wait()
            listener.stop()
            listener.wait()
        finally:
            transport.cleanup()


class _Endpoint:
    """Takes notifications of the two priorities that tell of changes."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    def info(self, _context: Any, _publisher: str, event: str, payload: Mapping[str, Any], _metadata: Any) -> None:
        """Take one of something that was done."""
        self._notifications.hear(event, payload)

    error = info


def keys_of(event: str, payload: Mapping[str, Any]) -> frozenset[Key]:
    """Return what a notification is about; nothing where that is not observed, or where it makes no sense."""
    if event.startswith("compute.instance."):
        return _keys(ObservedKind.SERVER, [payload.get("instance_id")])
    if event.startswith("volume."):
        return _keys(ObservedKind.VOLUME, [payload.get("volume_id")])
    if event.startswith("port.") and event.endswith(".end"):
        shown = [payload["port"]] if "port" in payload else payload.get("ports", ())
        return _keys(ObservedKind.PORT, [payload.get("port_id"), *(each.get("id") for each in shown)])
    return frozenset()


def _keys(kind: ObservedKind, ids: Iterable[object]) -> frozenset[Key]:
    """Return the keys of what has an id of OpenStack's form: only that becomes part of an address."""
    return frozenset(Key(kind, each) for each in ids if isinstance(each, str) and UUID_FORM.fullmatch(each))


def _listener(bus: Bus, endpoint: _Endpoint) -> tuple[Any, Any]:
    """Return the library's transport and listener."""
    messaging, config = _library()
    configuration = config.ConfigOpts()
    configuration([], project="jinyun", default_config_files=[], default_config_dirs=[])
    address = messaging.TransportURL.parse(configuration, bus.url)
    for host in address.hosts:
        host.password = bus.secret
    transport = messaging.get_notification_transport(configuration, url=address)
    targets = [messaging.Target(topic=bus.topic, exchange=exchange) for exchange in EXCHANGES]
    listener = messaging.get_notification_listener(transport, targets, [endpoint], executor="threading")
    return transport, listener


@cache
def _library() -> tuple[ModuleType, ModuleType]:
    """Return oslo.messaging and its configuration, once somebody needs them: they are slow to load.

    They are loaded in a thread of their own, which nobody ever waits for: with them comes eventlet, and the thread that
    loads that first is never seen to end.
    """
    loaded: SimpleQueue[tuple[ModuleType, ModuleType] | Exception] = SimpleQueue()
    threading.Thread(target=_load, args=(loaded,), name="notifications-library", daemon=True).start()
    found = loaded.get()
    if isinstance(found, Exception):
        raise found
    return found


def _load(loaded: SimpleQueue[tuple[ModuleType, ModuleType] | Exception]) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import oslo_messaging
            from oslo_config import cfg
        loaded.put((oslo_messaging, cfg))
    except Exception as error:  # noqa: BLE001 - told to whoever waits
        loaded.put(error)
