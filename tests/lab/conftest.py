"""The lab as a whole: skipped where it is not up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jinyun.kit.database import Database
from lab.host import running_owner
from tests.lab.cloud import Cloud
from tests.lab.desk import Desk, at_work
from tests.lab.guest import make_key, public_half
from tests.lab.installation import LAYOUT, REGION, SYSTEM_ADMINISTRATOR, client, open_database


@pytest.fixture(scope="session", autouse=True)
def _lab_is_up() -> None:
    if not LAYOUT.ready.exists() or not (LAYOUT.data / "people").exists():
        pytest.skip("the lab is not up with Jinyun in it: make up")
    if running_owner(LAYOUT) != str(LAYOUT):
        pytest.skip("the lab that runs on this machine is another checkout's")


@pytest.fixture(scope="session")
def cloud(_lab_is_up: None) -> Cloud:
    """The cloud past Jinyun."""
    return Cloud()


@pytest.fixture(scope="session")
def installed(_lab_is_up: None) -> Iterator[Database]:
    """The installation's database."""
    database = open_database()
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def scale_pool(_lab_is_up: None) -> None:
    """See that the pool of many hypervisors in name only takes orders."""
    _open("scale")


@pytest.fixture(scope="session")
def moving_pool(_lab_is_up: None) -> None:
    """See that the pool of hypervisors in name only, between which servers are moved, takes orders."""
    _open("moving")


def _open(name: str) -> None:
    administrator = client(SYSTEM_ADMINISTRATOR)
    pool = next(pool for pool in administrator.items("/v1/pools", region=REGION) if pool["name"] == name)
    if not pool["orderable"]:
        _, tag = administrator.get_tagged(f"/v1/pools/{pool['id']}")
        administrator.patch(f"/v1/pools/{pool['id']}", {"orderable": True}, if_match=tag)


@pytest.fixture(scope="module")
def desk(_lab_is_up: None) -> Iterator[Desk]:
    """Trade finance: nobody else orders for it, so its quotas tell what these tests have."""
    with at_work("trade-finance", "chen.yu", "ma.chao") as desk:
        yield desk


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key that servers are ordered with."""
    return make_key(tmp_path_factory.mktemp("key") / "ordered")


@pytest.fixture(scope="module")
def keypair(desk: Desk, key: Path) -> Iterator[str]:
    """The name under which the applicant keeps the key."""
    desk.applicant.post("/v1/keypairs", {"name": desk.series, "public_key": public_half(key)})
    yield desk.series
    desk.applicant.delete(f"/v1/keypairs/{desk.series}")
