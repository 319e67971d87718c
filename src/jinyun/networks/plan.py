"""Address arithmetic: text and number, and what of a subnet is left to hand out. IPv4."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network

Interval = tuple[int, int]
"""First and last number, both included."""


def number_of(address: str) -> int:
    """Return an address as a number. Raises ValueError where it is none."""
    return int(IPv4Address(address))


def text_of(number: int) -> str:
    """Return the dotted form."""
    return str(IPv4Address(number))


def hosts_of(cidr: str) -> Interval:
    """Return the addresses of a subnet that a host may have: all but those of the network and of broadcast."""
    network = IPv4Network(cidr)
    if network.prefixlen >= 31:
        return int(network.network_address), int(network.broadcast_address)
    return int(network.network_address) + 1, int(network.broadcast_address) - 1


def without(intervals: Iterable[Interval], taken: Interval) -> list[Interval]:
    """Return the intervals with everything cut out that lies in `taken`."""
    left = []
    for first, last in intervals:
        if taken[1] < first or last < taken[0]:
            left.append((first, last))
            continue
        if first < taken[0]:
            left.append((first, taken[0] - 1))
        if taken[1] < last:
            left.append((taken[1] + 1, last))
    return left


def intervals_to_hand_out(
    cidr: str, gateway: str | None, backend_pools: Sequence[tuple[str, str]], wanted: Interval | None = None
) -> list[Interval]:
    """Return what Jinyun may hand out of a subnet: host addresses (within `wanted`) that neither the gateway nor the
    backend's own pools have.
    """
    first, last = hosts_of(cidr)
    if wanted is not None:
        first, last = max(first, wanted[0]), min(last, wanted[1])
    left = [(first, last)] if first <= last else []
    if gateway is not None:
        left = without(left, (number_of(gateway), number_of(gateway)))
    for pool in backend_pools:
        left = without(left, (number_of(pool[0]), number_of(pool[1])))
    return left


def default_backend_pool(cidr: str) -> tuple[str, str]:
    """Return the upper sixteenth of a subnet, four addresses at least: enough for DHCP and router ports."""
    first, last = hosts_of(cidr)
    size = max(4, (last - first + 1) // 16)
    return text_of(last - size + 1), text_of(last)


BLOCK_LENGTH = 28
"""Prefix length of the blocks that prefixes of the bank's plan are made of."""


def first_free(cidr: str, length: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """Return the lowest prefix of this length in `cidr` that has no address in common with those taken."""
    whole, size = IPv4Network(cidr), 1 << (32 - length)
    start = int(whole.network_address)
    inside = sorted((int(each[0]), int(each[-1])) for each in taken if each.overlaps(whole))
    for first, last in inside:
        if start + size - 1 < first:
            break
        if last >= start:
            start = (last // size + 1) * size
    return IPv4Network((start, length)) if start + size - 1 <= int(whole.broadcast_address) else None


def blocks_of(cidr: str, prefix: IPv4Network) -> Interval:
    """Return the numbers of the first and last block of a prefix, counted from the beginning of `cidr`."""
    begin = int(IPv4Network(cidr).network_address)
    size = 1 << (32 - BLOCK_LENGTH)
    return (int(prefix[0]) - begin) // size, (int(prefix[-1]) - begin) // size
