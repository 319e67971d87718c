"""What requests carry: the base of every body, and what is wrong with one in words of both languages."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from jinyun.kit.texts import Text

LINE_BREAKS = frozenset("\n\r\t")
UNPRINTABLE = Text("It holds a control character", "包含控制字符")


class WrongValue(ValueError):
    """A validator refuses a value, and says why in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def unprintable(text: str) -> bool:
    """Tell whether a text has a control character that is no line break or tab."""
    return any(unicodedata.category(c) == "Cc" and c not in LINE_BREAKS for c in text)


def printable(value: Any) -> Any:
    """Let text pass that a terminal, a log and a report can show, also inside lists and objects.

    Raises:
        WrongValue: there is a control character that is no line break or tab.
    """
    if isinstance(value, str) and unprintable(value):
        raise WrongValue(UNPRINTABLE)
    if isinstance(value, list):
        return [printable(each) for each in value]
    if isinstance(value, dict):
        return {printable(key): printable(each) for key, each in value.items()}
    return value


Named = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(printable)]
"""A code, login or name by which an address refers to something."""


class Body(BaseModel):
    """Base of every body: a field that there is not is refused, and so are control characters."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        return printable(value)


FAULTS: dict[str, Text] = {
    "missing": Text("It is missing", "缺少该字段"),
    "extra_forbidden": Text("There is no such field", "没有该字段"),
    "string_type": Text("It must be text", "必须是文本"),
    "string_unicode": Text("It is not valid Unicode", "不是有效的 Unicode 文本"),
    "string_too_short": Text("It needs at least {min_length} characters", "至少需要 {min_length} 个字符"),
    "string_too_long": Text("It may have {max_length} characters at most", "最多 {max_length} 个字符"),
    "string_pattern_mismatch": Text("It must match {pattern}", "必须符合格式 {pattern}"),
    "int_type": Text("It must be a whole number", "必须是整数"),
    "int_parsing": Text("It must be a whole number", "必须是整数"),
    "int_parsing_size": Text("The number is too large", "数字过大"),
    "int_from_float": Text("It must be a whole number", "必须是整数"),
    "float_type": Text("It must be a number", "必须是数字"),
    "float_parsing": Text("It must be a number", "必须是数字"),
    "finite_number": Text("It must be a finite number", "必须是有限的数字"),
    "bool_type": Text("It must be true or false", "必须是 true 或 false"),
    "bool_parsing": Text("It must be true or false", "必须是 true 或 false"),
    "greater_than": Text("It must be greater than {gt}", "必须大于 {gt}"),
    "greater_than_equal": Text("It must be {ge} or greater", "不能小于 {ge}"),
    "less_than": Text("It must be less than {lt}", "必须小于 {lt}"),
    "less_than_equal": Text("It must be {le} or less", "不能大于 {le}"),
    "multiple_of": Text("It must be a multiple of {multiple_of}", "必须是 {multiple_of} 的倍数"),
    "literal_error": Text("It must be one of {expected}", "必须是以下之一：{expected}"),
    "list_type": Text("It must be a list", "必须是列表"),
    "too_short": Text("It needs at least {min_length} entries", "至少需要 {min_length} 项"),
    "too_long": Text("It may have {max_length} entries at most", "最多 {max_length} 项"),
    "dict_type": Text("It must be an object", "必须是对象"),
    "model_type": Text("It must be an object", "必须是对象"),
    "model_attributes_type": Text("It must be an object", "必须是对象"),
    "date_type": Text("It must be a day such as 2027-01-31", "必须是日期，例如 2027-01-31"),
    "date_parsing": Text("It must be a day such as 2027-01-31", "必须是日期，例如 2027-01-31"),
    "date_from_datetime_parsing": Text("It must be a day such as 2027-01-31", "必须是日期，例如 2027-01-31"),
    "date_from_datetime_inexact": Text("It must be a day such as 2027-01-31", "必须是日期，例如 2027-01-31"),
    "union_tag_invalid": Text(
        "{discriminator} must be one of {expected_tags}", "{discriminator} 必须是 {expected_tags}"
    ),
    "union_tag_not_found": Text("{discriminator} is missing", "缺少 {discriminator}"),
    "json_invalid": Text("it is not JSON", "不是有效的 JSON"),
}
"""What Pydantic finds, by its own name for it."""
UNKNOWN_FAULT = Text("This value is not possible", "取值无效")


def fault(error: Mapping[str, Any]) -> Text:
    """Return what one error of Pydantic means, without a full stop."""
    context = error.get("ctx", {})
    if isinstance(context.get("error"), WrongValue):
        wrong: WrongValue = context["error"]
        return wrong.text
    known = FAULTS.get(error["type"], UNKNOWN_FAULT).format(**context)
    return Text(known.en, known.zh.replace(" or ", " 或 "))
