"""Regions and pools: registered, changed and read again by those who may."""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jinyun.access.authority import authorise, authorise_anywhere
from jinyun.audit import service as audit
from jinyun.audit.service import SECRET_WORDS
from jinyun.kit.actor import PLATFORM, Actor
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import AlreadyExists, InvalidField, NotFound, Problem
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique
from jinyun.kit.vault import seal
from jinyun.kit.versions import require_version
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow
from jinyun.operations.service import SubjectBusy
from jinyun.providers.registry import PROVIDERS
from jinyun.regions.dedication import owner_id
from jinyun.regions.models import Pool, Region
from jinyun.regions.ownership import answering_for, set_owner
from jinyun.regions.steps import SyncRegion

SYNC_EVERY = timedelta(minutes=1)
NEEDED: dict[str, tuple[str, ...]] = {
    "openstack": ("auth_url", "username", "project_name"),
    "simulated": ("world",),
    "vsphere": ("url", "username"),
}
"""What the public half of a connection must hold, by provider."""
WEB_ADDRESS = re.compile(r"https?://[^\s/@]+(/[^\s@]*)?")
ADDRESSES = {"auth_url": WEB_ADDRESS, "url": re.compile(r"https://[^\s/@]+/?")}
NEEDS_SECRET = frozenset({"openstack", "vsphere"})


class UnknownProvider(Problem):
    """No provider has this name."""

    status = 422
    detail = Text("There is no provider {provider}.", "不支持的云平台类型：{provider}。")
    hint = Text("Use one of: {known}.", "可用的类型：{known}。")


class SecretInPublic(Problem):
    """A secret stands where everybody who manages regions can read it."""

    status = 422
    detail = Text("{key} looks like a secret; it would be shown.", "{key} 像是机密信息，公开部分会被显示。")
    hint = Text("Send it as `secret`: that is sealed at once.", "请放入 `secret` 字段，它会被立即加密。")


def register(
    session: Session,
    actor: Actor,
    key_directory: Path,
    code: str,
    name: str,
    *,
    provider: str,
    public: Mapping[str, str],
    secret: str | None,
) -> OperationRow:
    """Register a region and set out to read it; the operation waits for as long as the region cannot be reached.

    Raises:
        UnknownProvider, SecretInPublic, InvalidField: the connection cannot be one.
        AlreadyExists: the code is taken.
    """
    authorise(session, actor, "region.manage")
    _check_connection(provider, public)
    if secret is None and provider in NEEDS_SECRET:
        raise InvalidField("secret", Text("This provider needs a secret.", "该类型的云平台需要提供密码。"))
    region = Region(
        code=code,
        name=name,
        provider=provider,
        public=dict(public),
        sealed_secret=None if secret is None else seal(key_directory, secret),
        simulated=provider == "simulated",
    )
    add_unique(session, region, AlreadyExists(field="code", kind="region", name=code))
    after = {"name": name, "provider": provider, "public": dict(public)}
    audit.record(session, actor, "region.register", subject_of(region), after=after)
    return _start_sync(session, actor, region)


def change(
    session: Session,
    actor: Actor,
    code: str,
    if_match: str,
    *,
    name: str | None = None,
    public: Mapping[str, str] | None = None,
) -> Region:
    """Rename a region, or say how else it is reached; it is read that way from the next call on.

    Raises:
        NotFound, StaleVersion: there is no such region, or it changed since.
        SecretInPublic, InvalidField: the connection cannot be one.
    """
    region = managed(session, actor, code)
    require_version("region", region.version, if_match)
    if public is not None:
        _check_connection(region.provider, public)
    before = {"name": region.name, "public": region.public}
    region.name = name if name is not None else region.name
    region.public = dict(public) if public is not None else region.public
    region.version += 1
    audit.record(
        session,
        actor,
        "region.change",
        subject_of(region),
        before=before,
        after={"name": region.name, "public": region.public},
    )
    return region


def set_secret(session: Session, actor: Actor, key_directory: Path, code: str, secret: str) -> Region:
    """Seal another secret for a region; the next call to it signs in with it.

    Raises:
        NotFound: there is no such region.
    """
    region = managed(session, actor, code)
    region.sealed_secret = seal(key_directory, secret)
    region.version += 1
    audit.record(session, actor, "region.set-secret", subject_of(region))
    return region


