"""The log tells of an order who did what, for whom, and under which number."""

from pathlib import Path

from sqlalchemy import select

from jinyun.audit.models import AuditRecord
from jinyun.orders.models import Order
from jinyun.volumes import recipes as volume_recipes
from tests.api import APPLICANT, MANAGER
from tests.estate import a_volume, found_estate
from tests.working import run_operations


def test_everything_that_an_order_brings_about_bears_its_number(tmp_path: Path) -> None:
    estate = found_estate(tmp_path)
    estate.order(a_volume("data"))
    run_operations(estate.database, *volume_recipes.RECIPES)
    number = estate.database.read(lambda session: session.scalars(select(Order.number)).one())
    of_order = select(AuditRecord).filter_by(order_number=number).order_by(AuditRecord.id)
    noted = estate.database.read(lambda session: list(session.scalars(of_order)))
    said = {(each.action, each.actor_login, each.on_behalf_of) for each in noted}
    assert said >= {
        ("capacity.hold", APPLICANT, None),
        ("order.submit", APPLICANT, None),
        ("approval.open", APPLICANT, None),
        ("approval.approve", MANAGER, None),
        ("project.bind", "jinyun", APPLICANT),
    }
    estate.database.dispose()
