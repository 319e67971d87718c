"""The real way: the lab's OpenStack, MariaDB, two API nodes and two workers behind HAProxy."""

import subprocess
from collections.abc import Mapping

from deploy.local.commands import CHECKOUT, CommandFailed, Site, answers, say, wait_until
from lab import facts, passwords
from lab.catalogue import jinyun as services
from lab.catalogue import vcenter
from lab.catalogue.infrastructure import QUEUE
from lab.facts import LOOPBACK
from lab.layout import Layout
from lab.vcenter import USER

REGION = "lab"
URL = f"http://127.0.0.1:{services.API.port}"
LAB = CHECKOUT / "bin" / "lab"


def _start() -> None:
    if subprocess.run([str(LAB), "up", "--with", services.GROUP, "--with", vcenter.GROUP], check=False).returncode != 0:
        raise CommandFailed("the lab did not come up; what it said stands above")
    wait_until("Jinyun answers", lambda: answers(URL), 60)


def _stop() -> None:
    if subprocess.run([str(LAB), "down"], check=False).returncode != 0:
        raise CommandFailed("the lab did not go down; what it said stands above")


def _environment() -> Mapping[str, str]:
    return services.environment(Layout.here())


def _registration() -> tuple[str, ...]:
    return ("--name", "OpenStack on this machine", "--cloud", "lab", "--clouds-yaml", str(Layout.here().clouds))


def _listening() -> tuple[str, ...]:
    """Options that name the cloud's message bus; the password goes by a file."""
    layout = Layout.here()
    file = layout.state / "listener.password"
    passwords.write_private(file, passwords.load(layout.secrets)["rabbitmq_listener"])
    url = f"rabbit://{facts.LISTENER}@{LOOPBACK}:{QUEUE.port}/"
    return ("--bus", url, "--topic", facts.NOTIFICATIONS, "--password-file", str(file))


def _vmware() -> tuple[str, ...]:
    """Options that register the vCenter beside the cloud."""
    files = vcenter.folder(Layout.here())
    url = f"https://{LOOPBACK}:{vcenter.VCENTER.port}"
    return (
        *("--name", "VMware simulated by vcsim", "--vcenter", url, "--user", USER),
        *("--password-file", str(files / "password"), "--ca-file", str(files / "ca.crt")),
    )


def _farewell() -> None:
    data = Layout.here().data
    say(
        f"""
Jinyun answers at {URL}: the console in a browser, the API below /v1 (document: {URL}/v1/openapi.json).
Sample people (passwords in {data}/people/): li.wei orders, wang.fang approves for her department, zhao.yun
operates, sun.hao looks after regions, pools and the catalogue. Mail that they get lies in {data}/state/mail.
Try next:
  bin/jinyun login li.wei --password-file {data}/people/li.wei.password
  bin/jinyun server list
  bin/jinyun server log first-server
  bin/jinyun order server --help
  bin/jinyun -p zhao.yun observed list --region vmware     (a vCenter, simulated by vcsim)
  bin/lab status"""
    )


SITE = Site(
    region=REGION,
    url=URL,
    data=Layout.here().data,
    pools=("kvm-general",),
    start=_start,
    stop=_stop,
    environment=_environment,
    registration=_registration,
    listening=_listening,
    vmware=_vmware,
    reachable=True,
    farewell=_farewell,
)
