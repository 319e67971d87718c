"""The language of whoever sits at the terminal."""

import os

from jinyun.kit.texts import Language, Text


def terminal_language() -> Language:
    """Return Chinese where the locale is Chinese (`LC_ALL`, `LC_MESSAGES`, `LANG`, in this order), else English."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


def here(text: Text) -> str:
    """Return a text in the terminal's language."""
    return text.in_language(terminal_language())
