"""The four kinds of error that a backend can give; whatever is none of them is a bug.

A provider turns every exception of its client library into one of these and keeps the backend's own words.
"""

from typing import ClassVar

from jinyun.kit.texts import Text


class BackendError(Exception):
    """Something that the backend said or failed to say.

    Args:
        words: what the backend said, unchanged; shown to operators.
        code: a stable code of the reason; names an entry of `REASONS`.
    """

    default_code: ClassVar[str] = "backend-error"

    def __init__(self, words: str, *, code: str | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.code = code or self.default_code

    def explanation(self) -> Text:
        """Return what happened in plain words, in both languages."""
        return REASONS.get(self.code, REASONS["backend-error"]).format(words=self.words)


class Transient(BackendError):
    """Nothing was done and a later try may succeed: 429, a read that failed, another task under way on the object."""

    default_code = "backend-busy"


class BackendDown(Transient):
    """The backend cannot be reached or lets nobody in: connection refused, 503, wrong password. Waiting is right."""

    default_code = "backend-down"


class OutcomeUnknown(BackendError):
    """Nobody knows whether a change was made: time-out, 500, 502, 504, connection lost. Read the state back."""

    default_code = "outcome-unknown"


class Refused(BackendError):
    """The backend will not do this, now or later, as it was asked: undo what went before."""

    default_code = "refused"


class Missing(Refused):
    """The object that the call names does not exist in the backend."""

    default_code = "missing-in-backend"


REASONS: dict[str, Text] = {
    "backend-error": Text("The region reported: {words}", "区域返回：{words}"),
    "backend-busy": Text("The region is busy: {words}", "区域繁忙：{words}"),
    "backend-down": Text("The region cannot be reached: {words}", "无法连接区域：{words}"),
    "credentials-rejected": Text(
        "The region rejects Jinyun's user name or password: {words}", "区域拒绝了金云的用户名或密码：{words}"
    ),
    "outcome-unknown": Text(
        "The region did not answer in time; its state is read before anything is repeated: {words}",
        "区域未及时响应；重试之前将先读取其实际状态：{words}",
    ),
    "refused": Text("The region refuses the request: {words}", "区域拒绝了该请求：{words}"),
    "missing-in-backend": Text("It no longer exists in the region: {words}", "区域中已不存在该对象：{words}"),
    "no-host-available": Text(
        "No host of the pool has room for this server: {words}", "资源池中没有主机能容纳该服务器：{words}"
    ),
    "image-too-large": Text(
        "The image needs a larger disk than the flavor has: {words}", "镜像所需磁盘大于规格的磁盘：{words}"
    ),
    "address-in-use": Text("The address is taken in the region: {words}", "该地址在区域中已被占用：{words}"),
    "quota-in-backend": Text(
        "The region's own quota is full although Jinyun's is not; an operator must lift it: {words}",
        "区域自身的配额已满（金云配额未满），需由运维人员调整：{words}",
    ),
    "not-permitted": Text(
        "Jinyun's user may not do this in the region: {words}", "金云在该区域的账号没有相应权限：{words}"
    ),
    "not-offered": Text("The region does not offer this: {words}", "区域不支持该操作：{words}"),
    "has-owner": Text("It belongs to somebody by now: {words}", "该对象现在已有归属：{words}"),
    "wrong-state": Text("The object's state does not allow this: {words}", "对象当前状态不允许此操作：{words}"),
}
"""Plain words for each reason code; `{words}` is what the backend said."""
