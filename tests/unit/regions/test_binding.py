"""An application system's own project in a region: made once, whoever asks, and never one of the cloud's own."""

from typing import Any

import pytest
from sqlalchemy import select

from jinyun.audit.models import AuditRecord
from jinyun.kit.actor import PLATFORM
from jinyun.kit.errors import NotFound
from jinyun.kit.texts import Text
from jinyun.operations import service as operations
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.operations.states import FAILED, NEEDS_OPERATOR, SUCCEEDED
from jinyun.providers.base import ProjectScope
from jinyun.providers.registry import PROVIDERS
from jinyun.providers.simulated.faults import FaultKind, set_fault
from jinyun.regions.connections import connect, project_scope
from jinyun.regions.models import ProjectBinding, Region
from jinyun.regions.steps import bind_project
from tests.unit.regions.conftest import Site


def bind(step: StepContext) -> Outcome:
    return done(external_id=bind_project(step, step.parameters["region_id"], step.parameters["project_id"]))


def use(step: StepContext) -> Outcome:
    scope = project_scope(step, step.parameters["region_id"], step.parameters["project_id"])
    assert isinstance(scope, ProjectScope)
    return done()


class BindAndUse(Operation):
    """Bind, then work in the project."""

    kind = "bind-and-use"
    title = Text("Bind", "绑定")
    steps = (Step("bind", bind, Text("Bind", "绑定")), Step("use", use, Text("Use", "使用")))


class UseOnly(Operation):
    """Forgets to bind."""

    kind = "use-only"
    title = Text("Use", "使用")
    steps = (Step("use", use, Text("Use", "使用")),)


def start(site: Site, recipe: type[Operation], region_id: str, project: str = "credit-card") -> str:
    parameters = {"region_id": region_id, "project_id": site.bank.project_id(project)}

    def work(session: Any) -> str:
        return operations.start(session, PLATFORM, recipe, parameters=parameters, subjects=[]).id

    return site.database.write(work)


@pytest.fixture
def region_id(site: Site) -> str:
    site.register()
    site.run()
    return site.database.read(lambda session: session.scalars(select(Region.id)).one())


def bindings(site: Site) -> list[ProjectBinding]:
    return site.database.read(lambda session: list(session.scalars(select(ProjectBinding))))


def projects(site: Site) -> list[str]:
    with site.world.reading() as moment:
        return [row["name"] for row in moment.all("SELECT name FROM project")]


def test_a_project_is_made_once_and_then_used(site: Site, region_id: str) -> None:
    started = [start(site, BindAndUse, region_id) for _ in range(3)]
    site.run(BindAndUse)
    assert {site.operation(each).state for each in started} == {SUCCEEDED}
    assert projects(site) == ["jinyun-credit-card"]
    assert len(bindings(site)) == 1
    noted = select(AuditRecord).where(AuditRecord.action == "project.bind")
    assert len(site.database.read(lambda session: list(session.scalars(noted)))) == 1


def test_when_the_answer_is_lost_the_project_is_found_again(site: Site, region_id: str) -> None:
    set_fault(site.world, "project.ensure", FaultKind.TIMEOUT_AFTER, times=1)
    operation = start(site, BindAndUse, region_id)
    site.run(BindAndUse)
    assert bindings(site) == []
    site.wake(operation)
    site.run(BindAndUse)
    assert site.operation(operation).state == SUCCEEDED
    assert projects(site) == ["jinyun-credit-card"]


def test_whoever_comes_second_gets_the_same(site: Site, region_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    project_id = site.bank.project_id("credit-card")

    def overtaken(session: Any) -> None:
        session.add(ProjectBinding(project_id=project_id, region_id=region_id, external_id="theirs"))

    def ask_late(*asked: Any) -> None:
        site.database.write(overtaken)

    monkeypatch.setattr("jinyun.regions.steps.binding_of", ask_late)
    operation = start(site, BindAndUse, region_id)
    site.run(BindAndUse)
    assert site.operation(operation).state == SUCCEEDED
    assert [binding.external_id for binding in bindings(site)] == ["theirs"]


def test_a_recipe_that_forgets_to_bind_stops_for_an_operator(site: Site, region_id: str) -> None:
    operation = start(site, UseOnly, region_id)
    site.run(UseOnly)
    ended = site.operation(operation)
    assert ended.state == NEEDS_OPERATOR
    assert "is not bound" in (ended.problem or {})["words"]


def test_an_unknown_region_is_refused(site: Site) -> None:
    operation = start(site, BindAndUse, "018f0000-0000-7000-8000-000000000000")
    site.run(BindAndUse)
    assert site.operation(operation).state == FAILED
    with pytest.raises(NotFound):
        connect(site.database, site.settings, "018f0000-0000-7000-8000-000000000000")


def test_a_connection_is_opened_once_for_each_version(
    site: Site, region_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str | None] = []
    original = PROVIDERS["simulated"]

    def count(connection: Any) -> Any:
        opened.append(connection.secret)
        return original(connection)

    monkeypatch.setitem(PROVIDERS, "simulated", count)
    first = connect(site.database, site.settings, region_id)
    assert connect(site.database, site.settings, region_id) is first
    site.administrator.put("/v1/regions/sim-1/secret", json={"secret": "newer"})
    second = connect(site.database, site.settings, region_id)
    assert connect(site.database, site.settings, region_id) is second
    assert second is not first
    assert opened == ["newer"]
