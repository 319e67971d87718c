"""Problems: every error that a user can meet is a class whose name is its code (RFC 9457)."""

import re
from typing import Any, ClassVar

from jinyun.kit.texts import Language, Text
from jinyun.kit.words import spoken

REGISTRY: dict[str, type["Problem"]] = {}
"""Every problem by its code; a code never changes its meaning."""


class Problem(Exception):
    """Something that the caller asked for and that cannot be.

    A subclass states its HTTP status, what is wrong (`detail`) and what to do (`hint`), in both languages;
    placeholders are filled from the keyword arguments it is raised with.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "problem"
    detail: ClassVar[Text] = Text("The request cannot be carried out.", "无法执行该请求。")
    hint: ClassVar[Text] = Text("See the documentation.", "请参阅文档。")
    retry_after: int | None = None
    """Seconds after which it is worth trying again, where that is known."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        REGISTRY[cls.code] = cls

    def __init__(self, *, field: str | None = None, **values: object) -> None:
        self.field = field
        self.values = {key: spoken(key, value) for key, value in values.items()}
        super().__init__(self.detail.format(**self.values).en)

    def explanation(self) -> Text:
        """Return what is wrong, with its details filled in, in both languages."""
        return self.detail.format(**self.values)

    def as_document(self, language: Language) -> dict[str, Any]:
        """Return the body of the answer (RFC 9457), with `field` where one is at fault."""
        document: dict[str, Any] = {
            "type": f"urn:jinyun:problem:{self.code}",
            "title": self.code.replace("-", " "),
            "status": self.status,
            "code": self.code,
            "detail": self.explanation().in_language(language),
            "hint": self.hint.format(**self.values).in_language(language),
        }
        if self.field is not None:
            document["field"] = self.field
        return document


class NotFound(Problem):
    """It does not exist, or the caller may not know that it does."""

    status = 404
    detail = Text("There is no {kind} {name}, or you may not see it.", "{kind} {name} 不存在，或您无权查看。")
    hint = Text("Check the name or id, and which projects you belong to.", "请检查名称或标识，以及您所属的应用系统。")


class Forbidden(Problem):
    """The caller may see it but may not do this to it."""

    status = 403
    detail = Text("You may not do this: {action}.", "您无权执行此操作：{action}。")
    hint = Text("Ask a security administrator for a role that includes it.", "请向安全管理员申请包含该权限的角色。")


class AlreadyExists(Problem):
    """A name or code that must be unique is taken."""

    status = 409
    detail = Text("There is already a {kind} named {name}.", "名为 {name} 的 {kind} 已存在。")
    hint = Text("Choose another name, or use the existing one.", "请换一个名称，或使用已有的对象。")


class StaleVersion(Problem):
    """The object changed since the caller read it."""

    status = 412
    detail = Text("The {kind} was changed by someone else since you read it.", "{kind} 在您读取之后已被他人修改。")
    hint = Text("Read it again and repeat your change with its new ETag.", "请重新读取，并使用新的 ETag 再次提交。")


class InvalidField(Problem):
    """One value of the request is not acceptable."""

    status = 422
    detail = Text("{reason}", "{reason}")
    hint = Text("Correct the field and send the request again.", "请更正该字段后重新提交。")

    def __init__(self, field: str, reason: Text) -> None:
        super().__init__(field=field, reason=reason.en)
        self.reason = reason

    def explanation(self) -> Text:
        """Return the reason itself: it is bilingual already."""
        return self.reason


class MalformedRequest(Problem):
    """The body is not JSON, or not of the documented shape."""

    status = 422
    detail = Text("The request is not well formed: {reason}.", "请求格式不正确：{reason}。")
    hint = Text("Compare the request with the API document at /v1/openapi.json.", "请对照 /v1/openapi.json 检查请求。")


class RequestTooLarge(Problem):
    """The body is larger than any request of this API needs to be."""

    status = 413
    detail = Text("The request body is larger than {limit} bytes.", "请求体超过 {limit} 字节。")
    hint = Text("Send less at once.", "请减少单次提交的数据量。")


class BrokenIdempotencyKey(Problem):
    """An idempotency key came back with another request."""

    status = 422
    detail = Text("This Idempotency-Key was used for another request.", "该 Idempotency-Key 已用于另一个请求。")
    hint = Text("Use a new key for a new request.", "新的请求请使用新的 Idempotency-Key。")


class RequestInProgress(Problem):
    """The same request, by its idempotency key, is being carried out."""

    status = 409
    detail = Text("The same request is still being carried out.", "相同的请求正在处理中。")
    hint = Text("Wait a moment and repeat it with the same Idempotency-Key.", "请稍候并使用同一 Idempotency-Key 重试。")


class DatabaseUnavailable(Problem):
    """The database did not answer; nothing was changed."""

    status = 503
    detail = Text("The database does not answer; nothing was changed.", "数据库没有响应，未做任何更改。")
    hint = Text(
        "Repeat the request in a few seconds with the same Idempotency-Key.", "请几秒后使用同一 Idempotency-Key 重试。"
    )


class OutcomeUncertain(DatabaseUnavailable):
    """The database was lost while it committed: the change was made, or it was not."""

    detail = Text(
        "The database was lost while it wrote: whether the change was made is not known.",
        "数据库在写入时失去连接，尚不清楚更改是否已生效。",
    )
    hint = Text(
        "Repeat the request with the same Idempotency-Key: it is then carried out once. Without a key, look first.",
        "请使用同一 Idempotency-Key 重试，请求只会执行一次；未使用该键时，请先查询结果。",
    )
