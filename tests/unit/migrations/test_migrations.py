"""The migrations make exactly the tables that the models speak of, with nothing lost on the way down and up again."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from jinyun.kit.database import Base, Database
from jinyun.kit.settings import Settings
from jinyun.processes import MIGRATIONS, upgrade_database
from jinyun.tables import load_tables


@pytest.fixture
def migrated(tmp_path: Path) -> Database:
    load_tables()
    settings = Settings(database_url=f"sqlite:///{tmp_path}/migrated.db")
    upgrade_database(settings)
    return Database(settings.database_url)


def differences(database: Database) -> list[Any]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, Base.metadata))


def test_the_tables_are_those_of_the_models(migrated: Database) -> None:
    assert differences(migrated) == []


def test_every_column_has_the_length_that_the_models_say(migrated: Database) -> None:
    inspector = inspect(migrated.engine)
    for table in Base.metadata.sorted_tables:
        found = {column["name"]: column for column in inspector.get_columns(table.name)}
        for column in table.columns:
            length = getattr(column.type, "length", None)
            assert getattr(found[column.name]["type"], "length", None) == length, f"{table.name}.{column.name}"
            assert found[column.name]["nullable"] == column.nullable, f"{table.name}.{column.name}"


def test_a_second_time_changes_nothing(migrated: Database) -> None:
    upgrade_database(Settings(database_url=migrated.url.render_as_string(hide_password=False)))
    assert differences(migrated) == []


def test_there_is_one_way_from_nothing_to_now() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


def test_the_way_back_leads_to_nothing(migrated: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = migrated.url.render_as_string(hide_password=False)
    command.downgrade(config, "base")
    assert set(inspect(migrated.engine).get_table_names()) <= {"alembic_version"}


def test_what_every_installation_begins_with_is_there(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        groups = connection.exec_driver_sql("SELECT code FROM security_group").scalars().all()
    assert "default-ssh" in groups
