"""The way without a cloud: SQLite, one process, and a region that is simulated, which is said wherever it shows."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.local.commands import CHECKOUT, JINYUN, Site, answers, say, wait_until
from jinyun.kit.vault import create_keys
from jinyun.providers.simulated.build import LIFELIKE, WorldOptions, build_world

REGION = "simulated"
PORT = 8880
URL = f"http://127.0.0.1:{PORT}"
DATA = CHECKOUT / ".run"
WORLD = DATA / "simulated-region.db"
PID_FILE = DATA / "jinyun.pid"


def _start() -> None:
    say("SIMULATED REGION: servers of this installation exist in a file only")
    DATA.mkdir(mode=0o700, exist_ok=True)
    create_keys(DATA / "keys")
    build_world(WORLD, WorldOptions(work_seconds=LIFELIKE, external_network=True))
    SITE.run(str(JINYUN), "db", "upgrade")
    if _running() is None:
        _spawn()
    wait_until("Jinyun answers", lambda: answers(URL), 30)


def _spawn() -> None:
    with (DATA / "jinyun.log").open("a") as log:
        process = subprocess.Popen(
            [str(JINYUN), "run"],
            env={**os.environ, **_environment()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    PID_FILE.write_text(f"{process.pid}\n")


def _stop() -> None:
    pid = _running()
    if pid is None:
        return
    say("Jinyun on the simulated region ends")
    os.kill(pid, signal.SIGTERM)
    wait_until("Jinyun ends", lambda: _running() is None, 30)
    PID_FILE.unlink()


def _running() -> int | None:
    """Return the process id of our Jinyun, or None: a number left over from before a crash may be anybody's."""
    try:
        pid = int(PID_FILE.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"jinyun" in command else None


def _environment() -> Mapping[str, str]:
    return {
        "JINYUN_DATABASE_URL": f"sqlite:///{DATA}/jinyun.db",
        "JINYUN_KEY_DIRECTORY": str(DATA / "keys"),
        "JINYUN_LISTEN_PORT": str(PORT),
        "JINYUN_PUBLIC_URL": URL,
    }


def _registration() -> tuple[str, ...]:
    return ("--name", "Simulated region", "--simulated", "--world", str(WORLD))


def _farewell() -> None:
    say(
        f"""
Jinyun answers at {URL}: the console in a browser, the API below /v1 (document: {URL}/v1/openapi.json).
ITS REGION IS SIMULATED: no machine is behind it.
Sample people (passwords in {DATA}/people/): li.wei orders, wang.fang approves for her department, zhao.yun
operates, sun.hao looks after regions, pools and the catalogue.
Try next:
  export JINYUN_URL={URL}
  bin/jinyun login li.wei --password-file {DATA}/people/li.wei.password
  bin/jinyun server list
  bin/jinyun order server --help"""
    )


SITE = Site(
    region=REGION,
    url=URL,
    data=DATA,
    pools=("kvm-general",),
    start=_start,
    stop=_stop,
    environment=_environment,
    registration=_registration,
    listening=None,
    vmware=None,
    reachable=False,
    farewell=_farewell,
)
