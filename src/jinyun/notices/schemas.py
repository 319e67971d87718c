"""What the API shows of notices."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from jinyun.kit.bodies import Body
from jinyun.kit.texts import Language, stored_text
from jinyun.notices.models import Notice


class NoticeView(BaseModel):
    """Something that you were told."""

    id: str
    subject: str
    body: str
    path: str = Field(description="The page that it is about, below the address of this installation")
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, notice: Notice, language: Language) -> Self:
        """Show one notice in the reader's language."""
        return cls(
            id=notice.id,
            subject=stored_text(notice.subject, language) or "",
            body=stored_text(notice.body, language) or "",
            path=notice.path,
            created_at=notice.created_at,
            read_at=notice.read_at,
        )


class MailLanguage(Body):
    """In which language you get your mail."""

    language: Literal["en", "zh"]
