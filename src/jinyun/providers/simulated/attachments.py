"""Volumes on simulated servers. A storage array maps one volume after another; who comes later waits."""

from sqlite3 import Row

from jinyun.kit.ids import new_id
from jinyun.providers.base import Attachment, AttachmentVerdict, VolumeStatus
from jinyun.providers.errors import Missing, Refused, Transient
from jinyun.providers.simulated.world import Transaction

LETTERS = "bcdefghijklmnopqrstuvwxyz"
"""Ends of device names; the first disk, `a`, is the server's own."""


def attach(transaction: Transaction, server_id: str, volume_id: str) -> None:
    """Start an attachment.

    Raises:
        Missing: there is no such volume.
        Refused: `wrong-state`: it is not available, or the server has no device name left.
    """
    volume = transaction.one("SELECT * FROM volume WHERE id = ?", volume_id)
    if volume is None:
        raise Missing(f"volume {volume_id} does not exist")
    if volume["status"] != VolumeStatus.AVAILABLE:
        raise Refused(f"volume {volume_id} is {volume['status']}, not available", code="wrong-state")
    attachment_id = new_id()
    transaction.run(
        "INSERT INTO attachment (id, volume_id, server_id, state, device) VALUES (?, ?, ?, 'attaching', ?)",
        attachment_id,
        volume_id,
        server_id,
        _free_device(transaction, server_id),
    )
    transaction.run("UPDATE volume SET status = ? WHERE id = ?", VolumeStatus.RESERVED, volume_id)
    transaction.record("server.attach-volume", volume_id, volume["token"])
    end = _queue_at_array(transaction, volume["array"])
    transaction.later(end, "attached", attachment_id, volume_id)
    array = transaction.one("SELECT patience_seconds FROM array WHERE name = ?", volume["array"])
    if array and array["patience_seconds"] is not None and end > transaction.now + array["patience_seconds"]:
        transaction.later(transaction.now + array["patience_seconds"], "attachment-abandoned", attachment_id)


def detach(transaction: Transaction, server_id: str, volume_id: str) -> None:
    """Start a detachment; nothing to do where the server does not know the volume.

    Raises:
        Transient: an attachment or detachment is under way.
    """
    attachment = _record(transaction, server_id, volume_id)
    if attachment is None or not attachment["server_knows"]:
        return
    if attachment["state"] != "attached":
        raise Transient(f"volume {volume_id} is {attachment['state']} at server {server_id}")
    transaction.run("UPDATE attachment SET state = 'detaching' WHERE id = ?", attachment["id"])
    transaction.run("UPDATE volume SET status = ? WHERE id = ?", VolumeStatus.RESERVED, volume_id)
    transaction.record("server.detach-volume", volume_id)
    transaction.later(_queue_at_array(transaction, attachment["array"]), "detached", attachment["id"])


def verdict(transaction: Transaction, server_id: str, volume_id: str) -> Attachment:
    """Return the truth about one volume on one server."""
    row = _record(transaction, server_id, volume_id)
    if row is None:
        return Attachment(AttachmentVerdict.DETACHED, evidence=f"no record of volume {volume_id} on server {server_id}")
    evidence = f"attachment {row['id']} {row['state']}, volume {row['volume_status']}"
    if not row["server_knows"]:
        return Attachment(AttachmentVerdict.ORPHANED, evidence=f"{evidence}, unknown to the server")
    if row["state"] == "attached":
        return Attachment(AttachmentVerdict.ATTACHED, device=row["device"], evidence=evidence)
    return Attachment(AttachmentVerdict.UNDER_WAY, evidence=evidence)


def _record(transaction: Transaction, server_id: str, volume_id: str) -> Row | None:
    return transaction.one(
        "SELECT attachment.*, volume.array, volume.status AS volume_status FROM attachment"
        " JOIN volume ON volume.id = attachment.volume_id WHERE server_id = ? AND volume_id = ?",
        server_id,
        volume_id,
    )


def _free_device(transaction: Transaction, server_id: str) -> str:
    rows = transaction.all("SELECT device FROM attachment WHERE server_id = ?", server_id)
    taken = {row["device"] for row in rows}
    device = next((f"/dev/vd{letter}" for letter in LETTERS if f"/dev/vd{letter}" not in taken), None)
    if device is None:
        raise Refused(f"server {server_id} has {len(taken)} volumes and takes no more", code="wrong-state")
    return device


def _queue_at_array(transaction: Transaction, name: str) -> float:
    """Stand in the array's queue and return when it will have done this."""
    array = transaction.one("SELECT * FROM array WHERE name = ?", name)
    if array is None:
        return transaction.now
    end = max(transaction.now, float(array["busy_until"])) + float(array["seconds"]) * transaction.slowness
    transaction.run("UPDATE array SET busy_until = ? WHERE name = ?", end, name)
    return end
