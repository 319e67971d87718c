"""What a cloud's services notify becomes the keys of what changed; the bus is the library's own in memory."""

import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from jinyun.providers.base import Bus
from jinyun.providers.estate import Key, ObservedKind
from jinyun.providers.openstack import notifications
from jinyun.providers.openstack.notifications import Notifications, keys_of

SERVER, VOLUME, PORT = (str(uuid4()) for _ in range(3))
PATIENCE_SECONDS = 10.0


def key(kind: ObservedKind, thing: str) -> Key:
    return Key(kind, thing)


@pytest.mark.parametrize(
    ("event", "payload", "keys"),
    [
        ("compute.instance.power_off.end", {"instance_id": SERVER}, {key(ObservedKind.SERVER, SERVER)}),
        ("volume.resize.end", {"volume_id": VOLUME}, {key(ObservedKind.VOLUME, VOLUME)}),
        ("port.update.end", {"port": {"id": PORT}}, {key(ObservedKind.PORT, PORT)}),
        ("port.create.end", {"ports": [{"id": PORT}]}, {key(ObservedKind.PORT, PORT)}),
        ("port.delete.end", {"port_id": PORT}, {key(ObservedKind.PORT, PORT)}),
        ("port.update.start", {"port": {"name": "not yet"}}, set()),
        ("compute.instance.update", {"instance_id": "../os-services"}, set()),
        ("compute.instance.update", {"instance_id": None}, set()),
        ("image.create", {"id": VOLUME}, set()),
    ],
)
def test_what_a_notification_is_about(event: str, payload: dict[str, Any], keys: set[Key]) -> None:
    assert keys_of(event, payload) == keys


@pytest.fixture
def bus() -> Bus:
    return Bus("fake://listener@memory/", f"topic-{uuid4().hex[:8]}", "secret")


@pytest.fixture
def opened(bus: Bus) -> Iterator[Notifications]:
    with Notifications(bus).open() as news:
        until(lambda: news.heard)
        yield news


def until(true: Any) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_several_notifications_are_one_piece_of_news(bus: Bus, opened: Notifications) -> None:
    library, config = notifications._library()
    settings = config.ConfigOpts()
    settings([], default_config_files=[], default_config_dirs=[])
    library.set_transport_defaults("nova")
    transport = library.get_notification_transport(settings, url=bus.url)
    service = library.Notifier(transport, "compute.host", driver="messagingv2", topics=[bus.topic])
    for step in ("start", "end"):
        service.info({}, f"compute.instance.reboot.{step}", {"instance_id": SERVER})
    service.error({}, "compute.instance.update", {"instance_id": SERVER})
    assert opened.take(PATIENCE_SECONDS) == {key(ObservedKind.SERVER, SERVER)}
    assert opened.take(0) == frozenset(), "news is told once"


def test_nobody_waits_for_a_bus_that_refuses(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = threading.Event()

    def refuse(*_arguments: Any) -> None:
        tried.set()
        raise OSError("refused")

    monkeypatch.setattr(notifications, "_listener", refuse)
    with Notifications(bus).open() as news:
        assert tried.wait(PATIENCE_SECONDS)
        assert not news.heard
        assert news.take(0) == frozenset()


def test_what_was_heard_before_a_watch_counts_no_more(bus: Bus) -> None:
    listening = Notifications(bus)
    with listening.open() as news:
        until(lambda: news.heard)
        news.hear("volume.create.end", {"volume_id": VOLUME})
    with listening.open() as again:
        until(lambda: again.heard)
        assert again.take(0) == frozenset()
