"""Writing down what is in a region: only what changed, a batch a transaction, by the worker that watches it."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from jinyun.inventory.events import ObjectsChanged
from jinyun.inventory.models import ObservedAddress, ObservedObject
from jinyun.kit.events import publish
from jinyun.kit.ids import new_id
from jinyun.providers.estate import Key, Observed

NAME_LENGTH = 255
BATCH = 500
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where things are observed."""

    region_id: str
    installation: str
    """See `providers.estate.EstateWatch.installation`."""


@dataclass(frozen=True, slots=True)
class Noted:
    """How many things of a batch were new here, and how many had changed or come back."""

    new: int
    changed: int


def note_batch(session: Session, source: Source, batch: Sequence[Observed], now: datetime) -> Noted:
    """Bring some things up to what was seen, in a handful of statements."""
    known = _known(session, source, batch)
    new, changed = [], []
    addresses: dict[str, tuple[str, ...]] = {}
    for thing in batch:
        shown = _shown(thing)
        found = known.get((thing.key.kind.value, thing.key.id))
        if found is None:
            row = _new_row(source, thing, shown, now)
            new.append(row)
        elif found.digest != shown["digest"] or found.gone_at is not None:
            row = {"id": found.id, **shown, "last_seen_at": now, "changed_at": now, "gone_at": None}
            changed.append(row)
        else:
            continue
        addresses[row["id"]] = thing.addresses
    if new:
        session.execute(insert(ObservedObject), new)
    if changed:
        session.execute(update(ObservedObject), changed)
        session.execute(
            _bulk(delete(ObservedAddress).where(ObservedAddress.object_id.in_([row["id"] for row in changed])))
        )
    told = [row for object_id, each in addresses.items() for row in _address_rows(object_id, each)]
    if told:
        session.execute(insert(ObservedAddress), told)
    _tell(session, source, [row["id"] for row in changed])
    return Noted(len(new), len(changed))


def note_gone(session: Session, source: Source, keys: Collection[Key], now: datetime) -> int:
    """Mark things as gone, never delete them; return how many were there until now."""
    ids = [row.id for row in _rows_of(session, source, keys) if row.gone_at is None]
    _mark_gone(session, source, ids, now)
    return len(ids)


def note_all_seen(session: Session, source: Source, keys: Iterable[Key], now: datetime) -> int:
    """After a reading of everything: what was not among it is gone, also all of another backend; return how many."""
    there = {(key.kind.value, key.id) for key in keys}
    living = (ObservedObject.region_id == source.region_id, ObservedObject.gone_at.is_(None))
    columns = (ObservedObject.id, ObservedObject.installation, ObservedObject.kind, ObservedObject.external_id)
    rows = session.execute(select(*columns).where(*living), execution_options={"yield_per": BATCH})
    vanished = [
        object_id
        for object_id, installation, kind, external_id in rows
        if installation != source.installation or (kind, external_id) not in there
    ]
    _mark_gone(session, source, vanished, now)
    session.execute(_bulk(update(ObservedObject).where(*living).values(last_seen_at=now)))
    return len(vanished)


def _mark_gone(session: Session, source: Source, ids: Sequence[str], now: datetime) -> None:
    gone = update(ObservedObject).values(gone_at=now, changed_at=now)
    for start in range(0, len(ids), BATCH):
        session.execute(_bulk(gone.where(ObservedObject.id.in_(ids[start : start + BATCH]))))
    _tell(session, source, ids)


def _tell(session: Session, source: Source, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), BATCH):
        publish(session, ObjectsChanged(source.region_id, tuple(ids[start : start + BATCH])))


def _known(session: Session, source: Source, batch: Sequence[Observed]) -> dict[tuple[str, str], Any]:
    rows = _rows_of(session, source, [thing.key for thing in batch])
    return {(row.kind, row.external_id): row for row in rows}


def _rows_of(session: Session, source: Source, keys: Collection[Key]) -> list[Any]:
    columns = (
        ObservedObject.id,
        ObservedObject.kind,
        ObservedObject.external_id,
        ObservedObject.digest,
        ObservedObject.gone_at,
    )
    of_source = (ObservedObject.region_id == source.region_id, ObservedObject.installation == source.installation)
    ids: dict[str, list[str]] = {}
    for key in keys:
        ids.setdefault(key.kind.value, []).append(key.id)
    found: list[Any] = []
    for kind, all_ids in ids.items():
        for start in range(0, len(all_ids), BATCH):
            these = (ObservedObject.kind == kind, ObservedObject.external_id.in_(all_ids[start : start + BATCH]))
            found.extend(session.execute(select(*columns).where(*of_source, *these)))
    return found


def _new_row(source: Source, thing: Observed, shown: Row, now: datetime) -> Row:
    return {
        "id": new_id(),
        "region_id": source.region_id,
        "installation": source.installation,
        "kind": thing.key.kind.value,
        "external_id": thing.key.id,
        **shown,
        "first_seen_at": now,
        "last_seen_at": now,
        "changed_at": now,
    }


def _shown(thing: Observed) -> Row:
    shown: Row = {
        "uuid": thing.uuid,
        "name": thing.name[:NAME_LENGTH],
        "cluster": thing.cluster and thing.cluster[:NAME_LENGTH],
        "host": thing.host and thing.host[:NAME_LENGTH],
        "power": thing.power and thing.power.value,
        "facts": dict(thing.document),
        "unreadable": list(thing.unreadable),
    }
    written = json.dumps([shown, thing.addresses], sort_keys=True, ensure_ascii=False)
    return {**shown, "digest": hashlib.sha256(written.encode()).hexdigest()}


def _address_rows(object_id: str, addresses: Sequence[str]) -> list[Row]:
    return [{"object_id": object_id, "address": each, "position": place} for place, each in enumerate(addresses)]


def _bulk(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
