"""What regions have becomes proposals, and proposals become entries of the catalogue, once."""

from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.catalog import proposals
from jinyun.catalog.entries import Choice
from jinyun.catalog.models import BindingProposal, Flavor, FlavorBinding, ImageBinding
from jinyun.kit.actor import PLATFORM
from jinyun.regions.models import Region
from tests.api import APPLICANT, SYSTEM_ADMINISTRATOR, queries_of
from tests.together import at_once
from tests.unit.catalog.conftest import GIB, Shop, flavor, image, tier

SMALL = flavor("m1.small", 1, 2048, 20)
LINUX = image("jinyun-linux-1")
TIERS = (tier("high"), tier("ceph-general"), tier("low"))


def test_a_new_region_proposes_all_that_it_has(shop: Shop) -> None:
    shop.observe(SMALL, LINUX, *TIERS)
    shown = shop.proposals(region="east")
    assert {name: each["suggestion"]["code"] for name, each in shown.items()} == {
        "m1.small": "m1.small",
        "jinyun-linux-1": "jinyun-linux",
        "high": "high",
        "ceph-general": "general",
        "low": "low",
    }
    assert shown["jinyun-linux-1"]["suggestion"]["version"] == "1"
    assert {each["state"] for each in shown.values()} == {"proposed"}
    assert not any(each["suggestion"]["exists"] for each in shown.values())
    assert shop.proposals(region="west") == {}


def test_accepting_all_fills_the_catalogue(shop: Shop) -> None:
    shop.observe(SMALL, LINUX, *TIERS)
    answer = shop.accept_all()
    assert (len(answer["accepted"]), answer["left"]) == (5, [])
    assert shop.proposals(state="proposed") == {}
    assert shop.listed("/v1/flavors")["m1.small"]["regions"] == ["east"]
    version = shop.listed("/v1/images")["jinyun-linux"]["versions"][0]
    assert (version["version"], version["minimum_disk_gib"], version["regions"]) == ("1", 1, ["east"])
    tiers = {code: each["regions"] for code, each in shop.listed("/v1/storage-tiers").items()}
    assert tiers == {"general": ["east"], "high": ["east"], "low": ["east"]}
    assert shop.accept_all() == {"accepted": [], "left": []}


def test_a_second_region_joins_the_entries_that_there_are(shop: Shop) -> None:
    shop.observe(SMALL, LINUX, *TIERS)
    shop.accept_all()
    shop.observe(flavor("s-one", 1, 2048, 20), LINUX, *TIERS, region="west")
    suggested = shop.proposals(region="west")["s-one"]["suggestion"]
    assert (suggested["code"], suggested["exists"]) == ("m1.small", True)
    shop.accept_all("west")
    assert shop.listed("/v1/flavors")["m1.small"]["regions"] == ["east", "west"]
    assert len(shop.listed("/v1/flavors")) == 1
    assert shop.listed("/v1/images")["jinyun-linux"]["versions"][0]["regions"] == ["east", "west"]


def test_whoever_has_the_name_of_an_entry_comes_before_whoever_has_its_sizes(shop: Shop) -> None:
    shop.observe(SMALL)
    shop.accept_all()
    shop.observe(flavor("a-twin", 1, 2048, 20), SMALL, region="west")
    shop.accept_all("west")
    assert {code: each["regions"] for code, each in shop.listed("/v1/flavors").items()} == {
        "m1.small": ["east", "west"],
        "a-twin": ["west"],
    }


def test_twins_in_one_region_become_two_entries(shop: Shop) -> None:
    shop.observe(SMALL, flavor("v1.small", 1, 2048, 20))
    shop.accept_all()
    assert set(shop.listed("/v1/flavors")) == {"m1.small", "v1.small"}


def test_what_nothing_can_be_suggested_for_is_left_to_people_with_the_reason(shop: Shop) -> None:
    shop.observe(SMALL)
    shop.accept_all()
    shop.observe(flavor("m1.small", 8, 8, 8), tier("__DEFAULT__"), tier("high-low"), flavor("大"), region="west")
    left = {each["external_name"]: each["suggestion"] for each in shop.accept_all("west")["left"]}
    assert {name: each["code"] for name, each in left.items()} == dict.fromkeys(
        ("m1.small", "__DEFAULT__", "high-low", "大")
    )
    assert "other sizes" in left["m1.small"]["reason"]
    assert "no storage tier" in left["__DEFAULT__"]["reason"]
    assert "choose one" in left["大"]["reason"]


