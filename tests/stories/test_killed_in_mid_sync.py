"""A worker that is killed while it carries out what the directory says."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jinyun.audit.models import AuditRecord
from jinyun.kit.database import Database
from jinyun.organisation.models import Person
from tests.unit.directory.test_sync import active, crowd, sync

DIES = """
import os, signal, sys
from functools import partial
from sqlalchemy import event
from jinyun.directory import applying
from jinyun.directory.sync import take_lease, synchronise
from jinyun.kit.database import Database
from jinyun.tables import load_tables
from tests.unit.directory.test_sync import TERMS, crowd
load_tables()
database = Database(sys.argv[1])
left = int(sys.argv[2])
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
database.write(lambda session: take_lease(session, "ldap", TERMS.holder))
event.listen(database.engine, "after_cursor_execute", count)
database.write(partial(synchronise, seen=crowd(1200), source="ldap", terms=TERMS))
"""


@pytest.mark.parametrize("statements", [4, 7, 9, 11])
def test_killed_in_the_middle_leaves_the_old_state_whole(database: Database, statements: int) -> None:
    sync(database, crowd(10))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["src", ".", os.environ.get("PYTHONPATH", "")])}
    url = database.url.render_as_string(hide_password=False)
    root = Path(__file__).parents[2]
    died = subprocess.run([sys.executable, "-c", DIES, url, str(statements)], env=environment, cwd=root, check=False)
    assert died.returncode == -signal.SIGKILL
    assert len(active(database)) == 10
    everybody = database.read(lambda session: session.scalar(select(func.count()).select_from(Person)))
    records = database.read(lambda session: session.scalar(select(func.count()).select_from(AuditRecord)))
    assert (everybody, records) == (10, 13)
    sync(database, crowd(1200))
    assert len(active(database)) == 1200
