"""One region to which one application system is bound, and what a look at it changes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.catalog.models import StorageTier
from jinyun.inventory.looking import note_look
from jinyun.inventory.models import Orphan
from jinyun.kit.actor import PLATFORM
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.operations.models import Alarm, OperationRow, OperationStep
from jinyun.operations.runner import step_token
from jinyun.providers.base import Marked, MarkedKind
from jinyun.regions.models import ProjectBinding, Region
from jinyun.regions.states import READY
from jinyun.volumes.models import Volume
from tests.api import SampleBank

Answer = TypeVar("Answer")
BOUND = "backend-project-1"
CONFIRM_AFTER = timedelta(minutes=5)


def nothing(step: StepContext) -> Outcome:
    return done()


class Make(Operation):
    """Makes something that bears its step's token."""

    kind = "make"
    title = Text("Make", "创建")
    steps = (Step("make", nothing, Text("Make", "创建")),)


def thing(external_id: str, kind: MarkedKind = MarkedKind.VOLUME, **more: Any) -> Marked:
    """Return something that bears a token of ours."""
    usual = {"name": "v", "token": f"jy-{external_id}", "project_id": BOUND, "evidence": "volume available"}
    return Marked(kind=kind, id=external_id, **{**usual, **more})


@dataclass
class Ground:
    """The region and its looks, at times of our choosing."""

    database: Database
    bank: SampleBank
    region_id: str
    now: datetime

    def look(self, *things: Marked, minutes: float = 0) -> int:
        """Look at the region so many minutes later, and find these things."""
        self.now += timedelta(minutes=minutes)
        return self.do(lambda session: note_look(session, self.region_id, things, CONFIRM_AFTER, self.now))

    def do(self, work: Callable[[Session], Answer]) -> Answer:
        """Change something."""
        return self.database.write(work)

    def states(self) -> dict[str, str]:
        """Return the state of each orphan by the region's id."""
        return {orphan.external_id: orphan.state for orphan in self.orphans()}

    def orphans(self) -> list[Orphan]:
        """Return all orphans."""
        return self.database.read(lambda session: list(session.scalars(select(Orphan).order_by(Orphan.id))))

    def alarms(self) -> list[str]:
        """Return the texts of the alarms that are not over."""
        raised = select(Alarm).where(Alarm.cleared_at.is_(None))
        return [alarm.text["en"] for alarm in self.database.read(lambda session: list(session.scalars(raised)))]

    def volume(self, external_id: str, state: str) -> str:
        """Have a volume that is made of this one of the region; return its id."""

        def make(session: Session) -> str:
            tier = session.scalar(select(StorageTier)) or StorageTier(code="general", name="General")
            session.add(tier)
            session.flush()
            owner = {"project_id": self.bank.project_id("credit-card"), "region_id": self.region_id}
            volume = Volume(name="v", size_gib=1, tier_id=tier.id, state=state, external_id=external_id, **owner)
            session.add(volume)
            session.flush()
            return volume.id

        return self.do(make)

    def operation(self, state: str, *subjects: tuple[str, str]) -> tuple[str, str]:
        """Have an operation in a state; return its id and the token of its step."""

        def make(session: Session) -> tuple[str, str]:
            row = operations.start(session, PLATFORM, Make, parameters={}, subjects=list(subjects))
            row.state = state
            session.flush()
            return row.id, step_token(session.scalars(select(OperationStep).filter_by(operation_id=row.id)).one())

        return self.do(make)

    def end(self, operation_id: str) -> None:
        """Let an operation end."""

        def ended(session: Session) -> None:
            session.get_one(OperationRow, operation_id).state = "failed"

        self.do(ended)


@pytest.fixture
def ground(database: Database) -> Ground:
    bank = SampleBank(database)

    def make(session: Session) -> str:
        region = Region(code="sim", name="Sim", provider="simulated", public={}, simulated=True, state=READY)
        session.add(region)
        session.flush()
        owner = bank.project_id("credit-card")
        session.add(ProjectBinding(project_id=owner, region_id=region.id, external_id=BOUND))
        return region.id

    return Ground(database, bank, database.write(make), utc_now())