def test_people_choose_where_nothing_can_be_suggested(shop: Shop) -> None:
    shop.observe(tier("__DEFAULT__"), tier("archive-tape"), flavor("大", 4, 8, 16), image("debian", size=3 * GIB))
    undecided = shop.accept("__DEFAULT__")
    assert (undecided.status_code, undecided.json()["field"]) == (422, "code")
    assert shop.accept("__DEFAULT__", code="fast").json()["code"] == "unknown-tier"
    assert shop.accept("__DEFAULT__", code="general").json()["state"] == "accepted"
    assert shop.accept("archive-tape", code="archive", name="归档 Archive").json()["state"] == "accepted"
    assert shop.listed("/v1/storage-tiers")["archive"]["name"] == "归档 Archive"
    assert shop.accept("大", code="large", name="大型 Large").status_code == 200
    assert shop.listed("/v1/flavors")["large"]["name"] == "大型 Large"
    assert shop.accept("debian", version="13.1", login_user="debian").status_code == 200
    version = shop.listed("/v1/images")["debian"]["versions"][0]
    assert (version["version"], version["login_user"], version["minimum_disk_gib"]) == ("13.1", "debian", 3)


def test_a_choice_must_fit(shop: Shop) -> None:
    shop.observe(SMALL, flavor("m1.large", 8, 8192, 80), image("linux-1"), image("Linux-v1"))
    assert shop.accept("m1.small").status_code == 200
    differing = shop.accept("m1.large", code="m1.small")
    assert (differing.status_code, differing.json()["code"]) == (409, "sizes-differ")
    assert shop.accept("linux-1").status_code == 200
    assert "choose another" in shop.proposals()["Linux-v1"]["suggestion"]["reason"]
    twice = shop.accept("Linux-v1", code="linux")
    assert (twice.status_code, twice.json()["code"]) == (409, "bound-already")
    assert shop.accept("Linux-v1", code="linux", version="1b").status_code == 200
    for choice in ({"code": "No Code"}, {"version": "a:b"}, {"login_user": "Root!"}):
        assert shop.accept("m1.large", **choice).json()["code"] == "invalid-field"


def test_a_decision_is_made_once_but_a_dismissal_may_be_taken_back(shop: Shop) -> None:
    shop.observe(SMALL, LINUX)
    path = f"/v1/binding-proposals/{shop.proposals()['m1.small']['id']}"
    assert shop.administrator.post(f"{path}/dismiss").json()["state"] == "dismissed"
    assert shop.administrator.post(f"{path}/dismiss").json()["code"] == "proposal-decided"
    assert [each["external_name"] for each in shop.accept_all()["accepted"]] == ["jinyun-linux-1"]
    assert shop.administrator.post(f"{path}/accept").json()["state"] == "accepted"
    for verb in ("accept", "dismiss"):
        answer = shop.administrator.post(f"{path}/{verb}")
        assert (answer.status_code, answer.json()["code"]) == (409, "proposal-decided")
    missing = shop.administrator.post(f"/v1/binding-proposals/{shop.regions['east']}/accept")
    assert missing.status_code == 404


def test_reading_again_proposes_nothing_twice_and_writes_nothing(shop: Shop) -> None:
    shop.observe(SMALL, LINUX, *TIERS)
    shop.accept("m1.small")
    writes: list[str] = []

    def note(*seen: Any) -> None:
        if not seen[2].startswith(("SELECT", "BEGIN")):
            writes.append(seen[2])

    event.listen(shop.database.engine, "before_cursor_execute", note)
    shop.observe(SMALL, LINUX, *TIERS)
    event.remove(shop.database.engine, "before_cursor_execute", note)
    assert writes == []
    assert len(shop.proposals()) == 5


def test_what_changed_in_the_region_changes_in_its_proposal(shop: Shop) -> None:
    shop.observe(image("jinyun-linux-1"))
    shop.observe(image("jinyun-linux-1", size=9 * GIB, disk=4))
    assert shop.proposals()["jinyun-linux-1"]["facts"]["minimum_disk_gib"] == 9


def test_what_vanished_is_proposed_no_more_and_offered_no_more_until_it_is_back(shop: Shop) -> None:
    shop.observe(SMALL, LINUX, *TIERS)
    shop.accept("m1.small")
    shop.accept("jinyun-linux-1")
    shop.observe(image("jinyun-linux-1", active=False))
    assert set(shop.proposals(state="proposed")) == set()
    assert shop.listed("/v1/flavors")["m1.small"]["regions"] == []
    assert shop.listed("/v1/images")["jinyun-linux"]["versions"][0]["regions"] == []
    shop.observe(SMALL, LINUX)
    assert shop.listed("/v1/flavors")["m1.small"]["regions"] == ["east"]
    assert shop.listed("/v1/images")["jinyun-linux"]["versions"][0]["regions"] == ["east"]


