"""Every table of every room: whoever creates or compares tables imports them through here."""

import importlib
import importlib.util
import pkgutil

import jinyun
import jinyun.kit.idempotency


def load_tables() -> None:
    """Import every room's `models` module, so that the metadata is whole."""
    for room in pkgutil.iter_modules(jinyun.__path__, "jinyun."):
        if room.ispkg and importlib.util.find_spec(f"{room.name}.models"):
            importlib.import_module(f"{room.name}.models")
