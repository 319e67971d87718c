"""The data centre's network namespace, the wire into it and the routes over that wire."""

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.commands import output, run, succeeds
from lab.facts import LINK, NAMESPACE, NETWORKS

HANDLE = Path("/run/netns") / NAMESPACE
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def inside() -> Iterator[None]:
    """Sockets that this thread opens within the block belong to the namespace."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        there = os.open(HANDLE, os.O_RDONLY)
        try:
            _enter(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _enter(home)
    finally:
        os.close(home)


def _enter(handle: int) -> None:
    if _libc.setns(handle, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def wrap(command: str) -> str:
    """The same command, started inside the namespace."""
    return f"/usr/bin/nsenter --net={HANDLE} {command}"


def exists() -> bool:
    """Whether the namespace is there."""
    return HANDLE.exists()


def processes() -> list[int]:
    """Processes that live in the namespace."""
    if not exists():
        return []
    return [int(pid) for pid in output("ip", "netns", "pids", NAMESPACE).split()]


def create() -> None:
    """Make the namespace, the wire and the routes; harmless when they are there."""
    if not exists():
        run("ip", "netns", "add", NAMESPACE)
    _in("ip", "link", "set", "lo", "up")
    with inside():
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    if not succeeds("ip", "link", "show", LINK.outer):
        run("ip", "link", "add", LINK.outer, "type", "veth", "peer", "name", LINK.inner, "netns", NAMESPACE)
    run("ip", "address", "replace", f"{LINK.outer_address}/{LINK.prefix}", "dev", LINK.outer)
    run("ip", "link", "set", LINK.outer, "up")
    _in("ip", "address", "replace", f"{LINK.inner_address}/{LINK.prefix}", "dev", LINK.inner)
    _in("ip", "link", "set", LINK.inner, "up")
    # The userspace switch forwards packets as they are: a checksum left to hardware would never be computed.
    run("ethtool", "-K", LINK.outer, "tx", "off")
    _in("ethtool", "-K", LINK.inner, "tx", "off")
    _in("ip", "route", "replace", "default", "via", LINK.outer_address)
    for network in NETWORKS:
        run("ip", "route", "replace", network.cidr, "via", LINK.inner_address, "dev", LINK.outer)


def delete() -> None:
    """Take the wire, its routes and the namespace away."""
    if succeeds("ip", "link", "show", LINK.outer):
        run("ip", "link", "delete", LINK.outer)
    if exists():
        run("ip", "netns", "delete", NAMESPACE)


def raise_gateways() -> None:
    """Give the provider networks their gateways: addresses on ports of the provider bridge."""
    for network in NETWORKS:
        _await_device(network.interface)
        _in("ip", "address", "replace", f"{network.gateway}/{network.prefix}", "dev", network.interface)
        _in("ip", "link", "set", network.interface, "up")
        _in("ethtool", "-K", network.interface, "tx", "off")


def _await_device(name: str) -> None:
    """The switch makes its ports in its own time."""
    deadline = time.monotonic() + 15
    while name not in output("ip", "-n", NAMESPACE, "-brief", "link") and time.monotonic() < deadline:
        time.sleep(0.05)


def _in(*command: str) -> None:
    run("ip", "netns", "exec", NAMESPACE, *command)
