"""The address plan: networks, and handing out their addresses."""

from collections.abc import Sequence
from ipaddress import IPv4Network

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise, authorise_anywhere, authorise_found
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, InvalidField, NotFound
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.networks.errors import (
    AddressNotReserved,
    AddressOutsideRange,
    AddressTaken,
    NetworkNotReady,
    NoFreeAddress,
    NothingToHandOut,
    SubnetOverlaps,
)
from jinyun.networks.models import Address, AddressGap, AddressRange, Network, PrefixPool, Subnet
from jinyun.networks.plan import Interval, number_of, text_of
from jinyun.networks.states import HELD, ORDERED, READY, RELEASED, RESERVED, USED
from jinyun.regions.models import Region

Holder = tuple[str, str]
"""Kind and id of what has an address: ("order_item", …), ("server", …)."""
LARGE_GAP, STRETCH = 64, 16
"""A gap of more addresses is made two, the first of so many."""
NOT_AN_ADDRESS = Text("Not an IPv4 address.", "不是有效的 IPv4 地址。")


def find_network(session: Session, actor: Actor, code: str, action: str = "network.read") -> Network:
    """Return a network that the actor may see and do `action` to: one for everyone, or of his application system.

    Raises:
        NotFound: there is none, or he may not see it.
        Forbidden: he may see it but not do this.
    """
    network = session.scalar(select(Network).where(Network.code == code, Network.state != RELEASED))
    if network is None:
        raise NotFound(field="network", kind="network", name=code)
    if network.project_id is not None:
        authorise_found(session, actor, ("network.read", action), network.project_id, "network", code)
    elif action == "network.read":
        authorise_anywhere(actor, action)
    else:
        authorise(session, actor, action)
    return network


def allocate(
    session: Session,
    network_id: str,
    holder: Holder,
    wanted: str | None = None,
    *,
    state: str = HELD,
    hostname: str | None = None,
    note: str = "",
    ordered: bool = False,
) -> Address:
    """Take the lowest free address of a network, or exactly the `wanted` one; it is the holder's until `release`.

    `ordered`: also of a network that is not there yet, because the same order asks for it.

    Authority and audit are with whoever asks: the order, the reservation. Locks the network's ranges until the
    transaction ends: for the lowest one only against those who give back or want a certain one, and beside that the
    gap that it is taken from, so that many who take at once do not wait for one another.

    Raises:
        NetworkNotReady: it is still being made.
        NoFreeAddress, AddressTaken, AddressOutsideRange: as they say.
        InvalidField: `wanted` is no address.
    """
    network = session.get_one(Network, network_id)
    if network.state != READY and not (ordered and network.state == ORDERED):
        raise NetworkNotReady(network=network.code, state=network.state)
    ranges = locked_ranges(session, network_id, shared=wanted is None)
    taken = _take_lowest(session, network, ranges) if wanted is None else _take(session, network, ranges, wanted)
    number, subnet_id = taken
    address = Address(
        subnet_id=subnet_id,
        number=number,
        address=text_of(number),
        state=state,
        holder_kind=holder[0],
        holder_id=holder[1],
        hostname=hostname,
        note=note,
    )
    session.add(address)
    session.flush()
    return address


def mark_used(session: Session, address_id: str, holder: Holder | None = None, hostname: str | None = None) -> Address:
    """Say that something answers at the address now, and (where given) what; a second time changes nothing.

    Raises:
        NotFound: it was released.
    """
    address = session.get(Address, address_id, with_for_update=True, populate_existing=True)
    if address is None:
        raise NotFound(kind="address", name=address_id)
    address.state = USED
    if holder is not None:
        address.holder_kind, address.holder_id = holder
    if hostname is not None:
        address.hostname = hostname
    return address


def release(session: Session, address_id: str) -> None:
    """Give an address back; it may be handed out again at once. What was released before is fine."""
    address = session.get(Address, address_id)
    if address is None:
        return
    around = select(AddressRange).where(
        AddressRange.subnet_id == address.subnet_id,
        AddressRange.first <= address.number,
        AddressRange.last >= address.number,
    )
    inside = session.scalar(around.with_for_update())
    address = session.get(Address, address_id, with_for_update=True, populate_existing=True)
    if address is None:
        return
    if inside is not None:
        _fill_gap(session, inside.id, address.number)
    session.delete(address)
    session.flush()


