"""Jinyun is the only gate: a quota of the region's own is an alarm until it is lifted."""

from typing import Any

from sqlalchemy import select

from jinyun.kit.database import Database
from jinyun.operations.models import Alarm
from jinyun.providers.simulated.tenancy import limit_project
from jinyun.regions.cloud_quotas import RECIPES, check_due
from tests.api import APPLICANT, AUDITOR
from tests.unit.regions.conftest import Site
from tests.unit.regions.test_binding import BindAndUse, start


def bound(site: Site) -> str:
    """Bind an application system; return the region's id of its project."""
    site.register()
    site.run()
    region_id = site.administrator.get("/v1/regions/sim-1").json()["id"]
    start(site, BindAndUse, region_id)
    site.run(BindAndUse)
    with site.world.reading() as moment:
        return str(moment.all("SELECT id FROM project WHERE name = 'jinyun-credit-card'")[0]["id"])


def alarms(database: Database) -> list[tuple[str, bool, Any]]:
    rows = database.read(lambda s: list(s.scalars(select(Alarm).filter_by(kind="cloud-quota").order_by(Alarm.id))))
    return [(row.subject, row.cleared_at is None, row.text) for row in rows]


def test_a_limit_of_the_region_is_an_alarm_until_it_is_gone(site: Site) -> None:
    project_id = bound(site)
    assert check_due(site.database) == 1
    site.run(*RECIPES)
    assert alarms(site.database) == []
    limit_project(site.world, project_id, "cores", 7)
    for _ in range(2):
        assert check_due(site.database) == 1
        site.run(*RECIPES)
    ((subject, stands, text),) = alarms(site.database)
    assert (subject, stands) == ("sim-1/credit-card", True)
    assert "cores 7" in text["en"]
    assert "cores 7" in text["zh"]
    answer = site.administrator.post("/v1/regions/sim-1/lift-quotas")
    assert answer.status_code == 202, answer.text
    site.run(*RECIPES)
    ((_, stands, _),) = alarms(site.database)
    assert not stands
    with site.world.reading() as moment:
        assert moment.all("SELECT * FROM project_limit") == []


def test_one_check_at_a_time_by_those_who_may(site: Site) -> None:
    bound(site)
    assert site.administrator.post("/v1/regions/sim-1/check-quotas").status_code == 202
    assert site.administrator.post("/v1/regions/sim-1/lift-quotas").json()["code"] == "subject-busy"
    assert check_due(site.database) == 0
    assert site.administrator.post("/v1/regions/nowhere/check-quotas").status_code == 404
    for login in (APPLICANT, AUDITOR):
        assert site.api.as_(login).post("/v1/regions/sim-1/check-quotas").status_code == 403
