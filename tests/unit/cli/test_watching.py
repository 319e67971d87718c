"""Looking on: one line for each change where nobody looks at a screen, and an ending that tells how it ended."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from jinyun.cli import following, watching
from jinyun.cli.failures import Failure
from jinyun.cli.following import follow_operation, follow_order, require_success
from jinyun.cli.terminal import Choices, Terminal
from jinyun.cli.watching import Line, Sight

STARTED = "2026-11-22T01:00:00Z"
Document = dict[str, Any]


def step(name: str, state: str, **more: Any) -> Document:
    nothing = dict.fromkeys(("progress", "problem", "lane", "queue_place", "started_at", "ended_at"))
    return {"name": name, "title": f"Title of {name}", "state": state, **nothing, **more}


def operation(state: str, *steps: Document, problem: Document | None = None) -> Document:
    return {
        "id": "operation-1",
        "title": "Deliver a server",
        "subject_name": "app-01",
        "state": state,
        "problem": problem,
        "started_at": STARTED,
        "ended_at": None,
        "steps": list(steps),
    }


class ScriptedApi:
    """Answers each path with one document after the other, and with the last one from then on."""

    def __init__(self, **documents: list[Document]) -> None:
        self._documents = documents
        self.asked: list[str] = []

    def get(self, path: str, *, patiently: bool = False) -> Document:
        assert patiently
        self.asked.append(path)
        answers = self._documents[path.split("/")[2]]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def terminal_with(api: ScriptedApi, output: Any = "table") -> Terminal:
    terminal = Terminal(Choices(output=output))
    terminal.__dict__["api"] = api
    return terminal


def test_only_what_changed_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    sights: Iterator[Sight] = iter(
        [
            Sight([Line("a", "A", "running"), Line("b", "B", "pending")], ended=False),
            Sight([Line("a", "A", "running"), Line("b", "B", "pending")], ended=False),
            Sight([Line("a", "A", "done", seconds=75.0), Line("b", "B", "waiting", "for the array")], ended=True),
        ]
    )
    watching.watch(Terminal(Choices()), lambda: next(sights))
    lines = [line.split("  ")[1:] for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["A", "running"],
        ["B", "pending"],
        ["A", "done", "1:15 min"],
        ["B", "waiting", "for the array"],
    ]


def test_an_operation_is_followed_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = step("volume:vol-7", "queued", lane="san-high", queue_place=3)
    failed = step("volume:vol-7", "failed", problem={"code": "full", "text": "The array is full.", "words": "ENOSPC"})
    problem = {"code": "full", "text": "The array is full: ENOSPC", "words": "ENOSPC"}
    api = ScriptedApi(operations=[operation("running", waiting), operation("failed", failed, problem=problem)])
    ended = follow_operation(terminal_with(api), "operation-1")
    out = capsys.readouterr().out
    assert "Title of volume:vol-7 (vol-7)  queued  place 3 in the queue san-high" in out
    assert "The array is full. (ENOSPC)" in out
    with pytest.raises(Failure) as failure:
        require_success(ended)
    assert failure.value.code == "full"
    assert failure.value.detail.endswith("The array is full: ENOSPC"), "what the text says already is not repeated"


def test_an_operation_that_needs_an_operator_is_not_waited_for() -> None:
    api = ScriptedApi(operations=[operation("needs_operator", problem={"code": "bug", "text": "Stuck.", "words": ""})])
    ended = follow_operation(terminal_with(api), "operation-1")
    with pytest.raises(Failure) as failure:
        require_success(ended)
    assert "operation-1" in failure.value.hint


def order(state: str, item: str, operation_id: str | None = None) -> Document:
    wanted = {"hostname": "app-01"}
    problem = None
    items = [{"id": "i", "kind": "server", "state": item, "specification": wanted, "operation_id": operation_id}]
    return {
        "number": "20261122-0001",
        "purpose": "payments",
        "state": state,
        "comment": "",
        "chain_id": "chain-1",
        "items": [{**each, "problem": problem} for each in items],
    }


def chain(state: str) -> Document:
    asked = {"id": "a", "person_name": "Wang Fang", "role": None, "reason": "Manager", "state": state}
    return {"state": state, "stages": [{"position": 1, "needed": 1, "state": state, "assignments": [asked]}]}


@pytest.mark.parametrize(("end", "code"), [("delivered", 0), ("partly_delivered", 1), ("failed", 1)])
def test_an_order_is_followed_from_its_approval_to_its_delivery(
    end: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    api = ScriptedApi(
        orders=[
            order("pending_approval", "pending_approval"),
            order("delivering", "delivering", "operation-1"),
            order("delivering", "delivering", "operation-1"),
            order(end, end, "operation-1"),
        ],
        chains=[chain("pending"), chain("approved")],
        operations=[operation("running", step("port", "running")), operation("succeeded", step("port", "done"))],
    )
    with pytest.raises(typer.Exit) as ended:
        follow_order(terminal_with(api), "order-1")
    assert ended.value.exit_code == code
    out = capsys.readouterr().out
    assert "Wang Fang  pending  Manager" in out
    assert "Wang Fang  approved  Manager" in out
    assert "Title of port  done" in out
    assert api.asked.count("/v1/chains/chain-1") == 2, "a decided chain is not read again"
    assert api.asked.count("/v1/operations/operation-1") == 2, "an ended operation is not read again"


def test_beside_a_json_answer_progress_goes_to_the_error_stream(capsys: pytest.CaptureFixture[str]) -> None:
    api = ScriptedApi(operations=[operation("running", step("port", "running")), operation("succeeded")])
    started = {"id": "operation-1"}
    following.carry_through(terminal_with(api, "json"), started, no_wait=False)
    out, err = capsys.readouterr()
    assert json.loads(out)["state"] == "succeeded"
    assert "Title of port" in err


def test_whoever_does_not_wait_learns_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    following.carry_through(terminal_with(ScriptedApi()), {"id": "operation-1"}, no_wait=True)
    assert "jinyun operation watch operation-1" in capsys.readouterr().out
