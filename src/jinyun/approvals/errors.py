"""What can stand against a decision."""

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
