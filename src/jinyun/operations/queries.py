"""Reading operations."""

from dataclasses import dataclass

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from jinyun.access.authority import visible
from jinyun.kit.actor import Actor
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.kit.texts import Text
from jinyun.operations import queues
from jinyun.operations.definition import Recipes
from jinyun.operations.models import OperationRow, OperationStep, Worker
from jinyun.operations.schemas import OperationDetail, OperationView, StepView
from jinyun.operations.service import find
from jinyun.operations.states import ACTIVE, NEEDS_OPERATOR

STUCK_FAILURES = 3
UNKNOWN_TITLE = Text("A step of another release", "其他版本的步骤")


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """Which operations to list."""

    state: str | None = None
    active: bool = False
    stuck: bool = False


def list_operations(session: Session, actor: Actor, page: PageRequest, wanted: OperationFilter) -> Page[OperationView]:
    """Return the newest operations first, those that `actor` may see."""
    statement = select(OperationRow).where(visible(actor, "operation.read", OperationRow.project_id))
    if wanted.state is not None:
        statement = statement.where(OperationRow.state == wanted.state)
    if wanted.active:
        statement = statement.where(OperationRow.state.in_(ACTIVE))
    if wanted.stuck:
        statement = statement.where(OperationRow.id.in_(_stuck()))
    rows, mark = read_page(session, statement, [OperationRow.id], page, descending=True)
    return Page(items=[OperationView.of(row, actor.language) for row in rows], next=mark)


def _stuck() -> Select[str]:
    """Those that need an operator, and those whose step has met errors again and again."""
    failing = exists().where(OperationStep.operation_id == OperationRow.id, OperationStep.failures >= STUCK_FAILURES)
    return select(OperationRow.id).where(
        OperationRow.state.in_(ACTIVE), or_(OperationRow.state == NEEDS_OPERATOR, failing)
    )


def show_operation(session: Session, actor: Actor, recipes: Recipes, operation_id: str) -> OperationDetail:
    """Return one operation with its steps. Raises NotFound."""
    operation = find(session, actor, operation_id)
    rows = session.scalars(select(OperationStep).filter_by(operation_id=operation.id).order_by(OperationStep.position))
    places = queues.places(session, operation.id)
    steps = [
        StepView.of(row, _step_title(recipes, row).in_language(actor.language), places.get(row.id), actor.language)
        for row in rows
    ]
    recipe = recipes.by_kind.get(operation.kind)
    worker = session.get(Worker, operation.worker_id) if operation.worker_id else None
    return OperationDetail(
        **OperationView.of(operation, actor.language).model_dump(),
        title=(recipe.title if recipe else UNKNOWN_TITLE).in_language(actor.language),
        worker=worker.name if worker else None,
        steps=steps,
    )


def _step_title(recipes: Recipes, row: OperationStep) -> Text:
    return recipes.step(row.handler).title if recipes.knows(row.handler) else UNKNOWN_TITLE
