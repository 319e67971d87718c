"""Steps of adoption: our own database alone; a region is asked for nothing, and no guest is touched."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jinyun.adoption import states
from jinyun.adoption.adopting import Surroundings, adopt, give_back
from jinyun.adoption.lines import refuse
from jinyun.adoption.models import AdoptionClaim, AdoptionLine, AdoptionPart
from jinyun.kit.actor import Actor, platform_for
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done, wait
from jinyun.servers.models import Server

AT_ONCE = 25
"""How many machines one transaction adopts: another worker goes on behind the last one that was committed."""
PROGRESS = Text("{left} machines are left", "剩余 {left} 台机器")


class AdoptionCancelled(Problem):
    """Somebody stopped it before its turn."""

    status = 409
    detail = Text("The adoption was cancelled before this line's turn.", "在处理该行之前，纳管已被取消。")
    hint = Text("Ask for it again.", "请重新申请。")


def adopt_lines(step: StepContext) -> Outcome:
    """Adopt some of the machines that wait; a line that cannot be is refused, and the others go on."""
    actor = platform_for(step.actor.login, request_id=step.actor.request_id)
    left = step.write(lambda session: adopt_some(session, actor, step.parameters["part_id"]))
    return done() if left == 0 else wait(0, progress=PROGRESS.format(left=left))


def stop_adopting(step: StepContext) -> Outcome:
    """Refuse what is left; what was adopted stays so, and can be given back one by one."""
    step.write(lambda session: refuse_rest(session, step.parameters["part_id"]))
    return done()


def give_server_back(step: StepContext) -> Outcome:
    """Let the machine belong to nobody again; a second time nothing is left to do."""
    actor = platform_for(step.actor.login, request_id=step.actor.request_id)
    step.write(lambda session: give_back(session, actor, session.get_one(Server, step.parameters["server_id"])))
    return done()


def adopt_some(session: Session, actor: Actor, part_id: str) -> int:
    """Adopt the next few lines of a part; return how many are left."""
    part = session.get_one(AdoptionPart, part_id)
    waiting = (AdoptionLine.part_id == part_id, AdoptionLine.state == states.WAITING)
    lines = session.scalars(select(AdoptionLine).where(*waiting).order_by(AdoptionLine.number).limit(AT_ONCE)).all()
    around = Surroundings.look(session)
    for line in lines:
        try:
            with session.begin_nested():
                adopt(session, actor, around, line, part.project)
            line.state = states.ADOPTED
        except Problem as problem:
            _refuse(session, line, problem)
    session.flush()
    left = session.scalar(select(func.count()).select_from(AdoptionLine).where(*waiting)) or 0
    if left == 0:
        part.state = states.ENDED
    return left


def refuse_rest(session: Session, part_id: str) -> None:
    """Refuse the lines of a part that still wait: nobody goes through them any more."""
    part = session.get_one(AdoptionPart, part_id)
    waiting = (AdoptionLine.part_id == part_id, AdoptionLine.state == states.WAITING)
    for line in session.scalars(select(AdoptionLine).where(*waiting)):
        _refuse(session, line, AdoptionCancelled())
    part.state = states.ENDED


def _refuse(session: Session, line: AdoptionLine, problem: Problem) -> None:
    refuse(line, problem)
    session.execute(delete(AdoptionClaim).where(AdoptionClaim.line_id == line.id))


class AdoptMachines(Operation):
    """Make approved machines servers of an application system."""

    kind = "adopt-machines"
    title = Text("Adopt machines", "纳管机器")
    steps = (
        Step(
            "adopt",
            adopt_lines,
            Text("Adopt one after the other", "逐台纳管"),
            undo=stop_adopting,
            local=True,
        ),
    )


class UnadoptServer(Operation):
    """Let a machine that was adopted belong to nobody again."""

    kind = "unadopt-server"
    title = Text("Give adopted server back", "解除纳管")
    steps = (Step("give-back", give_server_back, Text("Give it back", "解除纳管"), local=True),)


RECIPES = (AdoptMachines, UnadoptServer)
