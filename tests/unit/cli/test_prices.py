"""Prices at the terminal: a file in, a file out, and what an order costs before it is one."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.access import passwords
from jinyun.catalog.models import Flavor, StorageTier
from jinyun.cli.render import money
from jinyun.orders.models import Order
from jinyun.organisation.models import Person
from tests.api import APPLICANT, SYSTEM_ADMINISTRATOR
from tests.unit.cli.conftest import PASSWORD, Jinyun, Served

SignIn = Callable[..., None]
CSV = "kind,code,monthly,effective_from\nflavor,m1.small,100,\ntier,low,0.25,\naddress,,10,2999-01-01\n"
VOLUME = ("order", "volume", "--project", "mobile-banking", "--name", "v", "--region", "r", "--tier", "low")


@pytest.fixture
def keeper(served: Served, sign_in: SignIn) -> str:
    """The system administrator, signed in, and a catalogue of one flavor and one tier."""

    def prepare(session: Any) -> None:
        session.add(Flavor(code="m1.small", name="small", vcpus=1, memory_mib=1024, disk_gib=10))
        session.add(StorageTier(code="low", name="low"))
        keeper = session.scalars(select(Person).where(Person.login == SYSTEM_ADMINISTRATOR)).one()
        passwords.set_password(session, keeper.id, PASSWORD)

    served.database.write(prepare)
    sign_in(SYSTEM_ADMINISTRATOR, APPLICANT)
    return SYSTEM_ADMINISTRATOR


def load(jinyun: Jinyun, folder: Path, content: str, name: str = "prices.csv") -> Any:
    (folder / name).write_text(content, encoding="utf-8")
    return jinyun("price", "load", str(folder / name))


@pytest.mark.usefixtures("keeper")
def test_a_list_goes_in_and_comes_out_as_it_can_go_in_again(jinyun: Jinyun, tmp_path: Path) -> None:
    said = load(jinyun, tmp_path, "\ufeff" + CSV)
    assert (said.code, "3 prices were added" in said.err) == (0, True), said.err
    assert "100.00" in jinyun("price", "list").out
    assert "address" not in jinyun("price", "list").out
    assert "10.00" in jinyun("price", "list", "--on", "2999-01-01").out
    assert "2999-01-01" in jinyun("price", "history").out
    exported = jinyun("price", "export").out
    assert exported == "kind,code,monthly,effective_from\nflavor,m1.small,100.00,\ntier,low,0.25,\n"
    assert "0 prices were added" in load(jinyun, tmp_path, exported).err


@pytest.mark.usefixtures("keeper")
def test_a_list_can_be_yaml(jinyun: Jinyun, tmp_path: Path) -> None:
    content = "prices:\n- {kind: flavor, code: m1.small, monthly: 99.5, effective_from: 2999-01-01}\n"
    assert load(jinyun, tmp_path, content, "prices.yaml").code == 0
    assert "99.50" in jinyun("price", "list", "--on", "2999-01-02").out


@pytest.mark.usefixtures("keeper")
@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "kind,price\n"), ("a.csv", ""), ("a.yaml", "prices: 7"), ("a.yaml", "- 1"), ("a.yaml", "[")],
    ids=["columns", "empty", "number", "list", "broken"],
)
def test_a_file_that_is_no_list_of_prices_is_said_to_be_none(
    jinyun: Jinyun, tmp_path: Path, name: str, content: str
) -> None:
    assert load(jinyun, tmp_path, content, name).code == 2


@pytest.mark.usefixtures("keeper")
def test_a_wrong_line_is_named(jinyun: Jinyun, tmp_path: Path) -> None:
    said = load(jinyun, tmp_path, CSV.replace("0.25", "much"))
    assert said.code == 1
    assert "prices.1.monthly" in said.err


def test_an_order_tells_its_cost_and_orders_nothing_where_only_that_is_asked(
    served: Served, jinyun: Jinyun, keeper: str, tmp_path: Path
) -> None:
    ask = ("-p", APPLICANT, *VOLUME, "--size", "4", "--purpose", "x")
    assert "no price" in jinyun(*ask, "--estimate").out
    assert "not known" in jinyun(*ask).err
    load(jinyun, tmp_path, CSV)
    said = jinyun(*ask, "--estimate")
    assert (said.code, "1.00" in said.out) == (0, True), said.err
    assert '"monthly_cost": "1.00"' in jinyun(*ask, "--estimate", "-o", "json").out
    assert "It costs 1.00 CNY a month." in jinyun(*ask).err
    assert not served.database.read(lambda session: list(session.scalars(select(Order))))


def test_money_is_read_by_people() -> None:
    assert money(str(Decimal("1234567.50"))) == "1,234,567.50"
