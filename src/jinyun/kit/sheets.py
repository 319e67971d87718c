"""Tables that people open in a spreadsheet: nothing in them is run there, and what comes back is read as it was."""

FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
NEUTRAL = "'"
"""What keeps a spreadsheet from taking a text for a formula."""


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return NEUTRAL + text if text.startswith(FORMULA_BEGINNINGS) else text


def plain(text: str) -> str:
    """Undo what `neutral` put before a text."""
    return text[1:] if text.startswith(NEUTRAL) and text[1:].startswith(FORMULA_BEGINNINGS) else text
