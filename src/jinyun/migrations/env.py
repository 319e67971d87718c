"""Runs migrations on the database that the settings name."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import CHAR, String
from sqlalchemy.types import TypeEngine

from jinyun.kit.database import Base, Database, Money, UtcDateTime
from jinyun.tables import load_tables


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types by their names, so that a migration reads like the models."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        autogen.imports.add("from jinyun.kit.database import UtcDateTime")
        return "UtcDateTime()"
    if isinstance(item, Money):
        autogen.imports.add("from jinyun.kit.database import Money")
        return "Money()"
    if _is_id(item):
        autogen.imports.add("from jinyun.kit.database import IdType")
        return "IdType"
    return False


def _is_id(item: TypeEngine[Any]) -> bool:
    variant = getattr(item, "_variant_mapping", {}).get("mysql")
    return isinstance(item, String) and item.length == 36 and isinstance(variant, CHAR)


def run() -> None:
    """Apply what is missing, in one transaction where the database can."""
    load_tables()
    database = Database(context.config.attributes["database_url"])
    with database.engine.begin() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            compare_type=False,
            render_as_batch=database.is_sqlite,
            user_module_prefix="",
        )
        context.run_migrations()
    database.dispose()


run()
