"""Addresses of what was there before: written into the plan where it has them, so that nobody else is given them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.kit.uniqueness import add_unique
from jinyun.networks import service
from jinyun.networks.errors import AddressTaken
from jinyun.networks.models import Address, Network, Subnet
from jinyun.networks.plan import number_of, text_of
from jinyun.networks.service import Holder
from jinyun.networks.states import EXTERNAL, PROVIDER, RECORDED

BATCH = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address is in the plan."""

    subnet_id: str
    network_id: str
    number: int


class Plan:
    """The prefixes of the data centre, as they stand now: networks of application systems are apart from them.

    A prefix may be in several regions, because the same VLAN reaches them: what is in the machine's own counts first.
    """

    def __init__(self, session: Session) -> None:
        prefixes = select(Subnet.id, Subnet.cidr, Network.id, Network.region_id).join(Network)
        found = session.execute(prefixes.where(Network.kind.in_([PROVIDER, EXTERNAL])).order_by(Subnet.id))
        self._prefixes = [
            (IPv4Network(cidr), subnet_id, network_id, region_id) for subnet_id, cidr, network_id, region_id in found
        ]

    def places(self, region_id: str, addresses: Iterable[str]) -> dict[str, Place]:
        """Return where these addresses are, without those that the plan does not have."""
        places = {}
        for address in addresses:
            place = self._place(region_id, address)
            if place is not None:
                places[address] = place
        return places

    def _place(self, region_id: str, address: str) -> Place | None:
        if ":" in address:
            return None
        inside = [each for each in self._prefixes if IPv4Address(address) in each[0]]
        inside.sort(key=lambda each: each[3] != region_id)
        return Place(inside[0][1], inside[0][2], number_of(address)) if inside else None


def holders(session: Session, places: Sequence[Place]) -> Mapping[tuple[str, int], Holder]:
    """Return who has which of these places, by subnet and number."""
    found: dict[tuple[str, int], Holder] = {}
    by_subnet: dict[str, list[int]] = {}
    for place in places:
        by_subnet.setdefault(place.subnet_id, []).append(place.number)
    columns = (Address.number, Address.holder_kind, Address.holder_id)
    for subnet_id, numbers in by_subnet.items():
        for start in range(0, len(numbers), BATCH):
            these = (Address.subnet_id == subnet_id, Address.number.in_(numbers[start : start + BATCH]))
            for number, kind, holder_id in session.execute(select(*columns).where(*these)):
                found[subnet_id, number] = (kind, holder_id)
    return found


def record(session: Session, place: Place, holder: Holder, hostname: str) -> Address:
    """Write down that something that was there before has an address; `release_recorded` gives it back.

    Raises:
        AddressTaken: somebody else has it.
    """
    taken = AddressTaken(field="address", address=text_of(place.number))
    service.take_out_of_range(session, place.subnet_id, place.number)
    row = Address(
        subnet_id=place.subnet_id,
        number=place.number,
        address=text_of(place.number),
        state=RECORDED,
        holder_kind=holder[0],
        holder_id=holder[1],
        hostname=hostname,
    )
    add_unique(session, row, taken)
    return row


def release_recorded(session: Session, holder: Holder) -> None:
    """Give back all addresses that were recorded for something."""
    of_holder = (Address.holder_kind == holder[0], Address.holder_id == holder[1], Address.state == RECORDED)
    for address_id in list(session.scalars(select(Address.id).where(*of_holder))):
        service.release(session, address_id)
