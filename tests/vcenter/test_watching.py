"""What others do at the vCenter shows here within seconds, and nothing that goes wrong there loses anything."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyVmomi import vim, vmodl
from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.inventory.models import EstateReading
from jinyun.inventory.storage_samples import sample_storage
from jinyun.kit.database import Database
from jinyun.providers.vsphere import collector
from tests.api import APPLICANT, OPERATOR, SYSTEM_ADMINISTRATOR
from tests.stories.conftest import Jinyun
from tests.vcenter.conftest import REGION, Watched
from tests.vcenter.simulator import PASSWORD


def test_a_vcenter_shows_as_region_with_pools_and_capacity(watched: Watched) -> None:
    region = watched.administrator.get(f"/v1/regions/{REGION}")
    assert (region["state"], region["simulated"], region["zones"]) == ("ready", True, ["DC0"])
    assert region["release"].endswith("(vcsim)")
    pools = {pool["name"]: pool for pool in watched.operator.all_of("/v1/pools", region=REGION)}
    assert {pool["hypervisor"] for pool in pools.values()} == {"vmware"}
    capacity = {pool["name"]: pool for pool in watched.operator.all_of("/v1/capacity")}
    assert capacity["DC0_C0"]["physical"]["vcpus"] == 3 * 64
    assert capacity["DC0_C0"]["used"]["vcpus"] == 2 * (2 + 4 + 8 + 4 + 2)


def test_datastores_and_clusters_show_thick_and_thin(watched: Watched) -> None:
    sample_storage(watched.stage.database)  # a worker may have done so already
    path = "/v1/capacity/samples"
    stores = {each["name"]: each["figures"] for each in watched.operator.get(path, kind="store")["items"]}
    assert stores["LocalDS_0"]["physical"] == {"disk_gib": 10 * 1024}
    assert stores["LocalDS_0"]["used"] == {"disk_gib": 4 * 1024}
    clusters = {each["name"]: each["figures"] for each in watched.operator.get(path, kind="cluster")["items"]}
    assert set(clusters) == {"DC0_C0", "DC0_C1"}
    told = sum(each.get("thin", {"disk_gib": 0})["disk_gib"] for each in stores.values())
    assert told == sum(each["thin"]["disk_gib"] for each in clusters.values()) == 4 * 20 * (2 + 4 + 8 + 4 + 2)


def test_everything_is_listed_paged_and_filtered(watched: Watched) -> None:
    assert len(watched.operator.all_of("/v1/observed", limit=7)) == 20
    assert watched.things(name="网银").keys() == {f"网银/前置-{number:02d}" for number in (2, 7, 12, 17)}
    assert watched.things(address="10.60.0.3").keys() == {"网银/前置-02"}
    assert len(watched.things(cluster="DC0_C1", region=REGION)) == 10
    assert watched.things(power="off").keys() == {"template-linux-9"}
    assert watched.things(kind="volume") == {}
    watched.operator.get("/v1/observed", 404, region="nowhere")
    watched.stage.as_(APPLICANT).get("/v1/observed", 403)


def test_a_change_by_somebody_else_shows(watched: Watched) -> None:
    with watched.vcenter.as_colleague() as colleague:
        machine = colleague.machine("core-ledger-00")
        colleague.do(machine.PowerOff)
        watched.until(lambda: watched.thing("core-ledger-00")["power"] == "off", "the machine is off")
        colleague.do(lambda: machine.Reconfigure(vim.vm.ConfigSpec(numCPUs=16)))
        watched.until(lambda: watched.thing("core-ledger-00")["facts"]["vcpus"] == 16, "it has 16 CPUs")
        before = watched.thing("core-ledger-00")["id"]
        colleague.do(lambda: machine.Rename_Task("总账%2f主库"))
        watched.until(lambda: watched.thing("总账/主库") != {}, "it has its new name")
        assert watched.thing("总账/主库")["id"] == before
        colleague.do(lambda: machine.CreateSnapshot("before patching", "", False, False))
        watched.until(lambda: len(watched.thing("总账/主库")["facts"]["snapshots"]) == 1, "the snapshot shows")


def test_what_vanishes_is_marked_and_stays(watched: Watched) -> None:
    with watched.vcenter.as_colleague() as colleague:
        machine = colleague.machine("core-ledger-05")
        colleague.do(machine.PowerOff)
        colleague.do(machine.Destroy)
    watched.until(lambda: watched.thing("core-ledger-05") == {}, "the machine is gone")
    assert watched.thing("core-ledger-05", gone=True)["gone_at"]


def test_what_is_moved_shows_with_the_next_reading(watched: Watched) -> None:
    with watched.vcenter.as_colleague() as colleague:
        machine = colleague.machine("risk-engine-03")
        folder = machine.parent.CreateFolder("风控%2f生产")
        colleague.do(lambda: folder.MoveInto([machine]))
    watched.read_anew()
    assert watched.thing("risk-engine-03")["facts"]["folder"] == "vm/风控/生产"


def test_tags_custom_fields_and_what_may_not_be_read(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    with watched.vcenter.as_colleague() as colleague:
        machine = colleague.machine("报表平台-04")
        colleague.tag(machine, "应用系统", "reporting")
        fields = colleague.session.ask(lambda content: content.customFieldsManager)
        field = fields.AddCustomFieldDef("owner", vim.VirtualMachine, None, None)
        fields.SetField(machine, field.key, "li.wei")
    read = collector._read
    hidden = vmodl.query.PropertyCollector.MissingProperty(path="guest.net", fault=vim.fault.NoPermission())

    def without_rights(content: Any) -> collector.Read:
        """Stand in for a vCenter that hides the guest of one machine: the simulator asks for no rights."""
        if content.obj._moId == machine._moId and any(each.name == "guest.net" for each in content.propSet):
            content.propSet = [each for each in content.propSet if each.name != "guest.net"]
            content.missingSet = [hidden]
        return read(content)

    monkeypatch.setattr(collector, "_read", without_rights)
    watched.read_anew()
    thing = watched.thing("报表平台-04")
    assert thing["facts"]["tags"] == [{"category": "应用系统", "name": "reporting"}]
    assert thing["facts"]["custom_fields"] == {"owner": "li.wei"}
    assert (thing["unreadable"], thing["facts"]["nics"][0]["addresses"]) == (["guest.net"], [])
    assert watched.estate()["unreadable"] == {"guest.net": 1}
    assert watched.estate()["things"] == 19, "the rest goes on"
    monkeypatch.undo()
    watched.read_anew()
    assert watched.estate()["unreadable"] == {}


def test_a_session_that_ended_is_made_anew(watched: Watched) -> None:
    with watched.vcenter.as_colleague() as colleague:
        colleague.end_all_other_sessions()
        colleague.do(lambda: colleague.machine("risk-engine-08").PowerOff())
        watched.until(lambda: watched.thing("risk-engine-08")["power"] == "off", "the change shows")


def test_a_vcenter_that_is_away_shows_its_age_and_comes_back(watched: Watched) -> None:
    watched.vcenter.stop()
    watched.until(lambda: watched.problem() == "backend-down", "it is said to be away")
    assert watched.estate()["things"] == 19, "what is known stays"
    watched.vcenter.start()
    watched.until(lambda: watched.estate()["failed_at"] is None, "it is back")
    assert watched.thing("core-ledger-05")["power"] == "on", "the simulator forgot what was done, and so it shows"


def test_a_wrong_password_is_named_and_a_right_one_heals(watched: Watched) -> None:
    administrator = watched.stage.as_(SYSTEM_ADMINISTRATOR)
    administrator.send("PUT", f"/v1/regions/{REGION}/secret", {"secret": "wrong"}, 200)
    watched.until(lambda: watched.problem() == "credentials-rejected", "it is named")
    administrator.send("PUT", f"/v1/regions/{REGION}/secret", {"secret": PASSWORD}, 200)
    watched.until(lambda: watched.estate()["failed_at"] is None, "it is well again")


def test_another_worker_takes_over(watched: Watched) -> None:
    assert holder_of(watched.stage.database) == "one"
    with watched.worker("two"):
        pass_on(watched.stage.database, "two")
        with watched.vcenter.as_colleague() as colleague:
            colleague.do(lambda: colleague.machine("risk-engine-13").PowerOff())
        watched.until(lambda: watched.thing("risk-engine-13")["power"] == "off", "the other sees the change")
        assert holder_of(watched.stage.database) == "two"


def holder_of(database: Database) -> str | None:
    return database.read(lambda session: session.scalars(select(EstateReading.holder)).one())


def pass_on(database: Database, holder: str) -> None:
    """Give the lease to another worker, as happens when the first one was away for too long."""

    def give(session: Session) -> None:
        session.scalars(select(EstateReading)).one().holder = holder

    database.write(give)


def test_operators_see_it_at_the_terminal(watched: Watched, jinyun: Jinyun) -> None:
    as_operator = partial(jinyun, "-p", OPERATOR)
    assert "网银/前置-02" in as_operator("observed", "list", "--region", REGION, "--name", "网银")
    shown = as_operator("observed", "show", "网银/前置-02")
    assert "10.60.0.3" in shown
    assert '"network": "DC0_DVPG0"' in shown
    assert REGION in as_operator("observed", "status")
    assert "20" in as_operator("observed", "read", REGION)


def test_another_vcenter_is_registered_at_the_terminal(watched: Watched, jinyun: Jinyun, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    public = watched.vcenter.public
    where = ("--vcenter", public["url"], "--user", public["username"], "--ca-file", public["cacert"])
    register = ("region", "register", "vmware-2", *where, "--password-file", str(tmp_path / "password"))
    assert "succeeded" in jinyun("-p", SYSTEM_ADMINISTRATOR, *register)
    watched.until(lambda: len(watched.things(region="vmware-2")) == 20, "both are watched, each by itself")
