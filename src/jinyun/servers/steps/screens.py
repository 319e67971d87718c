"""Looking at a server: what it prints on its serial console."""

from datetime import timedelta

from sqlalchemy.orm import Session

from jinyun.kit.clock import utc_now
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done
from jinyun.servers.models import ConsoleOutput
from jinyun.servers.steps.facts import facts


def read_console(step: StepContext) -> Outcome:
    """Read the end of the serial console's output and keep it for whoever asked."""
    server = facts(step)
    scope, found = server.observe(step)
    output = scope.compute.console_log(found.id, int(step.parameters["lines"]))
    step.write(lambda session: _keep(session, step.operation_id, server.id, output))
    return done(characters=len(output))


def _keep(session: Session, operation_id: str, server_id: str, output: str) -> None:
    session.merge(ConsoleOutput(operation_id=operation_id, server_id=server_id, output=output, read_at=utc_now()))


class ReadConsole(Operation):
    """Read a server's serial console."""

    kind = "read-console"
    title = Text("Read console output", "读取控制台输出")
    steps = (
        Step(
            "read", read_console, Text("Ask the region for the output", "向区域读取输出"), timeout=timedelta(minutes=1)
        ),
    )
