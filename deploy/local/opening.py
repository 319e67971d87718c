"""The first day of an installation: people come in, the system administrator opens the region."""

from contextlib import suppress
from pathlib import Path

import yaml

from deploy.local.commands import JINYUN, CommandFailed, Site, say, wait_until

SYSTEM_ADMINISTRATOR, OPERATOR, APPLICANT, MANAGER = "sun.hao", "zhao.yun", "li.wei", "wang.fang"
READ_SECONDS = 90.0
VMWARE = "vmware"
SAMPLE_PEOPLE = (SYSTEM_ADMINISTRATOR, OPERATOR, APPLICANT, MANAGER)


def load_bank(site: Site) -> None:
    """Bring the sample bank in and sign the people in whom the first order needs."""
    say("the sample bank")
    passwords = site.data / "passwords.yaml"
    site.run(str(JINYUN), "bank", "load", "--passwords-file", str(passwords))
    known = (yaml.safe_load(passwords.read_text()) if passwords.exists() else None) or {}
    for person, password in known.items():
        _keep(site.data / "people" / f"{person}.password", password)
    for person in SAMPLE_PEOPLE:
        if person not in known:
            raise CommandFailed(f"{person}'s password is not in {passwords} any more: `bin/lab reset` begins anew")
        site.jinyun(person, "login", "--password-file", str(site.data / "people" / f"{person}.password"), quiet=True)


def open_region(site: Site) -> None:
    """Register the region, accept what it offers, and open its pools; what is done already stays as it is."""
    known = {region["code"] for region in site.asks(SYSTEM_ADMINISTRATOR, "region", "list")["items"]}
    if site.region not in known:
        say(f"the system administrator {SYSTEM_ADMINISTRATOR} opens the region {site.region}")
        site.jinyun(SYSTEM_ADMINISTRATOR, "region", "register", site.region, *site.registration())
        site.jinyun(SYSTEM_ADMINISTRATOR, "region", "accept-proposals", site.region)
        site.jinyun(SYSTEM_ADMINISTRATOR, "network", "accept-proposals", "--region", site.region)
    region = site.asks(SYSTEM_ADMINISTRATOR, "region", "show", site.region)
    if site.listening is not None and region["bus"] is None:
        site.jinyun(SYSTEM_ADMINISTRATOR, "region", "listen", site.region, *site.listening())
    for pool in site.asks(SYSTEM_ADMINISTRATOR, "pool", "list")["items"]:
        if pool["name"] in site.pools and not pool["orderable"]:
            site.jinyun(SYSTEM_ADMINISTRATOR, "pool", "set", pool["name"], "--region", site.region, "--orderable")
    with suppress(CommandFailed):  # what is wrong is said below
        wait_until(f"region {site.region} is read", lambda: _is_ready(site), READ_SECONDS, every_seconds=3)
    state = site.asks(SYSTEM_ADMINISTRATOR, "region", "show", site.region)
    if state["state"] != "ready":
        raise CommandFailed(f"region {site.region} is {state['state']}: {state['problem']}")


def register_vmware(site: Site) -> None:
    """Register the vCenter beside the region, where there is one: workers watch what is in it from then on."""
    known = {region["code"] for region in site.asks(SYSTEM_ADMINISTRATOR, "region", "list")["items"]}
    if site.vmware is not None and VMWARE not in known:
        say(f"the system administrator {SYSTEM_ADMINISTRATOR} registers the vCenter {VMWARE}, simulated by vcsim")
        site.jinyun(SYSTEM_ADMINISTRATOR, "region", "register", VMWARE, *site.vmware())


def _is_ready(site: Site) -> bool:
    """Tell whether the region was read; one that went down in the middle of a reading is read again."""
    if site.asks(SYSTEM_ADMINISTRATOR, "region", "show", site.region)["state"] == "ready":
        return True
    with suppress(CommandFailed):  # it is being read already
        site.jinyun(SYSTEM_ADMINISTRATOR, "region", "sync", site.region, quiet=True)
    return False


def _keep(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(f"{secret}\n")
