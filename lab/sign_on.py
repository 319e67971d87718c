"""Single sign-on for the sample bank (OpenID Connect): a provider to try with, which asks for nobody's password.

Who holds one of the bank's roles is not in it: whoever is on this machine can come in as anybody who is.
"""

import logging
import os
import sys
import warnings
from typing import Any

import yaml
from werkzeug.serving import run_simple

from lab.facts import LOOPBACK
from lab.layout import CHECKOUT

SAMPLE_BANK = CHECKOUT / "src" / "jinyun" / "organisation" / "sample_bank.yaml"

GROUP = "cloud"
"""The group that everybody here is in, and that Jinyun asks for."""


def provider() -> Any:
    """Return the provider (WSGI); it knows the people of the sample bank by their logins."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the loopback needs no TLS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, app

    made = app(user_claims=[User(sub=claims["preferred_username"], claims=claims) for claims in _people()])
    made.debug, made.wsgi_app = False, made.wsgi_app.app  # no debugger behind the error pages
    logging.getLogger("oidc_provider_mock").setLevel(logging.ERROR)
    return made


def main() -> None:
    """Serve it on a port of the loopback until told to stop."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple(LOOPBACK, int(sys.argv[1]), provider(), threaded=True)


def _people() -> list[dict[str, Any]]:
    people = yaml.safe_load(SAMPLE_BANK.read_text(encoding="utf-8"))["people"]
    return [
        {"preferred_username": each["login"], "name": each["name"], "groups": [GROUP]}
        for each in people
        if not each.get("roles")
    ]


if __name__ == "__main__":
    main()
