"""The ladder: what is in a vCenter is proposed, approved, adopted, managed and given back; guests are untouched."""

import base64
import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.catalog.models import Flavor
from jinyun.networks.models import AddressRange, Network, Subnet
from jinyun.networks.plan import number_of
from jinyun.networks.service import add_network
from jinyun.networks.states import PROVIDER, READY
from jinyun.providers.errors import OutcomeUnknown
from jinyun.providers.estate import Observed
from jinyun.providers.vsphere.verbs import VsphereMachines
from jinyun.regions.models import Region
from tests.api import MANAGER, OPERATOR, SYSTEM_ADMINISTRATOR
from tests.stories.conftest import Jinyun
from tests.stories.stage import Caller
from tests.vcenter.conftest import REGION, Watched

PROJECT = "mobile-banking-test"
NETWORK = "vmware-vlan-60"


@pytest.fixture(scope="module", autouse=True)
def plan(watched: Watched) -> None:
    """The plan has the network of the machines, whose lower half Jinyun would hand out."""

    def work(session: Session) -> None:
        region = session.scalars(select(Region).filter_by(code=REGION)).one()
        network = Network(region_id=region.id, code=NETWORK, name=NETWORK, kind=PROVIDER, state=READY)
        subnet = Subnet(cidr="10.60.0.0/24", gateway="10.60.0.254")
        add_network(session, network, [(subnet, [(number_of("10.60.0.1"), number_of("10.60.0.127"))])])

    watched.stage.database.write(work)


@pytest.fixture(scope="module")
def head(watched: Watched) -> Caller:
    """The head of the department of the application system."""
    return watched.stage.as_(MANAGER)


class Asked:
    """What an operator asked to have adopted."""

    def __init__(self, watched: Watched, batch: dict[str, Any]) -> None:
        self.watched, self.operator, self.batch = watched, watched.operator, batch

    def decided(self, approver: Caller, verb: str) -> dict[str, dict[str, Any]]:
        """Have its department decide; return its lines by machine when all is done."""
        chains = {part["chain_id"] for part in self.batch["parts"]}
        for todo in approver.all_of("/v1/todos"):
            if todo["chain_id"] in chains:
                body = {"digest": todo["digest"], "comment": "so be it"}
                approver.post(f"/v1/assignments/{todo['assignment_id']}/{verb}", body, 200)
        self.operator.becomes(f"/v1/adoptions/{self.batch['id']}", "state", "ended")
        return self.lines()

    def lines(self) -> dict[str, dict[str, Any]]:
        """Return its lines by machine."""
        lines = self.operator.all_of(f"/v1/adoptions/{self.batch['id']}/lines", limit=2)
        return {line["machine"]: line for line in lines}


@pytest.fixture(scope="module")
def ask(watched: Watched) -> Any:
    def ask(*machines: str, project: str = PROJECT, **more: Any) -> Asked:
        named = [{"machine": each, **more} for each in machines]
        return Asked(watched, watched.operator.post("/v1/adoptions", {"project": project, "machines": named}, 201))

    return ask


@pytest.fixture(scope="module")
def adopted(watched: Watched, ask: Any, head: Caller) -> dict[str, Any]:
    """A server that was there before."""
    line = ask("risk-engine-03").decided(head, "approve")["risk-engine-03"]
    assert line["state"] == "adopted", line
    server: dict[str, Any] = watched.operator.get(f"/v1/servers/{line['server_id']}")
    return server


def test_rules_propose_with_their_evidence(watched: Watched) -> None:
    administrator, operator = watched.stage.as_(SYSTEM_ADMINISTRATOR), watched.operator
    rule = {"source": "name", "pattern": "risk-engine-*", "gives": "project", "project": "risk-reporting"}
    made = administrator.post("/v1/adoption-rules", rule, 201)
    administrator.post("/v1/adoption-rules", rule | {"position": made["position"]}, 409)
    administrator.post("/v1/adoption-rules", rule | {"project": None}, 422)
    administrator.post("/v1/adoption-rules", rule | {"project": "nothing"}, 422)
    administrator.post("/v1/adoption-rules", rule | {"pattern": "*a*b*c*d*"}, 422)
    operator.post("/v1/adoption-rules", rule, 403)
    found = {each["name"]: each for each in operator.all_of("/v1/adoption-proposals", limit=7, region=REGION)}
    assert len(found) == 20
    proposed = found["risk-engine-03"]
    assert (proposed["project"], proposed["owner"], proposed["agreed"]) == ("risk-reporting", "he.min", True)
    assert "risk-engine-*" in proposed["evidence"][0]["text"]
    assert found["核心账务-01"]["project"] is None
    assert [each["code"] for each in found["template-linux-9"]["obstacles"]] == ["machine-not-adoptable"]
    administrator.send("DELETE", f"/v1/adoption-rules/{made['id']}", None, 204)
    assert not operator.all_of("/v1/adoption-proposals", name="risk-engine-03")[0]["evidence"]


