"""`make up` and `make down`."""

import argparse
import sys
import time

from deploy.local import opening, real, simulated
from deploy.local.commands import CommandFailed, Site, say
from deploy.local.first_order import deliver_first_server

SITES = {"lab": real.SITE, "simulated": simulated.SITE}


def main() -> int:
    """Bring everything up, deliver a first server, and say what to try next; or take everything down."""
    parser = argparse.ArgumentParser(prog="deploy.local")
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument("--region", choices=sorted(SITES), default="lab")
    arguments = parser.parse_args()
    try:
        if arguments.command == "up":
            _up(SITES[arguments.region])
        else:
            for site in SITES.values():
                site.stop()
    except CommandFailed as failure:
        print(f"make {arguments.command}: {failure}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _up(site: Site) -> None:
    began = time.monotonic()
    site.start()
    opening.load_bank(site)
    opening.open_region(site)
    opening.register_vmware(site)
    deliver_first_server(site)
    site.farewell()
    say(f"up after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
