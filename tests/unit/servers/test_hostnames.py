"""Hostnames: one server each, whoever asks first."""

import pytest
from sqlalchemy import select

from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.servers import hostnames
from jinyun.servers.errors import HostnameTaken
from jinyun.servers.models import TakenHostname
from tests.together import at_once


def test_a_hostname_is_one_servers_until_it_is_given_up(database: Database) -> None:
    first, second = new_id(), new_id()
    database.write(lambda session: hostnames.take(session, "web-1", first))
    with pytest.raises(HostnameTaken) as refused:
        database.write(lambda session: hostnames.take(session, "web-1", second))
    assert refused.value.field == "hostname"
    database.write(lambda session: hostnames.give_up(session, second))
    with pytest.raises(HostnameTaken):
        database.write(lambda session: hostnames.take(session, "web-1", second))
    database.write(lambda session: hostnames.give_up(session, first))
    database.write(lambda session: hostnames.take(session, "web-1", second))


def test_of_many_at_once_one_gets_it(database: Database) -> None:
    def take(number: int) -> str:
        database.write(lambda session: hostnames.take(session, "web-1", new_id()))
        return f"got by {number}"

    outcomes = [str(outcome) for outcome in at_once(6, take)]
    assert sorted(outcome for outcome in outcomes if outcome == "hostname-taken") == ["hostname-taken"] * 5
    assert len(database.read(lambda session: session.scalars(select(TakenHostname)).all())) == 1
