"""Changing, copying and extending orders with the command line, as people do."""

from pathlib import Path

import yaml

from tests.api import APPLICANT, MANAGER
from tests.stories.conftest import Jinyun
from tests.stories.stage import REGION, Stage, a_server, a_volume, decide, new_order, todo_of


def test_an_order_is_written_down_struck_returned_and_written_anew(
    stage: Stage, jinyun: Jinyun, tmp_path: Path
) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(yaml.safe_dump(new_order(a_server("term-1"), a_server("term-2"), a_volume("term-data"))))
    assert "term-2" in jinyun("order", "submit", str(file))
    order = stage.as_(APPLICANT).get("/v1/orders", mine=True)["items"][0]
    assert "struck by an approver" in jinyun(
        "-p", MANAGER, "order", "strike", order["number"], "term-2", "--comment", "one is enough"
    )
    manager = stage.as_(MANAGER)
    todo = todo_of(manager, order)
    body = {"digest": todo["digest"], "comment": "smaller"}
    manager.post(f"/v1/assignments/{todo['assignment_id']}/return", body, 200)
    file.write_text(yaml.safe_dump(new_order(a_server("term-3"))))
    assert "term-3" in jinyun("order", "edit", order["number"], str(file))
    assert "waiting for approval" in jinyun("order", "resubmit", order["number"])
    decide(manager, order, "approve")
    stage.as_(APPLICANT).becomes(f"/v1/orders/{order['id']}", "state", "delivered")


def test_the_same_once_more_under_other_names(stage: Stage, jinyun: Jinyun) -> None:
    order = stage.as_(APPLICANT).post("/v1/orders", new_order(a_volume("copy-1")), 201)
    assert yaml.safe_load(jinyun("order", "draft", order["number"]))["items"][0]["name"] == "copy-1"
    shown = jinyun("order", "copy", order["number"], "--rename", "copy-1=copy-2", "--purpose", "once more")
    assert "copy-2" in shown
    assert "once more" in shown
    assert REGION in yaml.safe_load(jinyun("order", "draft", order["number"]))["items"][0]["region"]


def test_a_longer_lease_is_ordered(stage: Stage, jinyun: Jinyun) -> None:
    applicant = stage.as_(APPLICANT)
    order = applicant.post("/v1/orders", new_order(a_server("term-9"), until="2900-01-01"), 201)
    decide(stage.as_(MANAGER), order, "approve")
    applicant.becomes(f"/v1/orders/{order['id']}", "state", "delivered")
    assert "term-9" in jinyun("order", "extend", "term-9", "--until", "2901-01-01", "--purpose", "late")
    decide(stage.as_(MANAGER), applicant.get("/v1/orders", mine=True)["items"][0], "approve")
    applicant.becomes(
        f"/v1/servers/{order['items'][0]['allocation']['server_id']}", "expires_at", "2901-01-01T16:00:00Z"
    )


def test_a_larger_server_is_ordered(stage: Stage, jinyun: Jinyun) -> None:
    applicant = stage.as_(APPLICANT)
    order = stage.deliver(APPLICANT, a_server("term-10"))
    estimate = jinyun("order", "resize", "term-10", "--flavor", "m1.medium", "--purpose", "the peak", "--estimate")
    assert "-1" in estimate
    assert "has to be approved" in jinyun("server", "resize", "term-10", "m1.medium")
    decide(stage.as_(MANAGER), applicant.get("/v1/orders", mine=True)["items"][0], "approve")
    server = f"/v1/servers/{order['items'][0]['allocation']['server_id']}"
    applicant.becomes(server, "flavor", "m1.medium")


def test_an_approver_changes_what_the_policy_leaves_to_him(stage: Stage, jinyun: Jinyun) -> None:
    stage.adopt({"approvers": [{"by": "department-head"}], "may_edit": ["size_gib"]})
    number = stage.as_(APPLICANT).post("/v1/orders", new_order(a_volume("small")), 201)["number"]
    assert "size_gib" in jinyun("-p", MANAGER, "todo")
    shown = jinyun("-p", MANAGER, "order", "amend", number, "--set", "small.size_gib=7", "--comment", "more")
    assert "7 GiB general" in shown
    assert "Changed, and approved anew" in jinyun("notice", "list")
