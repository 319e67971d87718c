"""What can be done on a chain besides yes and no."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.approvals import deciding, deputies, leavers, queries
from jinyun.approvals import service as approvals
from jinyun.approvals.course import Move, NoOpening, replay
from jinyun.approvals.errors import (
    AlreadyDecided,
    ChainPending,
    ChainReturnedToApplicant,
    ContentChanged,
    NotAnEarlierStage,
    NotDelegated,
    NotEligible,
    NotYourDecision,
    NotYourTurn,
    OnlyTheApplicant,
    OnlyYourWord,
    OwnRequest,
    SaidYesAlready,
)
from jinyun.approvals.events import ChainDecided, ChainReturned
from jinyun.approvals.models import Chain, Deputy
from jinyun.approvals.records import log_of
from jinyun.audit.models import AuditRecord
from jinyun.kit import events
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import Forbidden, InvalidField, NotFound
from jinyun.organisation.events import PeopleLeft
from jinyun.organisation.models import Department, Person
from tests.together import at_once
from tests.unit.approvals.chains import DIGEST, EVERYTHING, Desk, person

THREE = (person("carl", "dora"), person("rita", "erik", needs="all"), person("chief"))
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, *THREE)


@pytest.fixture
def news() -> Iterator[list[Any]]:
    heard: list[Any] = []

    def listener(_session: Session, event: Any) -> None:
        heard.append(event)

    for kind in (ChainDecided, ChainReturned):
        events.subscribe(kind, listener)
    yield heard
    for kind in (ChainDecided, ChainReturned):
        events._listeners[kind].remove(listener)


def appoint(desk: Desk, away: str, deputy: str, *, by: str | None = None, begins: timedelta = -HOUR) -> Deputy:
    span = (utc_now() + begins, utc_now() + begins + 2 * HOUR)
    named = away if by else None
    return desk.as_(
        by or away,
        lambda session, actor: deputies.appoint(session, actor, deputy, span, "leave", person_login=named),
    )


def leave(desk: Desk, login: str) -> None:
    def work(session: Session) -> None:
        session.get_one(Person, desk.bank.people[login]).active = False
        session.flush()
        leavers.on_people_left(session, PeopleLeft((desk.bank.people[login],)))

    desk.database.write(work)


def test_a_log_without_its_opening_is_not_replayed(desk: Desk) -> None:
    chain = desk.open()
    log = desk.database.read(lambda session: log_of(session.get_one(Chain, chain)))
    assert replay(log).state == "pending"
    for older in (log[1:], [Move("approve", "seat", "carl")]):
        with pytest.raises(NoOpening):
            replay(older)


def test_stages_are_asked_in_order_until_all_are_passed(desk: Desk, news: list[Any]) -> None:
    chain = desk.open()
    assert desk.approve("dora", desk.seat(chain, "dora")) == "pending"
    assert desk.asked(chain)[0] == {"carl": "passed", "dora": "approved"}
    with pytest.raises(NotYourTurn):
        desk.approve("chief", desk.seat(chain, "chief"))
    assert desk.approve("rita", desk.seat(chain, "rita")) == "pending"
    assert desk.asked(chain)[2] == {"chief": "waiting"}
    assert desk.approve("erik", desk.seat(chain, "erik")) == "pending"
    assert news == []
    assert desk.approve("chief", desk.seat(chain, "chief")) == "approved"
    assert [event.state for event in news] == ["approved"]
    with pytest.raises(AlreadyDecided, match=r"Dora already decided this at .*approve"):
        desk.approve("dora", desk.seat(chain, "dora"))


def test_back_to_an_earlier_stage_voids_every_yes_from_there_on(desk: Desk) -> None:
    chain = desk.open()
    desk.approve("carl", desk.seat(chain, "carl"))
    desk.approve("rita", desk.seat(chain, "rita"))
    erik = desk.seat(chain, "erik")
    for stage in (2, 3):
        with pytest.raises(NotAnEarlierStage):
            desk.do("erik", deciding.give_back, erik, DIGEST, "?", stage)
    desk.do("erik", deciding.give_back, erik, DIGEST, "look again", 1)
    assert desk.asked(chain) == [
        {"carl": "pending", "dora": "pending"},
        {"rita": "waiting", "erik": "waiting"},
        {"chief": "waiting"},
    ]
    assert desk.todos("rita") == []
    desk.approve("carl", desk.seat(chain, "carl"))
    for login in ("rita", "erik", "chief"):
        desk.approve(login, desk.seat(chain, login))
    assert desk.chain(chain).state == "approved"


def test_back_to_the_applicant_who_hands_it_in_again_goes_on_where_it_stopped(desk: Desk, news: list[Any]) -> None:
    chain = desk.open()
    desk.approve("carl", desk.seat(chain, "carl"))
    desk.do("rita", deciding.give_back, desk.seat(chain, "rita"), DIGEST, "why so large?")
    assert news == [ChainReturned(chain, "order", "order-1", "why so large?")]
    assert desk.todos("rita") == desk.todos("erik") == []
    with pytest.raises(ChainReturnedToApplicant):
        desk.approve("rita", desk.seat(chain, "rita"))
    with pytest.raises(ChainPending):
        desk.open()
    assert desk.renew(chain) == chain
    assert desk.asked(chain)[:2] == [
        {"carl": "approved", "dora": "passed"},
        {"rita": "pending", "erik": "pending"},
    ]


def test_another_content_voids_every_yes_and_another_allocation_none(desk: Desk) -> None:
    chain = desk.open()
    desk.approve("carl", desk.seat(chain, "carl"))
    assert desk.renew(chain, by="rita") == chain
    assert desk.asked(chain)[0]["carl"] == "approved"
    second = desk.renew(chain, "e" * 64, by="rita")
    assert second != chain
    assert desk.chain(chain).state == "replaced"
    assert desk.asked(second)[0] == {"carl": "pending", "dora": "pending"}
    assert (desk.chain(second).number, desk.chain(second).applicant_id) == (2, desk.bank.people["alice"])
    with pytest.raises(ContentChanged):
        desk.approve("carl", desk.seat(second, "carl"))
    with pytest.raises(AlreadyDecided, match=r"Rita.*revise"):
        desk.approve("rita", desk.seat(chain, "rita"))
    with pytest.raises(AlreadyDecided):
        desk.renew(chain)


def test_a_transfer_goes_to_somebody_eligible_and_does_not_come_back(desk: Desk) -> None:
    chain = desk.open()
    seat = desk.seat(chain, "carl")
    for wrong in ("alice", "dora", "erik", "sec", "nobody", "carl"):
        with pytest.raises(NotEligible):
            desk.do("carl", deciding.transfer, seat, wrong, "please")
    desk.do("carl", deciding.transfer, seat, "fay", "please")
    assert desk.asked(chain)[0] == {"fay": "pending", "dora": "pending"}
    with pytest.raises(NotYourDecision, match="Fay"):
        desk.approve("carl", seat)
    asked = desk.seat(chain, "fay")
    assert asked.reason["en"] == "Transferred by Carl"
    desk.approve("fay", asked)
    assert desk.asked(chain)[0] == {"fay": "approved", "dora": "passed"}


def test_who_transferred_it_keeps_seeing_it_and_so_does_who_was_replaced(desk: Desk) -> None:
    chain = desk.open()
    desk.do("dora", deciding.transfer, desk.seat(chain, "dora"), "fay", "please")
    desk.do("alice", deciding.replace_approver, desk.seat(chain, "erik"), "gus", "he is away")
    second = desk.renew(chain, "e" * 64)

    def seen(session: Session, actor: Any) -> list[str]:
        return [queries.chain_with_history(session, actor, each).id for each in (chain, second)]

    for login in ("dora", "erik"):
        assert desk.as_(login, seen) == [chain, second]


def test_the_word_of_a_delegate_comes_back_and_decides_nothing(desk: Desk) -> None:
    chain = desk.open()
    seat = desk.seat(chain, "carl")
    with pytest.raises(NotDelegated):
        desk.do("carl", deciding.answer, seat, "hm")
    desk.do("carl", deciding.delegate, seat, "erik", "is this right?")
    assert desk.asked(chain)[0] == {"carl>erik": "pending", "dora": "pending"}
    assert (desk.todos("erik"), desk.todos("carl")) == ([chain], [])
    with pytest.raises(OnlyYourWord, match="Carl"):
        desk.approve("erik", seat)
    with pytest.raises(NotYourDecision):
        desk.do("rita", deciding.answer, seat, "me")
    desk.do("erik", deciding.answer, seat, "it is")
    assert (desk.todos("erik"), desk.todos("carl")) == ([], [chain])
    desk.approve("carl", seat)


def test_who_delegated_can_decide_without_waiting_or_stop_waiting(desk: Desk) -> None:
    chain = desk.open()
    seat = desk.seat(chain, "carl")
    desk.do("carl", deciding.delegate, seat, "gus", "is this right?")
    desk.do("carl", deciding.answer, seat, "never mind")
    assert desk.todos("carl") == [chain]
    desk.do("carl", deciding.delegate, seat, "gus", "or is it?")
    desk.approve("carl", seat)
    assert desk.todos("gus") == []


def test_an_added_signer_is_needed_besides_and_replaces_nobody(desk: Desk) -> None:
    chain = desk.open()
    desk.do("carl", deciding.add_signers, desk.seat(chain, "carl"), ["gus", "erik", "gus"], "both, please")
    assert desk.asked(chain)[0] == dict.fromkeys(("carl", "dora", "gus", "erik"), "pending")
    desk.approve("gus", desk.seat(chain, "gus"))
    desk.approve("erik", desk.seat(chain, "erik", 1))
    assert desk.chain(chain).stages[0].state == "pending"
    desk.approve("dora", desk.seat(chain, "dora"))
    assert desk.chain(chain).stages[0].state == "approved"


def test_the_applicant_replaces_who_has_not_decided_by_somebody_eligible(desk: Desk) -> None:
    chain = desk.open()
    seat = desk.seat(chain, "erik")
    for wrong in ("alice", "rita", "sec", "dora"):
        with pytest.raises(NotEligible):
            desk.do("alice", deciding.replace_approver, seat, wrong, "he is away")
    with pytest.raises(OnlyTheApplicant):
        desk.do("carl", deciding.replace_approver, seat, "gus", "he is away")
    desk.do("alice", deciding.replace_approver, seat, "gus", "he is away")
    assert desk.asked(chain)[1] == {"rita": "waiting", "gus": "waiting"}
    desk.approve("carl", desk.seat(chain, "carl"))
    desk.approve("rita", desk.seat(chain, "rita"))
    with pytest.raises(AlreadyDecided, match=r"Rita.*approve"):
        desk.do("alice", deciding.replace_approver, desk.seat(chain, "rita"), "fay", "another one")


def test_who_is_eligible_is_listed_for_whom_it_concerns(desk: Desk) -> None:
    seat = desk.seat(desk.open(), "dora")

    def work(session: Session, actor: Any) -> list[str]:
        people, _ = queries.list_eligible(session, actor, seat.id, EVERYTHING)
        return [each.login for each in people]

    assert desk.as_("alice", work) == ["chief", "fay", "gus", "rita"]
    with pytest.raises(NotFound):
        desk.as_("aud", work)


def test_a_comment_changes_nothing_and_is_kept(desk: Desk) -> None:
    chain = desk.open()
    desk.as_("alice", lambda session, actor: deciding.say(session, actor, chain, "it is urgent"))
    assert [(each.verb, each.comment) for each in desk.chain(chain).decisions][1:] == [("comment", "it is urgent")]
    with pytest.raises(NotFound):
        desk.as_("aud", lambda session, actor: deciding.say(session, actor, chain, "me too"))
    with pytest.raises(NotFound):
        desk.as_("alice", lambda session, actor: deciding.say(session, actor, "no-such-chain", "?"))


def test_a_deputy_decides_in_the_place_of_who_is_away_and_it_is_said(desk: Desk) -> None:
    appoint(desk, "carl", "gus")
    chain = desk.open()
    assert desk.todos("gus") == desk.todos("carl") == [chain]
    desk.approve("gus", desk.seat(chain, "carl"))
    last = desk.chain(chain).decisions[-1]
    assert (last.person_id, last.for_person_id) == (desk.bank.people["gus"], desk.bank.people["carl"])
    audited = select(AuditRecord).where(AuditRecord.action == "approval.approve")
    record = desk.database.read(lambda session: session.scalars(audited).one())
    assert (record.actor_login, record.on_behalf_of) == ("gus", "carl")


def test_a_deputy_counts_only_from_when_to_when_he_is_one(desk: Desk) -> None:
    appoint(desk, "carl", "gus", begins=HOUR)
    chain = desk.open()
    assert desk.todos("gus") == []
    with pytest.raises(NotYourDecision):
        desk.approve("gus", desk.seat(chain, "carl"))
    row = appoint(desk, "carl", "erik")
    assert desk.todos("erik") == [chain]
    desk.as_("erik", lambda session, actor: deputies.dismiss(session, actor, row.id))
    assert desk.todos("erik") == [chain]
    desk.as_("carl", lambda session, actor: deputies.dismiss(session, actor, row.id))
    assert desk.todos("erik") == []


def test_nobody_says_yes_twice_in_a_stage_nor_to_his_own_request_as_a_deputy(desk: Desk) -> None:
    appoint(desk, "rita", "erik")
    appoint(desk, "carl", "alice")
    chain = desk.open()
    assert desk.todos("alice") == []
    with pytest.raises(OwnRequest):
        desk.approve("alice", desk.seat(chain, "carl"))
    desk.approve("carl", desk.seat(chain, "carl"))
    desk.approve("erik", desk.seat(chain, "erik"))
    with pytest.raises(SaidYesAlready):
        desk.approve("erik", desk.seat(chain, "rita"))
    desk.approve("rita", desk.seat(chain, "rita"))


def test_an_administrator_appoints_a_deputy_for_who_is_ill_and_others_do_not(desk: Desk) -> None:
    assert appoint(desk, "carl", "gus", by="sec").person_id == desk.bank.people["carl"]
    with pytest.raises(Forbidden):
        appoint(desk, "carl", "gus", by="erik")
    for wrong, problem in (("sec", NotEligible), ("nobody", NotEligible), ("carl", InvalidField)):
        with pytest.raises(problem):
            appoint(desk, "carl", wrong)
    with pytest.raises(InvalidField):
        appoint(desk, "carl", "gus", begins=-3 * HOUR)
    with pytest.raises(NotFound):
        appoint(desk, "nobody", "gus", by="sec")


def test_who_leaves_is_followed_by_who_is_above_him_and_a_queue_is_asked_twice_if_need_be(desk: Desk) -> None:
    chain = desk.open()
    leave(desk, "erik")
    assert desk.asked(chain)[1] == {"rita": "waiting", "carl": "waiting"}

    def vacate(session: Session) -> None:
        for code in ("head", "retail", "cards"):
            session.get_one(Department, desk.bank.departments[code]).manager_id = None

    desk.database.write(vacate)
    for login in ("rita", "carl"):
        leave(desk, login)
    second = desk.chain(chain).stages[1]
    assert [(each.person_id, each.role) for each in second.assignments] == [(None, "security_administrator")] * 2
    assert second.needed == 2


def test_who_left_after_his_yes_is_not_asked_again_when_the_chain_comes_back(desk: Desk) -> None:
    chain = desk.open()
    desk.approve("dora", desk.seat(chain, "dora"))
    leave(desk, "dora")
    desk.do("rita", deciding.give_back, desk.seat(chain, "rita"), DIGEST, "again", 1)
    assert desk.asked(chain)[0] == {"carl": "pending", "rita": "pending"}


def test_a_delegate_who_leaves_gives_nothing_back_and_the_approver_decides(desk: Desk) -> None:
    chain = desk.open()
    desk.do("carl", deciding.delegate, desk.seat(chain, "carl"), "gus", "well?")
    leave(desk, "gus")
    assert desk.todos("carl") == [chain]


def test_a_returned_chain_can_be_withdrawn(desk: Desk) -> None:
    chain = desk.open()
    desk.do("carl", deciding.give_back, desk.seat(chain, "carl"), DIGEST, "why?")
    desk.database.write(lambda session: approvals.withdraw(session, PLATFORM, session.get_one(Chain, chain)))
    assert desk.chain(chain).state == "withdrawn"
    with pytest.raises(AlreadyDecided):
        desk.as_("alice", lambda session, actor: deciding.say(session, actor, chain, "late"))


VERBS: list[tuple[Callable[..., Chain], tuple[Any, ...]]] = [
    (deciding.approve, (DIGEST,)),
    (deciding.reject, (DIGEST, "no")),
    (deciding.give_back, (DIGEST, "why?")),
    (deciding.transfer, ("gus", "please")),
]


def test_of_several_things_done_at_once_one_counts_and_the_log_says_which(desk: Desk) -> None:
    chain = desk.open()
    seat = desk.seat(chain, "carl")

    def act(number: int) -> str:
        verb, arguments = VERBS[number % len(VERBS)]
        return desk.do("carl", verb, seat, *arguments)

    outcomes = at_once(8, act)
    refused = {"already-decided", "chain-returned-to-applicant", "not-your-decision"}
    assert sum(outcome not in refused for outcome in outcomes) == 1
    assert len(desk.chain(chain).decisions) == 2