def reserve(session: Session, actor: Actor, code: str, wanted: str | None, note: str) -> Address:
    """Keep an address back from being handed out.

    Raises:
        NotFound, Forbidden: the network is not the actor's to manage.
        NetworkNotReady, NoFreeAddress, AddressTaken, AddressOutsideRange, InvalidField: see `allocate`.
    """
    network = find_network(session, actor, code, "network.manage")
    holder = ("person", actor.person_id or actor.login)
    address = allocate(session, network.id, holder, wanted, state=RESERVED, note=note)
    after = {"network": code, "address": address.address, "note": note}
    audit.record(session, actor, "address.reserve", ("address", address.id, address.address), after=after)
    return address


def release_reservation(session: Session, actor: Actor, code: str, text: str) -> None:
    """Let a reserved address be handed out again.

    Raises:
        NotFound, Forbidden: the network is not the actor's to manage, or nobody has the address.
        AddressNotReserved: a server or an order has it.
    """
    network = find_network(session, actor, code, "network.manage")
    in_network = select(Address).join(Subnet).where(Subnet.network_id == network.id, Address.address == text)
    address = session.scalar(in_network)
    if address is None:
        raise NotFound(kind="address", name=text)
    if address.state != RESERVED:
        raise AddressNotReserved(address=text, state=address.state)
    release(session, address.id)
    subject = ("address", address.id, address.address)
    audit.record(session, actor, "address.release", subject, before={"network": code, "note": address.note})


def add_network(session: Session, network: Network, subnets: Sequence[tuple[Subnet, Sequence[Interval]]]) -> None:
    """Write a network with its subnets into the plan, each with the intervals that are handed out.

    Raises:
        NothingToHandOut: the region's own pools leave no address.
        AlreadyExists: the code is taken, or the region's network is in the plan already.
        SubnetOverlaps: another network of the region has some of these addresses.
    """
    session.get_one(Region, network.region_id, with_for_update=True)
    lock_pools(session, network.region_id)
    enter_network(session, network, subnets)


def lock_pools(session: Session, region_id: str) -> list[PrefixPool]:
    """Return the pools of a region's plan, locked: no network gets a prefix there meanwhile."""
    pools = select(PrefixPool).where(PrefixPool.region_id == region_id).order_by(PrefixPool.id)
    return list(session.scalars(pools.with_for_update()))


def enter_network(session: Session, network: Network, subnets: Sequence[tuple[Subnet, Sequence[Interval]]]) -> None:
    """Write a network down whose prefix nobody else can take: the caller has locked the plan. Raises as `add_network`.

    Who orders locks the pools alone: whoever holds something in the region has its row shared.
    """
    if not any(intervals for _subnet, intervals in subnets):
        raise NothingToHandOut(network=network.code)
    for subnet, _intervals in subnets:
        _refuse_overlap(session, network.region_id, subnet.cidr)
    add_unique(session, network, AlreadyExists(field="code", kind="network", name=network.code))
    for subnet, intervals in subnets:
        subnet.network_id = network.id
        subnet.ranges = [
            AddressRange(first=first, last=last, gaps=[AddressGap(first=first, last=last)]) for first, last in intervals
        ]
        session.add(subnet)
    session.flush()


def _refuse_overlap(session: Session, region_id: str, cidr: str) -> None:
    others = select(Subnet.cidr, Network.code).join(Network).where(Network.region_id == region_id)
    wanted = IPv4Network(cidr)
    for other, code in session.execute(others):
        if wanted.overlaps(IPv4Network(other)):
            raise SubnetOverlaps(field="cidr", cidr=cidr, other=other, network=code)


