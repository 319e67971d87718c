"""Orders as files: several items at once, and the same once more."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jinyun.cli.failures import WrongUsage
from jinyun.cli.inputs import read_document, read_renames
from tests.api import APPLICANT
from tests.unit.cli.conftest import Jinyun, Served, paths

SignIn = Callable[..., None]


def test_a_file_is_submitted_as_it_is(served: Served, jinyun: Jinyun, sign_in: SignIn, tmp_path: Path) -> None:
    sign_in(APPLICANT)
    file = tmp_path / "order.yaml"
    file.write_text("project: mobile-banking\npurpose: x\nuntil: 2999-01-01\nitems: []\n")
    said = jinyun("order", "submit", str(file))
    assert said.code == 1
    assert "items" in said.err
    assert paths(served.trouble.seen, "POST")[-1] == "/v1/orders/estimate"


@pytest.mark.parametrize("content", ["- 1", "[", "7"], ids=["list", "broken", "number"])
def test_a_file_without_an_order_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(content)
    with pytest.raises(WrongUsage):
        read_document(file)


def test_a_day_stays_a_day(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text("until: 2027-01-31")
    assert read_document(file) == {"until": "2027-01-31"}


def test_names_are_changed_in_pairs() -> None:
    assert read_renames(["a=b", "c=d"]) == {"a": "b", "c": "d"}
    for wrong in ("a", "a=", "=b", "a=b=c"):
        with pytest.raises(WrongUsage):
            read_renames([wrong])
