"""What can stand against a decision."""

from jinyun.approvals.models import Chain
from jinyun.approvals.states import DECIDES, ENDS
from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text


class NotYourDecision(Problem):
    """The caller may see the request, but somebody else was asked."""

    status = 403
    detail = Text("This decision is not yours; {approver} was asked.", "该审批不由您处理，审批人为 {approver}。")
    hint = Text("Leave it to the approver who is named.", "请由指定的审批人处理。")


class OwnRequest(Problem):
    """Nobody decides on what he asked for himself."""

    status = 403
    detail = Text("You asked for this yourself; somebody else must decide.", "这是您本人提交的申请，须由他人审批。")
    hint = Text("Ask another approver.", "请联系其他审批人。")


class AlreadyDecided(Problem):
    """It was decided, or withdrawn, before."""

    status = 409
    detail = Text("{who} already decided this at {when}: {verb}.", "{who} 已于 {when} 处理：{verb}。")
    hint = Text("Nothing is left to do; read the chain for its reasons.", "无需再处理；可查看审批链了解理由。")


class NotYourTurn(Problem):
    """The stages before his are not passed yet."""

    status = 409
    detail = Text("Earlier stages have to be passed before you decide.", "须待前面的环节通过后，才轮到您审批。")
    hint = Text(
        "It is on your list, `GET /v1/todos`, when it is your turn.",
        "轮到您时，该事项会出现在您的待办 `GET /v1/todos` 中。",
    )


class ContentChanged(Problem):
    """What would be approved is not what the caller read."""

    status = 409
    detail = Text("The request was changed since you read it.", "该申请在您查看之后已发生变更。")
    hint = Text("Read it again, then decide.", "请重新查看后再审批。")


class ChainPending(Problem):
    """A subject has at most one chain that waits for a decision."""

    status = 409
    detail = Text("This is already waiting for approval.", "该申请已在审批中。")
    hint = Text("Wait for the decision, or withdraw it first.", "请等待审批结果，或先撤回。")


class OnlyYourWord(Problem):
    """A delegate is asked for his word; deciding is left to whoever delegated it."""

    status = 403
    detail = Text("You were asked for your word; {approver} decides.", "仅征求您的意见，由 {approver} 审批。")
    hint = Text("Answer it: it goes back then.", "请答复意见，答复后将退回原审批人。")


class NotDelegated(Problem):
    """Nobody is asked for his word."""

    status = 409
    detail = Text("Nobody was asked for his word here.", "该审批未征求他人意见。")
    hint = Text("Approve, reject or return it.", "请批准、驳回或退回。")


class SaidYesAlready(Problem):
    """Nobody says yes twice in one stage: not for himself and for somebody else, or for a role."""

    status = 409
    detail = Text("You said yes in this stage already.", "您已在该环节批准过。")
    hint = Text("Another person has to say yes.", "须由另一人批准。")


class NotEligible(Problem):
    """This person cannot be asked here."""

    status = 422
    detail = Text(
        "{login} cannot be asked here: not known, the applicant, asked in this stage already, or not entitled to it.",
        "不能由 {login} 审批：该人员不存在、为申请人、已在该环节中，或没有相应权限。",
    )
    hint = Text(
        "See who can: `GET /v1/assignments/{{assignment_id}}/eligible`.",
        "可选人员见 `GET /v1/assignments/{{assignment_id}}/eligible`。",
    )


class NotAnEarlierStage(Problem):
    """A chain is returned to a stage before the present one, or to an applicant."""

    status = 422
    detail = Text("The chain cannot be returned to stage {stage}.", "不能退回到第 {stage} 环节。")
    hint = Text("Give an earlier stage, or none for the applicant.", "请指定更早的环节；不指定则退回申请人。")


class OnlyTheApplicant(Problem):
    """Only who asked may have another approver asked."""

    status = 403
    detail = Text("Only the applicant may do this.", "仅申请人可以执行此操作。")
    hint = Text("The approver himself can transfer it.", "审批人本人可以转交。")


class ChainReturnedToApplicant(Problem):
    """Nobody decides while the applicant has it back."""

    status = 409
    detail = Text("The applicant has it back; nobody decides meanwhile.", "已退回申请人，期间无须审批。")
    hint = Text("It is asked again when he hands it in again.", "申请人重新提交后将继续审批。")


def already_decided(chain: Chain, assignment_id: str | None = None) -> AlreadyDecided:
    """Say who decided an assignment, or else ended the chain, and when."""
    told = [entry for entry in chain.decisions if entry.verb in DECIDES or entry.verb in ENDS]
    own = [entry for entry in told if entry.assignment_id == assignment_id]
    last = (own or told)[-1]
    when = last.at.isoformat(timespec="seconds")
    return AlreadyDecided(who=last.person.name if last.person else "Jinyun", when=when, verb=last.verb)