def locked_ranges(session: Session, network_id: str, *, shared: bool = False) -> list[AddressRange]:
    """Return what a network hands out, locked: nobody takes or gives back an address meanwhile.

    Args:
        shared: others may take addresses at the same time; each of them locks the gap that he takes from.
    """
    subnets = select(Subnet.id).where(Subnet.network_id == network_id)
    ranges = select(AddressRange).where(AddressRange.subnet_id.in_(subnets)).order_by(AddressRange.id)
    return list(session.scalars(ranges.with_for_update(read=shared)))


def _take_lowest(session: Session, network: Network, ranges: Sequence[AddressRange]) -> tuple[int, str]:
    """Take the first address of the lowest gap that nobody is taking from; return its number and its subnet."""
    subnets = {each.id: each.subnet_id for each in ranges}
    gaps = select(AddressGap).where(AddressGap.range_id.in_(subnets)).order_by(AddressGap.first).limit(1)
    gaps = gaps.execution_options(populate_existing=True)
    gap = session.scalar(gaps.with_for_update(skip_locked=True)) or session.scalar(gaps.with_for_update())
    if gap is None:
        raise NoFreeAddress(network=network.code)
    number = gap.first
    _leave_for_others(session, gap)
    _cut(session, gap, number)
    return number, subnets[gap.range_id]


def _leave_for_others(session: Session, gap: AddressGap) -> None:
    """Make two gaps of a large one: whoever comes next need not wait for this transaction."""
    if gap.last - gap.first > LARGE_GAP:
        session.add(AddressGap(range_id=gap.range_id, first=gap.first + STRETCH, last=gap.last))
        gap.last = gap.first + STRETCH - 1


def _take(session: Session, network: Network, ranges: Sequence[AddressRange], wanted: str) -> tuple[int, str]:
    """Take exactly this address; return its number and its subnet."""
    try:
        number = number_of(wanted)
    except ValueError:
        raise InvalidField("address", NOT_AN_ADDRESS) from None
    inside = next((each for each in ranges if each.first <= number <= each.last), None)
    if inside is None:
        stretches = ", ".join(f"{text_of(each.first)}-{text_of(each.last)}" for each in ranges)
        raise AddressOutsideRange(field="address", address=wanted, network=network.code, ranges=stretches)
    gap = _gap_up_to(session, inside.id, number)
    if gap is None or gap.last < number:
        raise AddressTaken(field="address", address=wanted)
    _cut(session, gap, number)
    return number, inside.subnet_id


def take_out_of_range(session: Session, subnet_id: str, number: int) -> None:
    """See that an address is not handed out, where it would be: whoever wants it takes its row."""
    around = (AddressRange.subnet_id == subnet_id, AddressRange.first <= number, AddressRange.last >= number)
    inside = session.scalar(select(AddressRange).where(*around).with_for_update())
    gap = _gap_up_to(session, inside.id, number) if inside is not None else None
    if gap is not None and gap.last >= number:
        _cut(session, gap, number)


def _gap_up_to(session: Session, range_id: str, number: int) -> AddressGap | None:
    """Return the last gap that begins at or before `number`."""
    before = select(AddressGap).where(AddressGap.range_id == range_id, AddressGap.first <= number)
    latest = before.order_by(AddressGap.first.desc()).limit(1)
    return session.scalar(latest.execution_options(populate_existing=True))


def _cut(session: Session, gap: AddressGap, number: int) -> None:
    """Take one number out of a gap."""
    first, last = gap.first, gap.last
    if first == last:
        session.delete(gap)
    elif number == first:
        gap.first = number + 1
    else:
        gap.last = number - 1
        if number < last:
            session.add(AddressGap(range_id=gap.range_id, first=number + 1, last=last))
    session.flush()


def _fill_gap(session: Session, range_id: str, number: int) -> None:
    """Make one number free again, joined with its free neighbours; the range is locked."""
    first = last = number
    while (left := _gap_up_to(session, range_id, first - 1)) is not None and left.last == first - 1:
        first = left.first
        session.delete(left)
        session.flush()
    while (right := _gap_up_to(session, range_id, last + 1)) is not None and right.first == last + 1:
        last = right.last
        session.delete(right)
        session.flush()
    session.add(AddressGap(range_id=range_id, first=first, last=last))
