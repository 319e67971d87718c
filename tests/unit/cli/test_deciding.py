"""Deciding at the terminal: on exactly what was shown, and nothing else can pass for it."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from jinyun.approvals import service as approvals
from jinyun.approvals.models import Chain
from jinyun.approvals.service import ChainRequest
from jinyun.cli import render
from jinyun.kit.texts import Text
from jinyun.organisation.models import Project
from tests.api import APPLICANT, MANAGER
from tests.unit.cli.conftest import Jinyun, Served

SignIn = Callable[..., None]
NUMBER = "20261122-0007"
FACTS = {
    "number": NUMBER,
    "purpose": "payments\n    address: 10.0.0.1\x1b[2A",
    "until": "2027-01-01T00:00:00+00:00",
    "items": [
        {"hostname": "pay-01", "placement": {"summary": {"en": "Pool A", "zh": "资源池 A"}, "considered": 3}},
    ],
}


@pytest.fixture
def asked(served: Served) -> str:
    """The id of a request that the manager has to decide."""
    applicant = served.bank.actor(APPLICANT)

    def ask(session: Any) -> str:
        project = session.scalars(select(Project).where(Project.code == "mobile-banking")).one()
        title = Text("Order seven", "第七号订单")
        request = ChainRequest("thing", project.id, "d" * 64, project, FACTS, title)
        return approvals.open_chain(session, applicant, request).id

    return served.database.write(ask)


def state_of(served: Served, chain_id: str) -> str:
    return served.database.read(lambda session: session.get_one(Chain, chain_id).state)


def type_in(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(words))


def test_what_waits_is_listed_for_whom_it_waits(jinyun: Jinyun, sign_in: SignIn, asked: str) -> None:
    sign_in(MANAGER, APPLICANT)
    assert "Order seven" in jinyun("todo").out
    assert "Order seven" not in jinyun("-p", APPLICANT, "todo").out


def test_it_is_shown_before_it_is_asked(
    served: Served, jinyun: Jinyun, sign_in: SignIn, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(MANAGER)
    type_in(monkeypatch, "n\n")
    said = jinyun("approve", NUMBER)
    assert said.code == 1
    assert "hostname: pay-01" in said.err
    assert "placement: Pool A" in said.err
    assert state_of(served, asked) == "pending"
    type_in(monkeypatch, "")
    assert jinyun("approve", NUMBER).code == 1
    assert state_of(served, asked) == "pending"


def test_a_yes_approves_what_was_shown(
    served: Served, jinyun: Jinyun, sign_in: SignIn, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(MANAGER)
    type_in(monkeypatch, "y\n")
    said = jinyun("approve", NUMBER, "--comment", "fine")
    assert said.code == 0, said.err
    assert "approved" in said.out
    assert state_of(served, asked) == "approved"
    again = jinyun("approve", NUMBER, "--yes")
    assert again.code == 1
    assert "not-found" in again.err


def test_what_changed_after_it_was_shown_is_not_approved(
    served: Served, jinyun: Jinyun, sign_in: SignIn, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(MANAGER)

    def change_meanwhile(*_: object, **__: object) -> bool:
        def change(session: Any) -> None:
            session.get_one(Chain, asked).digest = "e" * 64

        served.database.write(change)
        return True

    monkeypatch.setattr("typer.confirm", change_meanwhile)
    said = jinyun("approve", NUMBER)
    assert said.code == 1
    assert "content-changed" in said.err
    assert state_of(served, asked) == "pending"


def test_a_no_needs_a_reason(served: Served, jinyun: Jinyun, sign_in: SignIn, asked: str) -> None:
    sign_in(MANAGER)
    assert jinyun("reject", NUMBER, "--yes").code == 2
    assert jinyun("reject", NUMBER, "--comment", "too large", "--yes").code == 0
    assert state_of(served, asked) == "rejected"


def test_a_value_cannot_pass_for_a_line_of_its_own() -> None:
    lines = render.facts(FACTS, "en")
    assert "purpose: payments ⏎     address: 10.0.0.1" in lines
    assert not any(line.strip().startswith("address") for line in lines)
    assert "  分配: 资源池 A" in render.facts(FACTS, "zh")


def test_nothing_steers_the_terminal() -> None:
    assert render.plain("a\x1b[2Jb\x1b]0;title\x07c\rd\x9be\u202ef") == "ab0;titlecdef"
    assert render.plain("two\nlines\tand a tab") == "two\nlines\tand a tab"
