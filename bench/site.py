"""The installation that benchmarks run on."""

from pathlib import Path

from deploy.local import opening, real
from deploy.local.commands import Site, answers
from jinyun.cli.addresses import path_to
from jinyun.cli.client import Client


def bring_up() -> Site:
    """Return the lab with Jinyun in it; it is brought up where it is not."""
    if not answers(real.URL):
        real.SITE.start()
        opening.load_bank(real.SITE)
        opening.open_region(real.SITE)
    return real.SITE


def signed_in(site: Site, person: str) -> Client:
    """Return the API as one of the sample people sees it."""
    password = Path(site.data / "people" / f"{person}.password").read_text().strip()
    opened = Client(site.url, None, "en").post(path_to("sessions"), {"login": person, "password": password})
    return Client(site.url, opened["token"], "en")