def test_an_image_that_is_not_ready_is_not_proposed(shop: Shop) -> None:
    shop.observe(image("jinyun-linux-2", active=False))
    assert shop.proposals() == {}


def test_only_those_who_manage_the_catalogue_decide(shop: Shop) -> None:
    shop.observe(SMALL)
    proposal = shop.proposals()["m1.small"]["id"]
    applicant = shop.api.as_(APPLICANT)
    attempts = [
        applicant.get("/v1/binding-proposals"),
        applicant.post(f"/v1/binding-proposals/{proposal}/accept"),
        applicant.post(f"/v1/binding-proposals/{proposal}/dismiss"),
        applicant.post("/v1/regions/east/accept-proposals"),
    ]
    assert [attempt.status_code for attempt in attempts] == [403] * 4
    administrator = shop.api.as_(SYSTEM_ADMINISTRATOR)
    assert administrator.post("/v1/regions/nowhere/accept-proposals").status_code == 404
    assert administrator.get("/v1/binding-proposals?region=nowhere").status_code == 404
    assert administrator.get("/v1/binding-proposals?state=lost").status_code == 422


def test_reasons_are_told_in_the_callers_language(shop: Shop) -> None:
    shop.observe(tier("__DEFAULT__"))
    shown = shop.api.as_(SYSTEM_ADMINISTRATOR, language="zh").get("/v1/binding-proposals").json()["items"][0]
    assert shown["suggestion"]["reason"] == "无法由名称判断存储等级，请指定。"


def test_every_acceptance_leaves_its_records(shop: Shop) -> None:
    shop.observe(LINUX)
    shop.accept("jinyun-linux-1")
    noted = select(AuditRecord.action, AuditRecord.subject_name).order_by(AuditRecord.id)
    records = shop.database.read(lambda session: [tuple(row) for row in session.execute(noted)])
    assert records[-3:] == [
        ("image.create", "jinyun-linux"),
        ("image.create", "jinyun-linux:1"),
        ("catalog.bind", "jinyun-linux"),
    ]


def count(shop: Shop, table: type[Any]) -> int:
    return shop.database.read(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


def test_of_several_who_accept_at_once_one_does(shop: Shop) -> None:
    shop.observe(SMALL)
    proposal_id = shop.proposals()["m1.small"]["id"]

    def accept(_: int) -> str:
        return shop.database.write(lambda session: proposals.accept(session, PLATFORM, proposal_id, Choice()).state)

    outcomes = at_once(4, accept)
    assert sorted(outcomes) == ["accepted", "proposal-decided", "proposal-decided", "proposal-decided"]
    assert (count(shop, Flavor), count(shop, FlavorBinding)) == (1, 1)


def test_of_several_who_accept_all_at_once_nothing_is_made_twice(shop: Shop) -> None:
    shop.observe(SMALL, LINUX, image("jinyun-linux-2"), *TIERS)

    def accept_all(_: int) -> int:
        def work(session: Session) -> int:
            return len(proposals.accept_all(session, PLATFORM, session.get_one(Region, shop.regions["east"]))[0])

        return shop.database.write(work)

    assert sorted(map(str, at_once(4, accept_all))) == ["0", "0", "0", "6"]
    assert (count(shop, ImageBinding), count(shop, BindingProposal)) == (2, 6)


def test_lists_cost_the_same_whatever_their_length(shop: Shop) -> None:
    shop.observe(*(flavor(f"m{size}", size) for size in range(1, 9)), LINUX, image("other-1"), *TIERS)
    shop.accept_all()
    operator = shop.administrator
    for path in ("/v1/flavors", "/v1/images", "/v1/storage-tiers", "/v1/binding-proposals"):
        assert queries_of(shop.database, operator, f"{path}?limit=1") == queries_of(shop.database, operator, path), path


@pytest.mark.parametrize(
    ("name", "code", "version"),
    [
        ("jinyun-linux-1", "jinyun-linux", "1"),
        ("jinyun-linux-large", "jinyun-linux-large", "1"),
        ("Debian 13.2", "debian", "13.2"),
        ("ubuntu_24.04", "ubuntu", "24.04"),
        ("kylin-v10", "kylin", "10"),
        ("openEuler-24.03.sp1", "openeuler", "24.03.sp1"),
        ("麒麟-10", None, "10"),
    ],
)
def test_names_of_images_tell_code_and_version(shop: Shop, name: str, code: str | None, version: str) -> None:
    shop.observe(image(name))
    suggestion = shop.proposals()[name]["suggestion"]
    assert (suggestion["code"], suggestion["version"]) == (code, version if code else None)
