"""Where `deploy/test` finds the lab's database for tests; with `--check`, whether the lab can run here at all."""

import sys

from lab import facts, host, passwords
from lab.catalogue.infrastructure import DATABASE
from lab.layout import Layout

NAME = "jinyun_test"


def main() -> int:
    """Print the database's address, or why the lab cannot run here."""
    try:
        host.check_machine()
    except host.Refused as refused:
        print(refused, file=sys.stderr)  # noqa: T201
        return 1
    if "--check" not in sys.argv[1:]:
        print(_address())  # noqa: T201 - read by the script that runs this
    return 0


def _address() -> str:
    password = passwords.load(Layout.here().secrets)["database_jinyun"]
    return f"mysql+pymysql://jinyun:{password}@{facts.LOOPBACK}:{DATABASE.port}/{NAME}?charset=utf8mb4"


if __name__ == "__main__":
    sys.exit(main())
