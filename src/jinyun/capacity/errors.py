"""Why something cannot be promised."""

from jinyun.kit.errors import Problem
from jinyun.kit.texts import Text

FULL = Text("Pool {pool} has no room for it.", "资源池 {pool} 没有足够空间。")


class QuotaExceeded(Problem):
    """A limit of the application system or of a department above it would be passed."""

    status = 409
    detail = Text(
        "{scope} may have {limit} of {resource}; {used} are used and {held} held, {wanted} more are wanted.",
        "{scope} 的 {resource} 配额为 {limit}，已用 {used}，已预占 {held}，本次需要 {wanted}。",
    )
    hint = Text(
        "Order less, release something, or ask a security administrator for a higher quota.",
        "请减少申请量、释放资源，或请安全管理员提高配额。",
    )


class QuotaAboveParent(Problem):
    """A limit would be higher than the nearest one above it."""

    status = 409
    detail = Text(
        "{scope} may not have {wanted} of {resource}: {parent} above it has {limit}, set by {login}.",
        "{scope} 的 {resource} 配额不能为 {wanted}：其上级 {parent} 的配额为 {limit}，由 {login} 设置。",
    )
    hint = Text("Set it lower, or have the one above raised first.", "请设置得更低，或先请人提高上级配额。")


class QuotaBelowOthers(Problem):
    """A limit would be lower than some below it."""

    status = 409
    detail = Text(
        "{count} below {scope} have a higher limit of {resource} than {wanted}: {names}.",
        "{scope} 之下有 {count} 个 {resource} 配额高于 {wanted}：{names}。",
    )
    hint = Text(
        "Lower those first, or set it with `lower_below`: they are lowered with it.",
        "请先降低它们，或使用 `lower_below` 一并降低。",
    )


class NoCapacity(Problem):
    """No pool can take it."""

    status = 409
    detail = Text("{reason}", "{reason}")
    hint = Text(
        "Ask for less or for another zone, or ask the operators for more capacity.",
        "请减少申请量或更换可用区，或请运维人员扩容。",
    )

    def __init__(self, reason: Text, *, field: str | None = None) -> None:
        super().__init__(field=field, reason=reason.en)
        self.reason = reason

    def explanation(self) -> Text:
        """Return why each pool was out of the question: it is bilingual already."""
        return self.reason


class HoldGone(Problem):
    """It was given back, or nobody decided in time."""

    status = 409
    detail = Text("What was held for this was given back at {when}.", "为此预占的资源已于 {when} 释放。")
    hint = Text("Submit it again: it is placed anew.", "请重新提交，系统将重新分配。")
