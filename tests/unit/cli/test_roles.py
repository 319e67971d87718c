"""Roles at the terminal: given, taken, asked for, confirmed, refused."""

import json
from collections.abc import Callable

from sqlalchemy.orm import Session

from jinyun.access import passwords
from jinyun.access.grants import Place, enter
from jinyun.access.roles import SECURITY_ADMINISTRATOR as ROLE
from jinyun.kit.actor import PLATFORM
from jinyun.organisation.models import Person
from tests.api import SECURITY_ADMINISTRATOR
from tests.unit.cli.conftest import PASSWORD, Jinyun, Served

SignIn = Callable[..., None]
SECOND = "he.min"


def test_roles_come_and_go(served: Served, jinyun: Jinyun, sign_in: SignIn) -> None:
    def prepare(session: Session) -> None:
        for login in (SECURITY_ADMINISTRATOR, SECOND):
            person = session.get_one(Person, served.bank.actor(login).person_id)
            passwords.set_password(session, person.id, PASSWORD)
            enter(session, PLATFORM, person, ROLE, Place("system"))

    served.database.write(prepare)
    sign_in(SECURITY_ADMINISTRATOR, SECOND)

    given = jinyun("-o", "json", "role", "give", "chen.yu", "department_administrator", "--department", "corporate")
    grant = json.loads(given.out)["grant"]
    assert (grant["scope"], grant["target"]) == ("department", "corporate")
    assert "chen.yu" in jinyun("role", "list", "--login", "chen.yu").out
    assert jinyun("role", "take", grant["id"]).code == 0
    assert "chen.yu" not in jinyun("role", "list").out
    assert jinyun("role", "give", "chen.yu", "user", "--project", "trade-finance").code == 0

    asked = jinyun("-o", "json", "role", "give", "ma.chao", "audit_administrator")
    change = json.loads(asked.out)["change"]["id"]
    assert "ma.chao" in jinyun("role", "requests").out
    assert jinyun("role", "confirm", change).code == 1
    assert jinyun("-p", SECOND, "role", "confirm", change).code == 0
    late = jinyun("-p", SECOND, "role", "refuse", change, "--reason", "too late")
    assert (late.code, SECOND in late.err) == (1, True)

    asked = jinyun("-o", "json", "role", "give", "liu.jian", "system_administrator")
    change = json.loads(asked.out)["change"]["id"]
    assert jinyun("role", "refuse", change, "--reason", "a mistake").code == 0
    assert "a mistake" in jinyun("role", "requests", "--decided").out
