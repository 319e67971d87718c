"""States and verbs of a server as data: whole, and free of dead ends."""

from typing import get_args

import pytest

from jinyun.servers import states
from jinyun.servers.errors import VerbNotOffered, WrongServerState
from jinyun.servers.models import Server
from jinyun.servers.routes import Rung, State
from jinyun.servers.service import require_state

ALL = {states.BUILDING, states.ACTIVE, states.STOPPED, states.RECYCLED, states.DELETED, states.FAILED}
ALL |= {states.UNADOPTED}


def test_the_api_names_every_state() -> None:
    assert set(get_args(State)) == ALL


@pytest.mark.parametrize("verb", sorted(states.RUNGS[states.DELIVERED]))
@pytest.mark.parametrize("state", sorted(ALL))
def test_a_verb_is_possible_or_says_when_it_is(verb: str, state: str) -> None:
    server = Server(hostname="web-1", state=state, ladder=states.DELIVERED)
    if state in states.VERBS[verb]:
        require_state(server, verb)
        return
    with pytest.raises(WrongServerState) as refused:
        require_state(server, verb)
    document = refused.value.as_document("en")
    assert all(
        word in f"{document['detail']} {document['hint']}" for word in ("web-1", state, verb, *states.VERBS[verb])
    )


@pytest.mark.parametrize("state", sorted({states.BUILDING, states.DELETED, states.FAILED, states.UNADOPTED}))
def test_nothing_can_be_asked_of_what_is_not_there(state: str) -> None:
    assert not [verb for verb, possible in states.VERBS.items() if state in possible]


@pytest.mark.parametrize("state", sorted({states.ACTIVE, states.STOPPED, states.RECYCLED}))
def test_there_is_a_way_on_from_every_state(state: str) -> None:
    assert [verb for verb, possible in states.VERBS.items() if state in possible]


def test_every_rung_has_verbs_that_there_are() -> None:
    assert set(get_args(Rung)) == set(states.RUNGS)
    assert all(offered <= set(states.VERBS) for offered in states.RUNGS.values())
    assert states.RUNGS[states.ADOPTED] < states.RUNGS[states.MANAGED]


@pytest.mark.parametrize("verb", sorted(set(states.VERBS) - states.RUNGS[states.ADOPTED]))
def test_what_a_rung_has_not_is_said_with_what_it_has(verb: str) -> None:
    server = Server(hostname="web-1", state=states.ACTIVE, ladder=states.ADOPTED)
    with pytest.raises(VerbNotOffered) as refused:
        require_state(server, verb)
    chinese = refused.value.as_document("zh")
    assert "已纳管" in chinese["detail"]
    assert "重启、启动、停止" in chinese["hint"]
