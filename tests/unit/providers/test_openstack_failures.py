from collections.abc import Callable, Iterator

import pytest

from jinyun.providers.base import Compute, Connection
from jinyun.providers.errors import BackendDown, BackendError, Missing, OutcomeUnknown, Refused, Transient
from jinyun.providers.openstack.api import COMPUTE, Api
from jinyun.providers.openstack.failures import failure_of_answer
from jinyun.providers.openstack.region import OpenStackRegion, sign_in
from tests.unit.providers.cloud import Answer, Cloud, HangUp, Silence, running_cloud

BUSY_TASK = "Cannot 'stop' instance 7 while it is in task_state powering-on"
WRONG_STATE = "Cannot 'start' instance 7 while it is in vm_state active"


@pytest.mark.parametrize(
    ("status", "words", "on_question", "on_change", "code"),
    [
        (400, "Flavor's disk is too small for requested image.", Refused, Refused, "image-too-large"),
        (400, "Invalid volume: volume 7 is already attached", Refused, Refused, "wrong-state"),
        (400, "Flavor 9 could not be found.", Missing, Missing, "missing-in-backend"),
        (400, "Invalid input for field name", Refused, Refused, "refused"),
        (401, "The request requires authentication", BackendDown, BackendDown, "credentials-rejected"),
        (403, "Quota exceeded for instances: Requested 1", Refused, Refused, "quota-in-backend"),
        (403, "Policy doesn't allow this", Refused, Refused, "refused"),
        (404, "Instance 7 could not be found", Missing, Missing, "missing-in-backend"),
        (408, "the request did not come in time", Transient, Transient, "backend-busy"),
        (409, BUSY_TASK, Transient, Transient, "backend-busy"),
        (409, "Instance 7 is not ready", Transient, Transient, "backend-busy"),
        (409, WRONG_STATE, Refused, Refused, "wrong-state"),
        (409, "Port 7 is still in use.", Refused, Refused, "address-in-use"),
        (409, "Quota exceeded for resources: ['port'].", Refused, Refused, "quota-in-backend"),
        (413, "VolumeLimitExceeded: Maximum number of volumes allowed (10)", Refused, Refused, "quota-in-backend"),
        (429, "slow down", Transient, Transient, "backend-busy"),
        (500, "Unexpected API Error", Transient, OutcomeUnknown, None),
        (502, "Bad Gateway", Transient, OutcomeUnknown, None),
        (503, "No server is available", BackendDown, BackendDown, "backend-down"),
        (504, "Gateway Time-out", Transient, OutcomeUnknown, None),
    ],
)
def test_what_an_answer_means(
    status: int, words: str, on_question: type[BackendError], on_change: type[BackendError], code: str | None
) -> None:
    question = failure_of_answer(status, words, reads=True)
    change = failure_of_answer(status, words, reads=False)
    assert (type(question), type(change)) == (on_question, on_change)
    assert change.words == words
    if code:
        assert change.code == code


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running_cloud() as cloud:
        yield cloud


def connection(cloud: Cloud, *, secret: str | None = None, url: str | None = None) -> Connection:
    public = {"auth_url": url or f"{cloud.url}/v3", "username": "jinyun", "project_name": "admin"}
    return Connection("openstack", public, secret or cloud.password, call_timeout_seconds=0.3)


def compute(cloud: Cloud) -> Compute:
    return OpenStackRegion(connection(cloud)).project("p1").compute


def start(compute: Compute) -> object:
    compute.start("s1")
    return None


def get(compute: Compute) -> object:
    return compute.get("s1")


@pytest.mark.parametrize(
    ("verb", "path", "answer", "error"),
    [
        (start, "/servers/s1/action", Silence(2), OutcomeUnknown),
        (start, "/servers/s1/action", HangUp(), OutcomeUnknown),
        (start, "/servers/s1/action", (504, {}), OutcomeUnknown),
        (start, "/servers/s1/action", (503, {}), BackendDown),
        (start, "/servers/s1/action", (429, {}), Transient),
        (get, "/servers/s1", Silence(2), Transient),
        (get, "/servers/s1", HangUp(), Transient),
        (get, "/servers/s1", (504, {}), Transient),
        (get, "/servers/s1", (503, {}), BackendDown),
    ],
)
def test_no_request_is_sent_twice(
    cloud: Cloud, verb: Callable[[Compute], object], path: str, answer: Answer, error: type[BackendError]
) -> None:
    cloud.script[path] = [answer]
    with pytest.raises(BackendError) as caught:
        verb(compute(cloud))
    assert type(caught.value) is error
    assert len(cloud.asked) == 1


def test_a_request_that_never_left_left_nothing_behind(cloud: Cloud) -> None:
    cloud.script["/servers/s1/action"] = [(202, {})]
    known = compute(cloud)
    known.start("s1")
    cloud.shutdown()
    cloud.server_close()
    with pytest.raises(BackendDown):
        known.start("s1")


def test_whoever_cannot_sign_in_sent_nothing(cloud: Cloud) -> None:
    with pytest.raises(BackendDown) as caught:
        OpenStackRegion(connection(cloud, secret="wrong")).project("p1").compute.start("s1")
    assert caught.value.code == "credentials-rejected"
    with pytest.raises(BackendDown) as caught:
        OpenStackRegion(connection(cloud, url="http://127.0.0.1:9/v3")).project("p1").compute.start("s1")
    assert caught.value.code == "backend-down"
    with pytest.raises(BackendDown):
        OpenStackRegion(connection(cloud)).inventory.networks()
    assert cloud.asked == []


def test_the_backends_words_come_with_its_request_id(cloud: Cloud) -> None:
    cloud.script["/servers/s1/action"] = [(409, {"conflictingRequest": {"code": 409, "message": WRONG_STATE}})]
    with pytest.raises(Refused) as caught:
        compute(cloud).start("s1")
    assert caught.value.words == WRONG_STATE
    assert WRONG_STATE in caught.value.explanation().zh


def test_every_page_of_a_collection_is_read(cloud: Cloud) -> None:
    more = [{"rel": "next", "href": "http://inside.invalid/compute/v2.1/things?limit=1&marker=a"}]
    cloud.script["/things"] = [
        (200, {"things": [{"id": "a"}], "things_links": more}),
        (200, {"things": [{"id": "b"}]}),
    ]
    api = Api(sign_in(connection(cloud)), COMPUTE)
    assert [thing["id"] for thing in api.items("/things", "things", {"all": 1})] == ["a", "b"]
    assert cloud.asked == ["GET /things?all=1", "GET /things?limit=1&marker=a"]


def test_the_newest_microversion_that_the_code_knows_is_used(cloud: Cloud) -> None:
    api = Api(sign_in(connection(cloud)), COMPUTE)
    assert (api.limits, api.microversion) == ((2, 104), "2.101")
