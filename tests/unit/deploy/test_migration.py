"""Writing a migration: nothing where nothing is new, and the next number where something is."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, Table

from deploy import migration
from jinyun.kit.database import Base
from jinyun.processes import MIGRATIONS


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, brought up to the models as they are."""
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy)
    monkeypatch.setattr(migration, "MIGRATIONS", copy)
    migration.write_migration("what the models have by now", f"sqlite:///{tmp_path}/now.db")
    return copy


def test_nothing_new_writes_nothing(migrations: Path, tmp_path: Path) -> None:
    before = sorted(migrations.glob("versions/*.py"))
    assert migration.write_migration("nothing", f"sqlite:///{tmp_path}/a.db") == []
    assert sorted(migrations.glob("versions/*.py")) == before


def test_a_new_table_is_written_under_the_next_number(migrations: Path, tmp_path: Path) -> None:
    numbers = sorted(int(path.name[:4]) for path in migrations.glob("versions/[0-9]*.py"))
    table = Table("a_thing", Base.metadata, Column("id", Integer, primary_key=True))
    try:
        (written,) = migration.write_migration("things to keep", f"sqlite:///{tmp_path}/a.db")
    finally:
        Base.metadata.remove(table)
    assert written.name == f"{numbers[-1] + 1:04d}_things_to_keep.py"
    assert "op.create_table('a_thing'" in written.read_text()
