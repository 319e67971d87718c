"""The recycle bin: what is in it keeps its address until its time is over, or comes back as it was."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from jinyun.app import all_duties
from jinyun.kit.clock import utc_now
from tests.api import APPLICANT
from tests.server import server_url
from tests.stories.stage import Caller, Stage, a_server


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation that keeps nothing in its recycle bin."""
    with Stage(tmp_path_factory.mktemp("impatient"), server_url("impatient"), recycle_days=0).playing() as stage:
        stage.open_region()
        yield stage


def recycled(stage: Stage, hostname: str) -> tuple[Caller, str]:
    """Return the owner and the path of a server that he put into the recycle bin."""
    applicant = stage.as_(APPLICANT)
    stage.deliver(APPLICANT, a_server(hostname, {"tier": "general", "size_gib": 1}))
    path = f"/v1/servers/{applicant.get('/v1/servers', hostname=hostname)['items'][0]['id']}"
    applicant.done(applicant.send("DELETE", path, None, 202))
    return applicant, path


def test_what_comes_back_is_as_it_was(stage: Stage) -> None:
    applicant, path = recycled(stage, "comes-back")
    resting = applicant.get(path)
    assert resting["state"] == "recycled"
    wait = datetime.fromisoformat(resting["purge_at"]) - utc_now()
    assert timedelta(days=6, hours=23) < wait <= timedelta(days=7)
    (found,) = stage.in_world("server", "name = 'comes-back'")
    assert found["status"] == "stopped"

    applicant.done(applicant.post(f"{path}/restore", None, 202))
    back = applicant.get(path)
    assert back["state"] == "active"
    assert back["purge_at"] is None
    assert {key: back[key] for key in ("address", "hostname", "volumes")} == {
        key: resting[key] for key in ("address", "hostname", "volumes")
    }


def test_what_is_given_up_keeps_its_volumes_unless_they_are_given_up_too(stage: Stage) -> None:
    applicant, path = recycled(stage, "given-up")
    volume = applicant.get(path)["volumes"][0]["volume_id"]
    applicant.done(applicant.post(f"{path}/purge", {}, 202))
    assert applicant.get(path)["state"] == "deleted"
    assert applicant.get(f"/v1/volumes/{volume}")["state"] == "available"
    assert len(stage.in_world("volume", "name LIKE 'given-up%'")) == 1
    applicant.done(applicant.send("DELETE", f"/v1/volumes/{volume}", None, 202))
    applicant.get(f"/v1/volumes/{volume}", 404)
    assert stage.nothing_left_of("given-up")


def test_what_rests_too_long_is_gone(impatient: Stage) -> None:
    applicant, path = recycled(impatient, "too-long")
    (duty,) = (duty for duty in all_duties(impatient.settings) if duty.name == "purge-recycled")
    duty.work(impatient.database)
    applicant.becomes(path, "state", "deleted")
    assert not impatient.in_world("server", "name = 'too-long' AND status != 'deleted'")
    assert not impatient.in_world("port", "name = 'too-long'")
    assert [volume["state"] for volume in applicant.all_of("/v1/volumes")] == ["available"]
    listed = [server["hostname"] for server in applicant.all_of("/v1/servers", state="deleted")]
    assert listed == ["too-long"]
