"""A policy in force: which chain an order gets, who is on it and why, and how many of them have to say yes."""

from datetime import timedelta
from typing import Any

import pytest

from jinyun.approvals.models import PolicyVersion
from jinyun.kit.clock import utc_now
from tests.api import APPLICANT, FOREIGN_APPLICANT, MANAGER, OPERATOR, SECURITY_ADMINISTRATOR, SYSTEM_ADMINISTRATOR
from tests.stories.conftest import HEAD, SECOND
from tests.stories.stage import Caller, Stage, a_server, a_volume, decide, new_order

Work = dict[str, Any]


def stages(*logins: str, needs: str | int = "any") -> Work:
    return {"approvers": [{"by": "person", "login": login} for login in logins], "needs": needs}


RULES: list[Work] = [
    {"name": "dear", "when": {"monthly_cost_at_least": 50}, "stages": [stages(MANAGER), stages(HEAD)]},
    {"name": "servers", "when": {"department": "retail", "kinds": ["server"]}, "stages": [stages(SECOND)]},
    {"name": "long", "when": {"lease_days_at_least": 400}, "stages": [stages(OPERATOR)]},
    {"name": "all", "stages": [{"approvers": [{"by": "department-head"}]}]},
]


@pytest.fixture(scope="module")
def priced(stage: Stage) -> Stage:
    """A stage where a GiB costs something."""
    prices = [{"kind": "tier", "code": "general", "monthly": "10"}]
    prices += [{"kind": "flavor", "code": "m1.small", "monthly": "1"}, {"kind": "address", "code": "", "monthly": "1"}]
    stage.as_(SYSTEM_ADMINISTRATOR).post("/v1/prices", {"prices": prices}, 201)
    return stage


def adopt(stage: Stage, rules: list[Work], *, days: int = 0) -> None:
    """Put a version of the policy in effect, so many days from now."""
    known = stage.as_(SECURITY_ADMINISTRATOR).all_of("/v1/approval-policy/versions")
    content = {"number": len(known) + 1, "note": "n", "content": {"rules": rules}}
    begins = utc_now() + timedelta(days=days)
    stage.database.write(lambda session: session.add(PolicyVersion(**content, effective_from=begins)))


def chain_of(stage: Stage, *items: Work, **more: Any) -> Work:
    """Return the chain that an order got, with the order; nothing of it is approved."""
    order = stage.as_(APPLICANT).post("/v1/orders", new_order(*items, **more), 201)
    chain: Work = stage.as_(APPLICANT).get(f"/v1/chains/{order['chain_id']}")
    return chain | {"order": order}


def asked(chain: Work) -> list[list[str]]:
    return [[seat["person_login"] or seat["role"] for seat in each["assignments"]] for each in chain["stages"]]


def withdraw(stage: Stage, chain: Work) -> None:
    stage.as_(APPLICANT).post(f"/v1/orders/{chain['order']['id']}/withdraw", {}, 200)


def test_the_first_rule_that_holds_for_the_sums_of_an_order_makes_its_chain(priced: Stage) -> None:
    adopt(priced, RULES)
    soon = {"until": (utc_now() + timedelta(days=30)).date().isoformat()}
    for rule, people, items, more in (
        ("dear", [[MANAGER], [HEAD]], [a_volume("rule-1", 3), a_volume("rule-2", 2)], soon),
        ("servers", [[SECOND]], [a_volume("rule-1"), a_server("rule-3")], soon),
        ("long", [[OPERATOR]], [a_volume("rule-1")], {}),
        ("all", [[MANAGER]], [a_volume("rule-1")], soon),
    ):
        chain = chain_of(priced, *items, **more)
        assert (chain["rule"], asked(chain)) == (rule, people)
        withdraw(priced, chain)


def test_a_running_chain_keeps_its_stages_and_a_version_begins_on_its_day(priced: Stage) -> None:
    adopt(priced, RULES[-1:])
    running = chain_of(priced, a_volume("keeps"))
    adopt(priced, [{"name": "new", "stages": [stages(HEAD)]}])
    adopt(priced, [{"name": "later", "stages": [stages(SECOND)]}], days=30)
    assert asked(priced.as_(APPLICANT).get(f"/v1/chains/{running['id']}")) == [[MANAGER]]
    new = chain_of(priced, a_volume("new"))
    assert (new["rule"], new["policy_number"], asked(new)) == ("new", running["policy_number"] + 1, [[HEAD]])
    assert decide(priced.as_(MANAGER), running["order"], "reject")["state"] == "rejected"
    withdraw(priced, new)