def request_sync(session: Session, actor: Actor, code: str) -> OperationRow:
    """Set out to read a region.

    Raises:
        NotFound: there is no such region.
        SubjectBusy: somebody is reading it.
    """
    return _start_sync(session, actor, managed(session, actor, code))


def sync_due(database: Database) -> int:
    """Set out to read each region whose time has come and that nobody is reading; return how many."""
    started = 0
    for region_id in database.read(_due):
        try:
            started += database.write(partial(_start_if_due, region_id))
        except SubjectBusy:
            continue
    return started


def change_pool(session: Session, actor: Actor, pool_id: str, if_match: str, changes: Mapping[str, Any]) -> Pool:
    """Open or close a pool, say for which systems it is, or what it may promise.

    `changes` may hold what `schemas.PoolChange` names; whom it is dedicated to and its owner as words.

    Raises:
        NotFound: there is no such pool, or nobody whom it could be dedicated to, or who could own it.
        StaleVersion: it changed since.
    """
    authorise(session, actor, "region.manage")
    pool = session.get(Pool, pool_id, with_for_update=True)
    if pool is None:
        raise NotFound(kind="pool", name=pool_id)
    require_version("pool", pool.version, if_match)
    before = {key: getattr(pool, key) for key in changes if key != "owner"}
    if "owner" in changes:
        before["owner"] = answering_for(session, [pool]).get(pool.id)
        set_owner(session, pool, changes["owner"])
    for key, value in changes.items():
        if key == "owner":
            continue
        setattr(pool, key, owner_id(session, value) if key == "dedicated_to" and value else value)
    pool.version += 1
    audit.record(session, actor, "pool.change", ("pool", pool.id, pool.name), before=before, after=changes)
    return pool


def find_region(session: Session, actor: Actor, code: str) -> Region:
    """Return a region by its code. Raises NotFound, Forbidden."""
    authorise_anywhere(actor, "region.read")
    region = session.scalar(select(Region).where(Region.code == code))
    if region is None:
        raise NotFound(field="region", kind="region", name=code)
    return region


def managed(session: Session, actor: Actor, code: str) -> Region:
    """Return a region, locked: whoever sets out to read it or changes it comes one after the other."""
    authorise(session, actor, "region.manage")
    region = session.scalar(select(Region).where(Region.code == code).with_for_update())
    if region is None:
        raise NotFound(kind="region", name=code)
    return region


def _start_sync(session: Session, actor: Actor, region: Region) -> OperationRow:
    region.sync_asked_at = utc_now()
    return operations.start(
        session,
        actor,
        SyncRegion,
        parameters={"region_id": region.id},
        subjects=[("region", region.id)],
        subject_name=region.code,
        backend=region.code,
    )


def _due(session: Session) -> list[str]:
    long_ago = or_(Region.sync_asked_at.is_(None), Region.sync_asked_at <= utc_now() - SYNC_EVERY)
    return list(session.scalars(select(Region.id).where(long_ago).order_by(Region.id)))


def _start_if_due(region_id: str, session: Session) -> int:
    region = session.get_one(Region, region_id, with_for_update=True)
    if region.sync_asked_at is not None and region.sync_asked_at > utc_now() - SYNC_EVERY:
        return 0
    _start_sync(session, PLATFORM, region)
    return 1


def _check_connection(provider: str, public: Mapping[str, str]) -> None:
    if provider not in PROVIDERS:
        raise UnknownProvider(field="provider", provider=provider, known=", ".join(sorted(PROVIDERS)))
    for key in public:
        if any(word in key for word in SECRET_WORDS):
            raise SecretInPublic(field=f"public.{key}", key=key)
    for key in NEEDED[provider]:
        if key not in public:
            raise InvalidField(f"public.{key}", Text(f"{key} is missing.", f"缺少 {key}。"))
    for key, form in ADDRESSES.items():
        if key in public and not form.fullmatch(public[key]):
            words = Text("Not a web address without user and password.", "不是有效的网址，或网址中含有用户名和密码。")
            raise InvalidField(f"public.{key}", words)


def subject_of(region: Region) -> tuple[str, str, str]:
    """Return what the audit log calls a region."""
    return ("region", region.id, region.code)
