"""The command line `jinyun`: a client of the API, and the doors to the processes of an installation."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 a problem, 2 wrong usage, 3 not signed in, 4 server unreachable."""
    from jinyun.cli.app import app
    from jinyun.cli.failures import Failure, show_failure

    try:
        app(args=arguments, prog_name="jinyun")
    except Failure as failure:
        show_failure(failure)
        sys.exit(failure.exit_code)
