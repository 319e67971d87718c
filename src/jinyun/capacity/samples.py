"""Series of samples, for plots."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise_anywhere
from jinyun.capacity.models import CapacitySample
from jinyun.capacity.sampling import STEP, grains_from
from jinyun.kit.actor import Actor
from jinyun.kit.database import database_now
from jinyun.kit.errors import InvalidField
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.kit.texts import Text
from jinyun.regions.models import Region
from jinyun.regions.service import find_region

USUAL = timedelta(days=1)
BACKWARDS = Text("Ends before it begins.", "结束时间早于开始时间。")
SampledKind = Literal["pool", "tier", "store", "cluster"]
SampleStep = Literal["10m", "1h", "1d"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which samples are to be shown; what is None does not matter."""

    kind: str
    region: str | None = None
    subject: str | None = None
    begin: datetime | None = None
    """A day before the end where it is not said."""
    end: datetime | None = None
    """Now where it is not said."""
    step: str = STEP


class SampleView(BaseModel):
    """How full something was at one moment."""

    kind: str
    region: str = Field(description="Code of the region")
    subject: str = Field(description="Id of a pool or store, code of a tier, name of a cluster")
    name: str
    at: datetime
    figures: dict[str, dict[str, int]] = Field(
        description="By what they are, amounts in `vcpus`, `memory_mib`, `disk_gib`: `physical`; `size`, what may be "
        "promised; `used`, what the region says is taken; `allocated` and `held`, by Jinyun; of storage also "
        "`provisioned`, what it would be if all thin disks were full, and `thick` and `thin` disks of machines"
    )


def list_samples(session: Session, actor: Actor, page: PageRequest, wanted: Wanted) -> Page[SampleView]:
    """Return samples, the oldest first.

    Raises:
        Forbidden: he may read capacity nowhere.
        NotFound: there is no such region.
        InvalidField: it ends before it begins.
    """
    authorise_anywhere(actor, "capacity.read")
    end = wanted.end or database_now(session)
    begin = wanted.begin or end - USUAL
    if end < begin:
        raise InvalidField("to", BACKWARDS)
    statement = select(CapacitySample).where(
        CapacitySample.kind == wanted.kind,
        CapacitySample.at >= begin,
        CapacitySample.at <= end,
        CapacitySample.grain.in_(grains_from(wanted.step)),
    )
    if wanted.region is not None:
        statement = statement.where(CapacitySample.region_id == find_region(session, actor, wanted.region).id)
    if wanted.subject is not None:
        statement = statement.where(CapacitySample.subject == wanted.subject)
    rows, following = read_page(session, statement, [CapacitySample.id], page)  # ids grow with time
    of_rows = select(Region.id, Region.code).where(Region.id.in_({row.region_id for row in rows}))
    codes = {region_id: code for region_id, code in session.execute(of_rows)}  # noqa: C416 - rows are no pairs to mypy
    return Page(items=[_view(row, codes[row.region_id]) for row in rows], next=following)


def _view(row: CapacitySample, region: str) -> SampleView:
    return SampleView(kind=row.kind, region=region, subject=row.subject, name=row.name, at=row.at, figures=row.figures)
