"""Asking a region for a server's screen."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.consoles.models import ConsoleTicket
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.providers.base import ConsoleEndpoint
from jinyun.servers.steps.facts import facts


def open_console(step: StepContext) -> Outcome:
    """Have the region serve the screen, and keep where for whoever holds the ticket.

    Raises:
        Refused: the region offers no screen of this server.
    """
    server = facts(step)
    scope, found = server.observe(step)
    endpoint = scope.compute.console(found.id)
    step.write(lambda session: _keep(session, step.operation_id, endpoint))
    return done()


def _keep(session: Session, operation_id: str, endpoint: ConsoleEndpoint) -> None:
    ticket = session.scalars(select(ConsoleTicket).filter_by(operation_id=operation_id)).one()
    ticket.endpoint = {
        "url": endpoint.url,
        "origin": endpoint.origin or "",
        "subprotocols": ",".join(endpoint.subprotocols),
    }


class OpenConsole(Operation):
    """Open a server's screen."""

    kind = "open-console"
    title = Text("Open console", "打开控制台")
    steps = (
        Step(
            "open",
            open_console,
            Text("Ask the region for the screen", "向区域请求控制台"),
            timeout=timedelta(seconds=30),
        ),
    )


RECIPES = (OpenConsole,)
