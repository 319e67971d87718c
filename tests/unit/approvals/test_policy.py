"""Policies: matched from the top, made of people with reasons, changed by two."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access import second_person
from jinyun.access.models import AccessChange, RoleGrant
from jinyun.access.second_person import SecondPersonNeeded
from jinyun.approvals import deciding, queries, versions
from jinyun.approvals import service as approvals
from jinyun.approvals.course import Move, replay
from jinyun.approvals.errors import NotYourTurn, SaidYesAlready
from jinyun.approvals.models import Assignment, Chain
from jinyun.approvals.policy import StagePlan
from jinyun.approvals.records import log_of
from jinyun.approvals.rules import Measures, NewPolicy, Policy
from jinyun.approvals.versions import NEW_VERSION, PolicyMoved
from jinyun.audit.models import AuditRecord
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden, InvalidField, NotFound
from jinyun.kit.paging import PageRequest
from jinyun.kit.texts import Text
from jinyun.organisation.models import Department, Person, Project
from tests.bank import Bank, acting, found_bank

Result = TypeVar("Result")
DIGEST = "d" * 64
HEAD = {"by": "department-head"}
EVERYTHING = PageRequest(limit=500)


class House:
    """The small bank, with `bob` as the second security administrator."""

    def __init__(self, database: Database) -> None:
        second_person.register(NEW_VERSION)
        self.database = database
        self.bank: Bank = database.write(found_bank)
        grant = RoleGrant(person_id=self.bank.people["bob"], role="security_administrator", scope="system")
        database.write(lambda session: session.add(grant))

    def as_(self, login: str, work: Callable[[Session, Actor], Result]) -> Result:
        """Do something as somebody."""
        return self.database.write(lambda session: work(session, acting(session, self.bank, login)))

    def propose(self, by: str, rules: list[dict[str, Any]], **more: Any) -> AccessChange:
        """Ask for a version."""
        wanted = NewPolicy.model_validate({"note": "as decided", "rules": rules, **more})
        return self.as_(by, lambda session, actor: versions.propose(session, actor, wanted))

    def adopt(self, *rules: dict[str, Any], **more: Any) -> None:
        """Have a version asked for and confirmed."""
        change = self.propose("sec", list(rules), **more)
        self.as_("bob", lambda session, actor: second_person.confirm(session, actor, change.id))

    def plan(self, *stages: dict[str, Any], applicant: str = "alice") -> tuple[StagePlan, ...]:
        """Return whom a draft of one rule would ask for `PAY`."""
        draft = Policy.model_validate({"rules": [{"name": "all", "stages": stages}]})
        sample = ("PAY", applicant)
        return self.as_("sec", lambda s, actor: versions.simulate(s, actor, sample, Measures(), draft))[2]

    def asked(self, *stages: dict[str, Any], applicant: str = "alice") -> list[set[str]]:
        """Return logins, and roles that have a queue, stage by stage."""
        logins = {person_id: login for login, person_id in self.bank.people.items()}
        plans = self.plan(*stages, applicant=applicant)
        return [{logins[each.person_id] if each.person_id else str(each.role) for each in p.approvers} for p in plans]

    def open(self, measures: Measures | None = None) -> Chain:
        """Let alice ask for something, and return the chain."""

        def work(session: Session, actor: Actor) -> Chain:
            project = session.get_one(Project, self.bank.projects["PAY"])
            number = len(list(session.scalars(select(Chain.id))))
            request = approvals.ChainRequest(
                "order", f"order-{number}", DIGEST, project, {}, Text("A", "甲"), measures or Measures()
            )
            chain = approvals.open_chain(session, actor, request)
            return queries.chain_with_history(session, actor, chain.id)

        return self.as_("alice", work)

    def approve(self, by: str, assignment: Assignment) -> Chain:
        """Say yes."""
        return self.as_(by, lambda session, actor: deciding.approve(session, actor, assignment.id, DIGEST))

    def todos(self, login: str) -> int:
        """Count what waits for somebody."""
        return self.as_(login, lambda session, actor: len(queries.todos(session, actor, EVERYTHING)[0]))


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def person(login: str) -> dict[str, Any]:
    return {"by": "person", "login": login}


def stage(*approvers: dict[str, Any], needs: str | int = "any") -> dict[str, Any]:
    return {"approvers": list(approvers), "needs": needs}


def rule(name: str, *stages: dict[str, Any], **when: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "stages": list(stages)}


OTHERS = rule("others", stage(HEAD))


def test_the_built_in_policy_asks_the_departments_manager(house: House) -> None:
    chain = house.open()
    assert (chain.policy_number, chain.rule) == (0, "department manager")
    assert [each.person_id for each in chain.stages[0].assignments] == [house.bank.people["carl"]]


def test_a_version_takes_two_security_administrators(house: House) -> None:
    with pytest.raises(Forbidden):
        house.propose("sys", [OTHERS])
    change = house.propose("sec", [OTHERS])
    with pytest.raises(SecondPersonNeeded):
        house.as_("sec", lambda session, actor: second_person.confirm(session, actor, change.id))
    assert house.open().policy_number == 0
    house.as_("bob", lambda session, actor: second_person.confirm(session, actor, change.id))
    chain = house.open()
    assert (chain.policy_number, chain.rule) == (1, "others")
    noted = house.database.read(lambda s: s.scalars(select(AuditRecord).filter_by(action="policy.change")).one())
    assert noted.after is not None
    assert noted.after["rules"][0]["name"] == "others"


def test_of_two_proposals_side_by_side_one_becomes_the_version(house: House) -> None:
    first = house.propose("sec", [OTHERS])
    second = house.propose("bob", [rule("mine", stage(person("chief")))])
    house.as_("bob", lambda session, actor: second_person.confirm(session, actor, first.id))
    with pytest.raises(PolicyMoved):
        house.as_("sec", lambda session, actor: second_person.confirm(session, actor, second.id))


def test_a_version_begins_at_its_moment_and_leaves_running_chains_alone(house: House) -> None:
    running = house.open()
    house.adopt(rule("two", stage(HEAD), stage(person("chief"))))
    house.adopt(OTHERS, effective_from="2999-01-01T00:00:00+08:00")
    assert house.open().policy_number == 1
    assert house.approve("carl", running.stages[0].assignments[0]).state == "approved"
    with pytest.raises(InvalidField):
        house.propose("sec", [OTHERS], effective_from="2999-01-01T00:00:00")


def test_a_version_that_is_dated_back_begins_now(house: House) -> None:
    before = utc_now()
    house.adopt(OTHERS, effective_from="2001-01-01T00:00:00Z")
    version = house.as_("sec", versions.show)
    assert version is not None
    assert version.effective_from >= before


def test_whoever_is_named_must_be_there(house: House) -> None:
    with pytest.raises(NotFound, match="nobody"):
        house.propose("sec", [rule("all", stage(person("nobody")))])
    with pytest.raises(NotFound, match="nowhere"):
        house.propose("sec", [rule("some", stage(HEAD), department="nowhere"), OTHERS])
    with pytest.raises(NotFound, match="nowhere"):
        house.propose("sec", [rule("all", stage({"by": "department-head", "department": "nowhere"}))])


@pytest.mark.parametrize(
    "rules",
    [
        [rule("some", stage(HEAD), department="cards")],
        [OTHERS, OTHERS],
        [OTHERS, rule("some", stage(HEAD), department="cards")],
        [rule("all", stage({"by": "leader-of-stage", "stage": 1}))],
        [rule("all", stage({"by": "role", "role": "operator", "scope": "project"}))],
        [rule("all", {"approvers": [], "needs": "any"})],
        [rule("all", stage(HEAD, needs=0))],
        [rule("silent", kinds=["server-stop"]), OTHERS],
        [rule("all", kinds=[]) | {"approval": "none"}, OTHERS],
        [rule("test", environment=["test"]) | {"approval": "none"}, OTHERS],
        [rule("both", stage(HEAD), kinds=["server-stop"]) | {"approval": "none"}, OTHERS],
        [rule("all") | {"approval": "none"}],
    ],
)
def test_rules_that_cannot_work_are_refused(rules: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate({"rules": rules})


@pytest.mark.parametrize(
    ("when", "measures", "holds"),
    [
        ({"department": "retail"}, Measures(), True),
        ({"department": "corporate"}, Measures(), False),
        ({"kinds": ["server", "volume"]}, Measures(frozenset({"volume"})), True),
        ({"kinds": ["server"]}, Measures(frozenset({"volume"})), False),
        ({"criticality": ["key"]}, Measures(), False),
        ({"environment": ["production"]}, Measures(), True),
        ({"vcpus_at_least": 8}, Measures(vcpus=8), True),
        ({"vcpus_at_least": 8}, Measures(vcpus=7), False),
        ({"memory_gib_at_least": 8}, Measures(memory_gib=7), False),
        ({"storage_gib_at_least": 8}, Measures(storage_gib=8), True),
        ({"monthly_cost_at_least": 100}, Measures(monthly_cost=Decimal("99.99")), False),
        ({"monthly_cost_at_least": 100}, Measures(monthly_cost=Decimal(100)), True),
        ({"monthly_cost_at_least": 100}, Measures(), True),
        ({"lease_days_at_least": 90}, Measures(lease_days=89), False),
        ({"lease_days_at_least": 90}, Measures(), True),
        ({"kinds": ["server"], "vcpus_at_least": 8}, Measures(frozenset({"server"}), vcpus=4), False),
    ],
)
def test_the_first_rule_that_holds_gives_the_chain(
    house: House, when: dict[str, Any], measures: Measures, holds: bool
) -> None:
    aside = Department(code="corporate", name="Corporate", path="/head/corporate/")
    house.database.write(lambda session: session.add(aside))
    house.adopt(rule("special", stage(person("chief")), **when), OTHERS)
    assert house.open(measures).rule == ("special" if holds else "others")


@pytest.mark.parametrize(
    ("kinds", "asked"),
    [({"server-stop"}, False), ({"server-stop", "detach"}, False), ({"server-stop", "server"}, True)],
)
def test_nobody_is_asked_only_where_a_rule_says_so_of_every_kind(house: House, kinds: set[str], asked: bool) -> None:
    house.adopt(rule("daily", kinds=["server-stop", "detach"]) | {"approval": "none"}, OTHERS)
    chain = house.open(Measures(frozenset(kinds)))
    assert (chain.rule, chain.state) == (("others", "pending") if asked else ("daily", "approved"))
    assert chain.ended_at is None if asked else chain.ended_at is not None
    whole = house.as_("alice", lambda session, actor: queries.chain_with_history(session, actor, chain.id))
    assert replay(log_of(whole)).state == chain.state
    said = whole.decisions[0].details.get("approval")
    assert said == (None if asked else "none")


def test_a_chain_without_stages_and_without_the_word_does_not_pass() -> None:
    assert replay([Move("open", details={"stages": []})]).state == "pending"


def test_every_way_to_name_an_approver(house: House) -> None:
    def give(session: Session) -> None:
        for login, role, scope, scope_id in (
            ("rita", "approver", "department", house.bank.departments["retail"]),
            ("chief", "approver", "project", house.bank.projects["PAY"]),
        ):
            session.add(RoleGrant(person_id=house.bank.people[login], role=role, scope=scope, scope_id=scope_id))

    house.database.write(give)
    assert house.asked(stage(person("rita"), person("rita"))) == [{"rita"}]
    assert house.asked(stage({"by": "role", "role": "operator"})) == [{"operator"}]
    assert house.asked(stage({"by": "role", "role": "approver", "scope": "department"})) == [{"rita"}]
    assert house.asked(stage({"by": "role", "role": "approver", "scope": "project"})) == [{"chief"}]
    assert house.asked(stage({"by": "role", "role": "owner", "scope": "project"}), applicant="otto") == [{"alice"}]
    assert house.asked(stage({"by": "applicants-manager"})) == [{"carl"}]
    assert house.asked(stage({"by": "applicants-manager", "levels": 3})) == [{"chief"}]
    assert house.asked(stage({"by": "department-head", "department": "retail"})) == [{"rita"}]
    assert house.asked(stage(HEAD), stage({"by": "leader-of-stage", "stage": 1})) == [{"carl"}, {"rita"}]


def test_a_stage_is_never_empty_and_never_the_applicants(house: House) -> None:
    def leave(session: Session) -> None:
        session.get_one(Person, house.bank.people["otto"]).active = False

    house.database.write(leave)
    for nobody in (
        person("otto"),
        person("alice"),
        {"by": "role", "role": "operator"},
        {"by": "role", "role": "owner", "scope": "project"},
        {"by": "applicants-manager", "levels": 9},
    ):
        assert house.asked(stage(nobody)) == [{"carl"}], nobody
    assert house.asked(stage(person("carl")), applicant="carl") == [{"rita"}]
    assert house.asked(stage(HEAD), applicant="chief") == [{"carl"}]


def test_how_many_are_needed(house: House) -> None:
    both = (person("rita"), person("chief"))
    assert [plan.needed for plan in house.plan(stage(*both), stage(*both, needs="all"))] == [1, 2]
    three = house.plan(stage(person("rita"), needs=3))[0]
    assert three.needed == len(three.approvers) == 3
    five = house.plan(stage(person("rita"), needs=5))[0]
    assert five.needed == len(five.approvers) == 5
    assert five.approvers[-1].role == "security_administrator"


def test_why_each_is_asked_is_said_in_both_languages(house: House) -> None:
    (approver,) = house.plan(stage({"by": "role", "role": "operator"}))[0].approvers
    assert approver.reason == Text(
        "Any operator of the whole system, by the rule “all”", "任意一位全系统的运维人员（规则“all”）"
    )


def test_stages_are_asked_one_after_the_other(house: House) -> None:
    house.adopt(rule("three", stage(HEAD), stage(person("rita"), person("chief"), needs="all"), stage(person("otto"))))
    chain = house.open()
    first, second, third = (list(s.assignments) for s in chain.stages)
    assert [house.todos(login) for login in ("carl", "rita", "otto")] == [1, 0, 0]
    with pytest.raises(NotYourTurn):
        house.approve("rita", second[0])
    assert house.approve("carl", first[0]).state == "pending"
    assert [house.todos(login) for login in ("carl", "rita", "otto")] == [0, 1, 0]
    house.approve("rita", second[0])
    assert house.todos("otto") == 0
    house.approve("chief", second[1])
    assert house.approve("otto", third[0]).state == "approved"


def test_a_no_in_a_middle_stage_ends_all(house: House) -> None:
    house.adopt(rule("two", stage(HEAD), stage(person("rita"))))
    chain = house.open()
    first = chain.stages[0].assignments[0]
    ended = house.as_("carl", lambda session, actor: deciding.reject(session, actor, first.id, DIGEST, "no"))
    assert [each.state for each in ended.stages] == ["rejected", "rejected"]
    assert ended.stages[1].assignments[0].state == "passed"


def test_who_is_missing_is_asked_above_and_a_stage_never_needs_less(house: House) -> None:
    (plan,) = house.plan(stage(person("bob"), person("nobody-such"), needs=2))
    names = {person_id: login for login, person_id in house.bank.people.items()}
    assert (plan.needed, [names[each.person_id or ""] for each in plan.approvers]) == (2, ["bob", "carl"])
    assert plan.approvers[1].reason.en.startswith("The rule “all” needs 2 people and finds 1. Manager of Cards")
    (plan,) = house.plan(stage(person("bob"), needs=6))
    asked = [names[each.person_id] if each.person_id else each.role for each in plan.approvers]
    assert (plan.needed, asked) == (6, ["bob", "carl", "rita", "chief", *["security_administrator"] * 2])
    assert plan.approvers[-1].reason.zh.startswith("规则“all”需要 6 人，仅找到 1 人。")


def test_two_of_a_queue_are_two_of_its_people(house: House) -> None:
    queue = {"by": "role", "role": "security_administrator"}
    (plan,) = house.plan(stage(queue, needs=2))
    assert (plan.needed, [each.role for each in plan.approvers]) == (2, ["security_administrator"] * 2)
    assert house.asked(stage({"by": "role", "role": "operator"}, needs=2)) == [{"operator", "carl"}]
    house.adopt(rule("two", stage(queue, needs=2)))
    first, second = house.open().stages[0].assignments
    assert house.approve("sec", first).state == "pending"
    with pytest.raises(SaidYesAlready):
        house.approve("sec", second)
    assert house.approve("bob", second).state == "approved"


def test_pools_without_an_owner_ask_whoever_is_above(house: House) -> None:
    assert house.asked(stage({"by": "pool-owner"})) == [{"carl"}]