def test_an_adopted_machine_belongs_to_its_system_and_counts(
    watched: Watched, adopted: dict[str, Any], head: Caller
) -> None:
    thing = watched.thing("risk-engine-03")
    assert (adopted["ladder"], adopted["state"], adopted["hostname"]) == ("adopted", "active", "risk-engine-03")
    assert (adopted["project"], adopted["network"], adopted["pool"]) == (PROJECT, NETWORK, thing["cluster"])
    assert (adopted["address"], adopted["image"]) == (thing["addresses"][0], None)
    facts = thing["facts"]
    assert (adopted["vcpus"], adopted["memory_mib"]) == (facts["vcpus"], facts["memory_mib"])
    assert head.get(f"/v1/servers/{adopted['id']}")["id"] == adopted["id"], "its department sees it"
    assert adopted["id"] in {each["id"] for each in head.all_of("/v1/servers", ladder="adopted")}
    resources = {each["resource"]: each for each in head.get(f"/v1/quotas/{PROJECT}")["resources"]}
    assert resources["vcpus"]["used"] >= facts["vcpus"]
    recorded = watched.stage.as_(SYSTEM_ADMINISTRATOR).all_of(f"/v1/networks/{NETWORK}/addresses")
    assert {each["address"]: each["state"] for each in recorded}[adopted["address"]] == "recorded"
    assert adopted["address"] != free_address(watched), "nobody else is given it"


def free_address(watched: Watched) -> str:
    administrator = watched.stage.as_(SYSTEM_ADMINISTRATOR)
    taken = administrator.post(f"/v1/networks/{NETWORK}/addresses", {"note": "who is next"}, 201)["address"]
    administrator.send("DELETE", f"/v1/networks/{NETWORK}/addresses/{taken}", None, 204)
    return str(taken)


def test_its_owner_stops_and_starts_it(watched: Watched, adopted: dict[str, Any], head: Caller) -> None:
    at = f"/v1/servers/{adopted['id']}"
    for verb, state, power in (("stop", "stopped", "off"), ("start", "active", "on")):
        head.done(head.post(f"{at}/{verb}", {}, 202))
        assert head.get(at)["state"] == state
        watched.until(lambda power=power: watched.thing("risk-engine-03")["power"] == power, f"it is {power}")
    assert head.post(f"{at}/start", {}, 409)["code"] == "wrong-server-state"
    head.done(head.post(f"{at}/reboot", {"hard": True}, 202))
    assert head.get(at)["state"] == "active"


