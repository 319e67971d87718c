"""Cinder driver of a slow array: it maps and unmaps one volume at a time, and takes as long for it as it is told.

What it needs to be told, what it did and what it has mapped now lie in the folder that JINYUN_LAB_ARRAY names.
"""
# mypy: ignore-errors
# Runs inside Cinder, whose classes are not installed where the lab's own code is checked.

import json
import os
import threading
import time
from pathlib import Path

from cinder import context, objects
from cinder.volume.drivers import nfs

FOLDER = Path(os.environ["JINYUN_LAB_ARRAY"])

# A backend is one process, so one lock makes the array do one thing at a time.
ONE_AT_A_TIME = threading.Lock()


class SlowArrayDriver(nfs.NfsDriver):
    """A share whose volumes have to be mapped, one after the other."""

    def initialize_connection(self, volume, connector):
        """Map a volume to a host."""
        connection = super().initialize_connection(volume, connector)
        self._work("map", volume, connector)
        return connection

    def terminate_connection(self, volume, connector, **kwargs):
        """Unmap a volume from a host; without a connector from all."""
        self._work("unmap", volume, connector)
        return super().terminate_connection(volume, connector, **kwargs)

    def delete_volume(self, volume):
        """Delete a volume; what is gone is mapped to nobody."""
        super().delete_volume(volume)
        with ONE_AT_A_TIME:
            _keep_mapped(lambda mapping: mapping["volume"] != volume.id)

    def _work(self, verb, volume, connector):
        entry = {"verb": verb, "volume": volume.id, "host": (connector or {}).get("host")}
        entry |= {"instance": _instance(volume), "asked": time.time()}
        with ONE_AT_A_TIME:
            entry["begin"] = time.time()
            time.sleep(_seconds())
            entry["end"] = time.time()
            _note(entry)


def _seconds():
    try:
        return float((FOLDER / "seconds").read_text())
    except (FileNotFoundError, ValueError):
        return 0.0


def _instance(volume):
    """Whom Cinder wants the volume for, as far as it says."""
    known = objects.VolumeAttachmentList.get_all_by_volume_id(context.get_admin_context(), volume.id)
    return next((attachment.instance_uuid for attachment in known if attachment.instance_uuid), None)


def _note(entry):
    """Write down what was done and what is mapped after it."""
    with (FOLDER / "journal.jsonl").open("a") as journal:
        journal.write(json.dumps(entry) + "\n")
    added = {name: entry[name] for name in ("volume", "host", "instance")} | {"since": entry["end"]}
    _keep_mapped(
        lambda mapping: mapping["volume"] != entry["volume"] or entry["host"] not in {None, mapping["host"]},
        [added] if entry["verb"] == "map" else [],
    )


def _keep_mapped(stays, added=()):
    """Write the list of what is mapped: what stays of it, and what is added."""
    file = FOLDER / "mapped.json"
    mapped = json.loads(file.read_text()) if file.exists() else []
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps([mapping for mapping in mapped if stays(mapping)] + [*added], indent=1))
    draft.rename(file)
