"""Text that people read, always in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["en", "zh"]
DEFAULT_LANGUAGE: Language = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in English and Chinese; both name the same placeholders."""

    en: str
    zh: str

    def format(self, **values: object) -> "Text":
        """Return the text with its placeholders filled in; a value that is a text itself is put in its language."""
        return Text(en=self.en.format(**_spoken(values, "en")), zh=self.zh.format(**_spoken(values, "zh")))

    def in_language(self, language: Language) -> str:
        """Return the sentence in one language."""
        return self.zh if language == "zh" else self.en

    def as_dict(self) -> dict[str, str]:
        """Return both languages, as they are stored in a JSON column."""
        return {"en": self.en, "zh": self.zh}


def _spoken(values: Mapping[str, object], language: Language) -> dict[str, object]:
    return {key: value.in_language(language) if isinstance(value, Text) else value for key, value in values.items()}


def stored_text(stored: Mapping[str, Any] | None, language: Language) -> str | None:
    """Return one language of a text kept in a JSON column, or None where there is none."""
    return None if stored is None else Text(en=stored["en"], zh=stored["zh"]).in_language(language)


def localised(value: Any, language: Language) -> Any:
    """Turn every stored text inside a JSON value (an object of just `en` and `zh`) into one language."""
    if isinstance(value, dict):
        if set(value) == {"en", "zh"}:
            return value[language]
        return {key: localised(inner, language) for key, inner in value.items()}
    if isinstance(value, list):
        return [localised(inner, language) for inner in value]
    return value


def preferred_language(accept_language: str | None) -> Language:
    """Choose Chinese or English from an Accept-Language header (RFC 9110, section 12.5.4)."""
    best: tuple[float, Language] = (0.0, DEFAULT_LANGUAGE)
    for choice in (accept_language or "").split(","):
        tag, _, weight = choice.replace(" ", "").lower().partition(";q=")
        language: Language | None = "zh" if tag.startswith("zh") else "en" if tag.startswith("en") else None
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if language and quality > best[0]:
            best = (quality, language)
    return best[1]