def test_each_way_to_name_an_approver_says_why_he_is_asked(priced: Stage) -> None:
    approvers: list[Work] = [
        {"by": "person", "login": SECOND},
        {"by": "role", "role": "operator"},
        {"by": "role", "role": "owner", "scope": "project"},
        {"by": "applicants-manager", "levels": 2},
        {"by": "department-head", "department": "risk"},
        {"by": "leader-of-stage", "stage": 1},
        {"by": "pool-owner"},
    ]
    draft = {"rules": [{"name": "all", "stages": [{"approvers": [each]} for each in approvers]}]}
    sample = {"project": "mobile-banking-test", "applicant": APPLICANT, "draft": draft, "pools": ["sim/kvm-key"]}
    keeper = priced.as_(SECURITY_ADMINISTRATOR)
    planned = keeper.post("/v1/approval-policy/simulate", sample, 200)["stages"]
    found = [[(each["login"] or each["role"], each["reason"]) for each in plan["approvers"]] for plan in planned]
    assert found == [
        [(SECOND, "Named in the rule “all”")],
        [("operator", "Any operator of the whole system, by the rule “all”")],
        [(MANAGER, "owner of 手机银行测试环境 Mobile Banking, Test, by the rule “all”")],
        [(HEAD, "Manager of 李伟 Li Wei, 2 up, by the rule “all”")],
        [(SECOND, "Head of 风险管理部 Risk Management, by the rule “all”")],
        [(HEAD, "Manager of 何敏 He Min, who is asked in stage 1, by the rule “all”")],
        [
            (
                MANAGER,
                "The rule “all” finds nobody. Manager of 电子渠道中心 Digital Channels, the department of "
                "手机银行测试环境 Mobile Banking, Test",
            )
        ],
    ]


def test_all_of_them_two_of_three_and_back_to_an_earlier_stage(priced: Stage) -> None:
    both, two_of_three = stages(MANAGER, HEAD, needs="all"), stages(MANAGER, SECOND, HEAD, needs=2)
    adopt(priced, [{"name": "all", "stages": [both, two_of_three]}])
    order = chain_of(priced, a_volume("votes"))["order"]
    manager, head, second = (priced.as_(login) for login in (MANAGER, HEAD, SECOND))

    def states(chain: Work) -> list[str]:
        return [each["state"] for each in chain["stages"]]

    assert states(decide(manager, order, "approve")) == ["pending", "waiting"]
    assert states(decide(head, order, "approve")) == ["approved", "pending"]
    assert states(decide(second, order, "approve")) == ["approved", "pending"]
    assert states(back(head, order, 1)) == ["pending", "waiting"]
    for each in (manager, head, second):
        decide(each, order, "approve")
    assert decide(head, order, "reject")["state"] == "rejected", "one no is enough"


def back(caller: Caller, order: Work, stage: int) -> Work:
    todo = next(todo for todo in caller.all_of("/v1/todos") if todo["subject_id"] == order["id"])
    body = {"digest": todo["digest"], "comment": "look again", "stage": stage}
    chain: Work = caller.post(f"/v1/assignments/{todo['assignment_id']}/return", body, 200)
    return chain


def test_nobody_decides_his_own_request_and_no_stage_passes_for_lack_of_people(priced: Stage) -> None:
    adopt(priced, [{"name": "mine", "stages": [stages(APPLICANT), stages("nobody", FOREIGN_APPLICANT, needs=4)]}])
    chain = chain_of(priced, a_volume("own"))
    assert asked(chain) == [[MANAGER], [FOREIGN_APPLICANT, MANAGER, HEAD, "security_administrator"]]
    assert [each["needed"] for each in chain["stages"]] == [1, 4]
    assert chain["stages"][1]["assignments"][3]["reason"].startswith("The rule “mine” needs 4 people and finds 1.")
    seat = chain["stages"][0]["assignments"][0]["id"]
    body = {"digest": chain["digest"], "comment": "me"}
    assert priced.as_(APPLICANT).post(f"/v1/assignments/{seat}/approve", body, 403)["code"] == "not-your-decision"
    withdraw(priced, chain)
