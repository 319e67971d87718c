"""What becomes of a line."""

from jinyun.adoption import states
from jinyun.adoption.models import AdoptionLine
from jinyun.kit.errors import Problem


def refuse(line: AdoptionLine, problem: Problem) -> None:
    """Write down that a line cannot be, and why."""
    hint = problem.hint.format(**problem.values)
    line.state = states.REFUSED
    line.problem = {
        "code": problem.code,
        "field": problem.field,
        **problem.explanation().as_dict(),
        "hint": hint.as_dict(),
    }
