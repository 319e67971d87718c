"""States and verbs of a server as data: whole, and free of dead ends."""

from typing import get_args

import pytest

from jinyun.servers import states
from jinyun.servers.errors import WrongServerState
from jinyun.servers.models import Server
from jinyun.servers.routes import State
from jinyun.servers.service import require_state

ALL = {states.BUILDING, states.ACTIVE, states.STOPPED, states.RECYCLED, states.DELETED, states.FAILED}


def test_the_api_names_every_state() -> None:
    assert set(get_args(State)) == ALL


@pytest.mark.parametrize("verb", sorted(states.VERBS))
@pytest.mark.parametrize("state", sorted(ALL))
def test_a_verb_is_possible_or_says_when_it_is(verb: str, state: str) -> None:
    server = Server(hostname="web-1", state=state)
    if state in states.VERBS[verb]:
        require_state(server, verb)
        return
    with pytest.raises(WrongServerState) as refused:
        require_state(server, verb)
    document = refused.value.as_document("en")
    assert all(
        word in f"{document['detail']} {document['hint']}" for word in ("web-1", state, verb, *states.VERBS[verb])
    )


@pytest.mark.parametrize("state", sorted({states.BUILDING, states.DELETED, states.FAILED}))
def test_nothing_can_be_asked_of_what_is_not_there(state: str) -> None:
    assert not [verb for verb, possible in states.VERBS.items() if state in possible]


@pytest.mark.parametrize("state", sorted({states.ACTIVE, states.STOPPED, states.RECYCLED}))
def test_there_is_a_way_on_from_every_state(state: str) -> None:
    assert [verb for verb, possible in states.VERBS.items() if state in possible]
