"""A bank with people to decide, a policy of several stages, and chains under it."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.models import RoleGrant
from jinyun.approvals import deciding, queries
from jinyun.approvals import service as approvals
from jinyun.approvals.course import Move, replay
from jinyun.approvals.models import Assignment, Chain, PolicyVersion, Stage
from jinyun.approvals.records import course_of, log_of
from jinyun.approvals.rules import Policy
from jinyun.kit.actor import Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.paging import PageRequest
from jinyun.kit.texts import Text
from jinyun.organisation.models import Person, Project
from tests.bank import Bank, acting, found_bank

Result = TypeVar("Result")
DIGEST = "d" * 64
EVERYTHING = PageRequest(limit=500)
COLLEAGUES = ("dora", "erik", "fay", "gus")
"""In the department of `PAY`; `fay` and `gus` approve for it by role."""


class Desk:
    """The small bank with four colleagues more; what one asks, `alice` asks."""

    def __init__(self, database: Database, *stages: dict[str, Any]) -> None:
        self.database = database
        self.bank: Bank = database.write(self._found)
        self.logins = {person_id: login for login, person_id in self.bank.people.items()}
        if stages:
            self.adopt(*stages)

    def _found(self, session: Session) -> Bank:
        bank = found_bank(session)
        for login in COLLEAGUES:
            mail, department = f"{login}@bank.example", bank.departments["cards"]
            person = Person(login=login, name=login.title(), mail=mail, department_id=department)
            session.add(person)
            session.flush()
            bank.people[login] = person.id
        for login in ("fay", "gus"):
            grant = {"scope": "project", "scope_id": bank.projects["PAY"]}
            session.add(RoleGrant(person_id=bank.people[login], role="approver", **grant))
        return bank

    def adopt(self, *stages: dict[str, Any]) -> None:
        """Put a policy of one rule in effect."""
        policy = Policy.model_validate({"rules": [{"name": "all", "stages": stages}]})

        def work(session: Session) -> None:
            content = policy.model_dump(mode="json")
            number = len(list(session.scalars(select(PolicyVersion.id)))) + 1
            session.add(PolicyVersion(number=number, note="n", content=content, effective_from=utc_now()))

        self.database.write(work)

    def as_(self, login: str, work: Callable[[Session, Actor], Result]) -> Result:
        """Do something as somebody."""
        return self.database.write(lambda session: work(session, acting(session, self.bank, login)))

    def request(self, session: Session, subject: str, digest: str = DIGEST) -> approvals.ChainRequest:
        """Return what somebody wants approved."""
        project = session.get_one(Project, self.bank.projects["PAY"])
        return approvals.ChainRequest("order", subject, digest, project, {"vcpus": 4}, Text("Two", "两台"))

    def open(self, applicant: str = "alice", subject: str = "order-1") -> str:
        """Let somebody ask, and return the id of his chain."""
        return self.as_(
            applicant,
            lambda session, actor: approvals.open_chain(session, actor, self.request(session, subject)).id,
        )

    def renew(self, chain_id: str, digest: str = DIGEST, by: str = "alice") -> str:
        """Look at the subject again, and return the id of the chain that asks from then on."""

        def work(session: Session, actor: Actor) -> str:
            chain = session.get_one(Chain, chain_id)
            return approvals.renew(session, actor, chain, self.request(session, chain.subject_id, digest)).id

        return self.as_(by, work)

    def do(self, login: str, verb: Callable[..., Chain], seat: Assignment, *arguments: Any) -> str:
        """Do something with an assignment, check the log against the rows, and return the chain's state."""

        def work(session: Session, actor: Actor) -> str:
            chain = verb(session, actor, seat.id, *arguments)
            assert replay(log_of(chain)) == course_of(chain)
            return chain.state

        return self.as_(login, work)

    def approve(self, login: str, seat: Assignment) -> str:
        """Say yes, and return the chain's state."""
        return self.do(login, deciding.approve, seat, DIGEST)

    def seat(self, chain_id: str, login: str, stage: int | None = None) -> Assignment:
        """Return what a person is asked, or the queue of a role, in one stage or in the chain's only one."""

        def work(session: Session) -> Assignment:
            of_chain = select(Assignment).join(Stage).where(Stage.chain_id == chain_id)
            if stage is not None:
                of_chain = of_chain.where(Stage.position == stage)
            rows = session.scalars(of_chain)
            return next(row for row in rows if login in {self.logins.get(row.person_id or ""), row.role})

        return self.database.read(work)

    def asked(self, chain_id: str) -> list[dict[str, str]]:
        """Return who is asked and how that stands, stage by stage; `a>b` is b's word before a's decision."""

        def work(session: Session) -> list[dict[str, str]]:
            chain = session.get_one(Chain, chain_id)
            return [{self._name(each): each.state for each in stage.assignments} for stage in chain.stages]

        return self.database.read(work)

    def _name(self, seat: Assignment) -> str:
        name = self.logins[seat.person_id] if seat.person_id else str(seat.role)
        return f"{name}>{self.logins[seat.delegate_id]}" if seat.delegate_id else name

    def chain(self, chain_id: str) -> Chain:
        """Return a chain with all that belongs to it."""
        return self.as_("alice", lambda session, actor: queries.chain_with_history(session, actor, chain_id))

    def todos(self, login: str) -> list[str]:
        """Return the ids of the chains that wait for somebody."""

        def work(session: Session, actor: Actor) -> list[str]:
            return [each.stage.chain.id for each in queries.todos(session, actor, EVERYTHING)[0]]

        return self.as_(login, work)


def person(*logins: str, needs: str | int = "any", **more: Any) -> dict[str, Any]:
    """Return a stage of persons by name."""
    return {"approvers": [{"by": "person", "login": login} for login in logins], "needs": needs, **more}


def all_needed_said_yes(log: list[Move], applicant_id: str | None) -> bool:
    """Say it from the log alone, otherwise than `course` does: who said yes, since he was last asked anew."""
    stages = log[0].details["stages"]
    place = {seat["id"]: number for number, stage in enumerate(stages, start=1) for seat in stage["seats"]}
    own = set(place)
    said: dict[str, str | None] = {}
    for move in log:
        if move.verb == "add-signers":
            place.update({seat["id"]: place[move.seat or ""] for seat in move.details["seats"]})
        elif move.verb == "approve":
            said[move.seat or ""] = move.by
        elif move.verb == "return":
            first = move.details["stage"] or place[move.seat or ""]
            said = {seat: by for seat, by in said.items() if place[seat] < first}
        elif move.verb == "reject":
            return False
    for number, stage in enumerate(stages, start=1):
        here = {seat: by for seat, by in said.items() if place[seat] == number}
        missing = {seat for seat in place if place[seat] == number and seat not in own} - set(here)
        assert len(set(here.values())) == len(here)
        assert applicant_id not in here.values()
        if missing or sum(seat in own for seat in here) < stage["needed"]:
            return False
    return True
