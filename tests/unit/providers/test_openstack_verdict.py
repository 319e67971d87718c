from typing import Any

import pytest

from jinyun.providers.base import AttachmentVerdict
from jinyun.providers.openstack.attachments import verdict

ATTACHED = {"id": "a1", "status": "attached", "connection_info": {"driver_volume_type": "nfs"}}
UNCONNECTED = {"id": "a1", "status": "attached", "connection_info": {}}
ATTACHING = {"id": "a1", "status": "attaching", "connection_info": {}}
RESERVED = {"id": "a1", "status": "reserved", "connection_info": {}}
DETACHING = {"id": "a1", "status": "detaching", "connection_info": {"driver_volume_type": "nfs"}}
OTHER = {"id": "a2", "status": "attached", "connection_info": {"driver_volume_type": "nfs"}}
KNOWN = {"attachment_id": "a1", "device": "/dev/vdb"}


@pytest.mark.parametrize(
    ("volume_status", "records", "known", "expected"),
    [
        ("in-use", [ATTACHED], KNOWN, AttachmentVerdict.ATTACHED),
        ("attaching", [ATTACHED], KNOWN, AttachmentVerdict.UNDER_WAY),
        ("in-use", [UNCONNECTED], KNOWN, AttachmentVerdict.UNDER_WAY),
        ("in-use", [OTHER], KNOWN, AttachmentVerdict.UNDER_WAY),
        ("reserved", [RESERVED], KNOWN, AttachmentVerdict.UNDER_WAY),
        ("attaching", [ATTACHING], KNOWN, AttachmentVerdict.UNDER_WAY),
        ("available", [], KNOWN, AttachmentVerdict.UNDER_WAY),
        ("detaching", [DETACHING], KNOWN, AttachmentVerdict.UNDER_WAY),
        ("available", [], None, AttachmentVerdict.DETACHED),
        (None, [], None, AttachmentVerdict.DETACHED),
        ("in-use", [], None, AttachmentVerdict.DETACHED),
        ("attaching", [ATTACHING], None, AttachmentVerdict.ORPHANED),
        ("reserved", [RESERVED], None, AttachmentVerdict.ORPHANED),
        ("in-use", [ATTACHED], None, AttachmentVerdict.ORPHANED),
    ],
)
def test_the_records_together_give_the_verdict(
    volume_status: str | None,
    records: list[dict[str, Any]],
    known: dict[str, Any] | None,
    expected: AttachmentVerdict,
) -> None:
    found = verdict(volume_status, records, known)
    assert found.verdict is expected
    assert found.device == ("/dev/vdb" if expected is AttachmentVerdict.ATTACHED else None)
    assert str(volume_status or "missing") in found.evidence
