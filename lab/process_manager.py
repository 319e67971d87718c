"""supervisord, watching its children by select().

With poll() it can be left with a file descriptor of a client long gone, reused for a child that has closed its own end:
the error of that pipe is reported at every look, taken for nothing, and costs a whole core (Supervisor issue 807).
select() reports it as readable, and supervisord then finds that nobody reads there and forgets it.
"""

from supervisor import poller, supervisord


def main() -> None:
    """Run supervisord with the arguments of the command line."""
    poller.Poller = poller.SelectPoller
    supervisord.main()


if __name__ == "__main__":
    main()