def test_a_verb_whose_answer_is_lost_is_not_asked_for_twice(
    adopted: dict[str, Any], head: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    stop = VsphereMachines.stop

    def lost(machines: VsphereMachines, machine_id: str, *, hard: bool) -> str:
        asked.append(stop(machines, machine_id, hard=hard))
        raise OutcomeUnknown("the connection was lost")

    monkeypatch.setattr(VsphereMachines, "stop", lost)
    at = f"/v1/servers/{adopted['id']}"
    head.done(head.post(f"{at}/stop", {}, 202))
    assert len(asked) == 1
    head.done(head.post(f"{at}/start", {}, 202))


def test_another_machine_with_its_id_is_left_alone(
    watched: Watched, adopted: dict[str, Any], head: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = VsphereMachines.get

    def another(machines: VsphereMachines, machine_id: str) -> Observed | None:
        found = get(machines, machine_id)
        return replace(found, uuid="of another vCenter") if found else None

    with monkeypatch.context() as patch:
        patch.setattr(VsphereMachines, "get", another)
        stopping = head.post(f"/v1/servers/{adopted['id']}/stop", {}, 202)
        ended = head.becomes(f"/v1/operations/{stopping['id']}", "state", "failed")
    assert ended["problem"]["code"] == "missing-in-backend"
    assert watched.thing("risk-engine-03")["power"] == "on"


def test_a_managed_machine_gets_another_size(watched: Watched, ask: Any, head: Caller) -> None:
    line = ask("risk-engine-13").decided(head, "approve")["risk-engine-13"]
    at = f"/v1/servers/{line['server_id']}"
    before = head.get(at)

    def flavor(session: Session) -> None:
        vcpus, memory = before["vcpus"] * 2, before["memory_mib"] * 2
        session.add(Flavor(code="twice", name="twice", vcpus=vcpus, memory_mib=memory, disk_gib=1))

    watched.stage.database.write(flavor)
    watched.stage.adopt_rules(
        {"name": "size", "when": {"kinds": ["resize", "server-stop"]}, "approval": "none"},
        {"name": "rest", "stages": [{"approvers": [{"by": "department-head"}]}]},
    )
    assert head.post(f"{at}/resize", {"flavor": "twice"}, 409)["code"] == "verb-not-offered"
    assert watched.operator.post(f"{at}/promote", {}, 200)["ladder"] == "managed"
    assert watched.operator.post(f"{at}/promote", {}, 409)["code"] == "already-managed"
    assert head.post(f"{at}/promote", {}, 403)
    running = head.post(f"{at}/resize", {"flavor": "twice"}, 202)
    failed = head.becomes(f"/v1/operations/{running['id']}", "state", "failed")
    assert failed["problem"]["code"] == "wrong-state", "it has no hot-add"
    used = used_vcpus(head)
    head.done(head.post(f"{at}/stop", {}, 202))
    head.done(head.post(f"{at}/resize", {"flavor": "twice"}, 202))
    after = head.get(at)
    assert (after["flavor"], after["vcpus"], after["disk_gib"]) == ("twice", before["vcpus"] * 2, before["disk_gib"])
    watched.until(lambda: watched.thing("risk-engine-13")["facts"]["vcpus"] == after["vcpus"], "the machine has it")
    assert used_vcpus(head) == used + before["vcpus"]


def test_a_managed_machine_gets_a_larger_disk_and_moves(watched: Watched, ask: Any, head: Caller) -> None:
    line = ask("核心账务-16").decided(head, "approve")["核心账务-16"]
    at = f"/v1/servers/{line['server_id']}"
    (disk,) = watched.thing("核心账务-16")["facts"]["disks"]
    larger = {"disk": disk["key"], "size_gib": int(disk["size_gib"]) + 10}
    assert head.post(f"{at}/extend-disk", larger, 409)["code"] == "verb-not-offered"
    watched.operator.post(f"{at}/promote", {}, 200)
    before = head.get(at)["disk_gib"]
    assert head.post(f"{at}/extend-disk", larger | {"size_gib": 1}, 422)["code"] == "disk-not-larger"
    head.post(f"{at}/extend-disk", larger | {"disk": 1}, 404)
    head.done(head.post(f"{at}/extend-disk", larger, 202))
    assert head.get(at)["disk_gib"] == before + 10
    watched.until(
        lambda: watched.thing("核心账务-16")["facts"]["disks"][0]["size_gib"] == larger["size_gib"], "it has grown"
    )
    hosts = {each["name"] for each in watched.operator.all_of("/v1/hosts") if each["name"].startswith("DC0_C1")}
    aim = next(iter(sorted(hosts - {watched.thing("核心账务-16")["host"]})))
    assert watched.operator.post(f"{at}/migrate", {}, 422)["code"] == "nowhere-to-move"
    head.post(f"{at}/migrate", {"host": aim}, 403)
    nowhere = watched.operator.post(f"{at}/migrate", {"host": "nowhere"}, 202)
    failed = watched.operator.becomes(f"/v1/operations/{nowhere['id']}", "state", "failed")
    assert failed["problem"]["code"] == "missing-in-backend"
    watched.operator.done(watched.operator.post(f"{at}/migrate", {"host": aim}, 202))
    assert watched.operator.get(at)["host"] == aim
    watched.until(lambda: watched.thing("核心账务-16")["host"] == aim, "it is there")
    drifted = [each for each in watched.operator.all_of("/v1/drifts") if each["hostname"] == "核心账务-16"]
    assert not drifted, "what Jinyun did itself is no drift"


def used_vcpus(head: Caller) -> int:
    resources = {each["resource"]: each for each in head.get(f"/v1/quotas/{PROJECT}")["resources"]}
    return int(resources["vcpus"]["used"])


def test_what_it_may_not_is_said(watched: Watched, adopted: dict[str, Any]) -> None:
    at = f"/v1/servers/{adopted['id']}"
    for path, body in (("resize", {"flavor": "x"}), ("console-output", {}), ("volumes", {"volume_id": adopted["id"]})):
        refused = watched.stage.as_(MANAGER).post(f"{at}/{path}", body, 409)
        assert refused["code"] == "verb-not-offered"
    assert watched.stage.as_(MANAGER).send("DELETE", at, None, 409)["code"] == "verb-not-offered"


def test_the_same_again_changes_nothing(ask: Any, adopted: dict[str, Any]) -> None:
    again = ask("risk-engine-03")
    assert (again.batch["state"], again.batch["parts"]) == ("ended", [])
    assert again.lines()["risk-engine-03"]["state"] == "unchanged"
    other = ask("risk-engine-03", project="mobile-banking").lines()["risk-engine-03"]
    assert (other["state"], other["problem"]["code"]) == ("refused", "machine-already-ours")


def test_what_is_rejected_or_withdrawn_can_be_asked_for_again(watched: Watched, ask: Any, head: Caller) -> None:
    asked = ask("报表平台-04")
    assert asked.batch["state"] == "pending_approval"
    assert ask("报表平台-04").lines()["报表平台-04"]["state"] == "unchanged", "it waits already"
    assert asked.decided(head, "reject")["报表平台-04"]["state"] == "let_go"
    again = ask("报表平台-04")
    assert again.batch["lines"] == {"waiting": 1}
    withdrawn = watched.operator.post(f"/v1/adoptions/{again.batch['id']}/withdraw", {}, 200)
    assert (withdrawn["state"], withdrawn["lines"]) == ("ended", {"let_go": 1})
    assert watched.operator.post(f"/v1/adoptions/{again.batch['id']}/withdraw", {}, 409)["code"] == "adoption-decided"
    assert not [todo for todo in head.all_of("/v1/todos") if todo["subject_id"] == again.batch["parts"][0]["chain_id"]]


@pytest.fixture
def taken(watched: Watched) -> Iterator[str]:
    """A machine whose address somebody reserved."""
    (machine,) = watched.things(name="核心账务-06").values()
    address = machine["addresses"][0]
    administrator = watched.stage.as_(SYSTEM_ADMINISTRATOR)
    administrator.post(f"/v1/networks/{NETWORK}/addresses", {"address": address, "note": "an appliance"}, 201)
    yield machine["name"]
    administrator.send("DELETE", f"/v1/networks/{NETWORK}/addresses/{address}", None, 204)


def test_a_file_goes_out_and_comes_back_line_by_line(
    watched: Watched, head: Caller, taken: str, adopted: dict[str, Any]
) -> None:
    rows = exported(watched.operator)
    by_name = {row["name"]: row for row in rows}
    assert by_name["risk-engine-03"]["project"] == PROJECT
    wanted = [
        by_name["核心账务-01"] | {"project": PROJECT},
        by_name["核心账务-11"] | {"project": PROJECT, "hostname": "core-11"},
        by_name["核心账务-16"] | {"project": "nothing"},
        by_name[taken] | {"project": PROJECT},
        by_name["risk-engine-03"] | {"project": PROJECT},
        by_name["核心账务-01"] | {"project": PROJECT},
        by_name["template-linux-9"] | {"project": PROJECT},
        by_name["risk-engine-08"] | {"id": "0198b0c0-0000-7000-8000-000000000000", "project": PROJECT},
        by_name["报表平台-14"] | {"project": PROJECT, "hostname": "core-11"},
        by_name["risk-engine-18"] | {"project": ""},
    ]
    content = written(wanted) + b"\xff\xff,vmware\n"
    asked = Asked(watched, imported(watched.operator, content))
    results = {line["number"]: line for line in asked.watched.operator.all_of(lines_of(asked))}
    assert {number: (line["problem"] or {}).get("code") for number, line in results.items()} == {
        2: None,
        3: None,
        4: "unknown-system",
        5: "address-taken",
        6: None,
        7: "machine-named-twice",
        8: "machine-not-adoptable",
        9: "machine-not-observed",
        10: "machine-named-twice",
        12: "bad-encoding",
    }
    assert results[6]["state"] == "unchanged"
    asked.decided(head, "approve")
    assert {line["number"] for line in watched.operator.all_of(lines_of(asked), state="adopted")} == {2, 3}
    again = imported(watched.operator, content)
    assert (again["state"], again["lines"]["refused"], again["lines"]["unchanged"]) == ("ended", 7, 3)


def exported(operator: Caller) -> list[dict[str, str]]:
    answer = operator.client.get("/v1/adoption-export", params={"region": REGION})
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def written(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def imported(operator: Caller, content: bytes) -> dict[str, Any]:
    batch: dict[str, Any] = operator.post(
        "/v1/adoption-imports", {"content": base64.b64encode(content).decode(), "file": "a.csv"}, 201
    )
    return batch


def lines_of(asked: Asked) -> str:
    return f"/v1/adoptions/{asked.batch['id']}/lines"


def test_a_file_that_is_none_is_refused_whole(watched: Watched) -> None:
    for content in (b"", b"\x00\x01", b"name,where\na,b\n"):
        body = {"content": base64.b64encode(content).decode()}
        assert watched.operator.post("/v1/adoption-imports", body, 422)["code"] == "malformed-request"
    empty = {"content": base64.b64encode(b"id,project\n").decode()}
    assert watched.operator.post("/v1/adoption-imports", empty, 422)["code"] == "nothing-to-adopt"


def test_a_quota_may_be_passed_and_shows_it(watched: Watched, ask: Any, head: Caller) -> None:
    security = watched.stage.as_("zhou.jie")
    quota = {"scope": "project", "code": PROJECT, "resource": "servers", "limit": 1}
    security.send("PUT", "/v1/quotas", quota, 200)
    ask("网银/前置-12").decided(head, "approve")
    (servers,) = [each for each in head.get("/v1/quotas", project=PROJECT)["items"] if each["resource"] == "servers"]
    assert servers["exceeded"] == servers["used"] - 1 > 0
    security.send("PUT", "/v1/quotas", quota | {"limit": None}, 200)


def test_it_is_given_back_and_nothing_is_lost(watched: Watched, ask: Any, head: Caller) -> None:
    line = ask("网银/前置-17", hostname="front-17").decided(head, "approve")["网银/前置-17"]
    at = f"/v1/servers/{line['server_id']}"
    address = watched.operator.get(at)["address"]
    watched.operator.done(watched.operator.post(f"{at}/unadopt", {}, 202))
    gone = watched.operator.get(at)
    assert (gone["state"], gone["hostname"]) == ("unadopted", "front-17")
    assert watched.operator.post(f"{at}/unadopt", {}, 409)["code"] == "not-adopted"
    thing = watched.thing("网银/前置-17")
    assert (thing["power"], thing["gone_at"]) == ("on", None), "it runs on"
    plan = watched.stage.as_(SYSTEM_ADMINISTRATOR).all_of(f"/v1/networks/{NETWORK}/addresses")
    assert address not in {each["address"] for each in plan}
    (again,) = watched.operator.all_of("/v1/adoption-proposals", name="网银/前置-17")
    assert (again["ladder"], again["obstacles"]) == ("observed", [])
    second = ask("网银/前置-17", hostname="front-17").decided(head, "approve")["网银/前置-17"]
    assert second["server_id"] != line["server_id"]


def test_power_is_followed(watched: Watched, adopted: dict[str, Any]) -> None:
    with watched.vcenter.as_colleague() as colleague:
        machine = colleague.machine("risk-engine-03")
        colleague.do(machine.PowerOff)
        watched.operator.becomes(f"/v1/servers/{adopted['id']}", "state", "stopped")
        colleague.do(machine.PowerOn)
        watched.operator.becomes(f"/v1/servers/{adopted['id']}", "state", "active")


def test_an_operator_adopts_and_manages_at_the_terminal(watched: Watched, jinyun: Jinyun, head: Caller) -> None:
    watched.stage.adopt_rules(
        {"name": "adoption", "when": {"kinds": ["adoption"]}, "approval": "none"},
        {"name": "rest", "stages": [{"approvers": [{"by": "department-head"}]}]},
    )
    as_operator = partial(jinyun, "-p", OPERATOR)
    assert "adopted" in as_operator("adopt", "machine", "risk-engine-08", "--project", PROJECT)
    assert "managed" in as_operator("adopt", "promote", "risk-engine-08")
    assert "risk-engine-08" in as_operator("adopt", "proposals", "--ladder", "managed")
    assert "succeeded" in as_operator("adopt", "undo", "risk-engine-08", "--yes")
    assert "ended" in as_operator("adopt", "list")


def test_the_ranges_are_whole_again(watched: Watched) -> None:
    """No address that was recorded is handed out twice, and none is lost."""

    def work(session: Session) -> list[tuple[int, int]]:
        (stretch,) = session.scalars(
            select(AddressRange).join(Subnet).join(Network).where(Network.code == NETWORK)
        ).all()
        return sorted((gap.first, gap.last) for gap in stretch.gaps)

    plan = watched.stage.as_(SYSTEM_ADMINISTRATOR).all_of(f"/v1/networks/{NETWORK}/addresses")
    taken = {number_of(each["address"]) for each in plan}
    free = {number for first, last in watched.stage.database.read(work) for number in range(first, last + 1)}
    whole = set(range(number_of("10.60.0.1"), number_of("10.60.0.127") + 1))
    assert free == whole - taken
