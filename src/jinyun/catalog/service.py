"""The catalogue as orders use it: what a code stands for, and what it is called in a region."""

import re
from typing import Any, TypeVar

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, contains_eager

from jinyun.access.authority import authorise
from jinyun.audit import service as audit
from jinyun.catalog.models import Flavor, FlavorBinding, Image, ImageBinding, ImageVersion, StorageTier, TierBinding
from jinyun.catalog.states import OFFERED, WITHDRAWN
from jinyun.kit.actor import Actor
from jinyun.kit.errors import NotFound, Problem
from jinyun.kit.texts import Text

Versions = TypeVar("Versions", bound=Select[*tuple[Any, ...]])


class UnknownFlavor(Problem):
    """The catalogue has no such flavor, or does not offer it any more."""

    status = 422
    detail = Text("There is no flavor {code} on offer.", "目录中没有可订购的规格 {code}。")
    hint = Text("See `GET /v1/flavors`.", "可用规格见 `GET /v1/flavors`。")


class UnknownImage(Problem):
    """The catalogue has no such image or version, or does not offer it any more."""

    status = 422
    detail = Text("There is no image {image} on offer.", "目录中没有可订购的镜像 {image}。")
    hint = Text(
        "See `GET /v1/images`; name an image or `image:version`.",
        "可用镜像见 `GET /v1/images`，格式为镜像或镜像:版本。",
    )


class UnknownTier(Problem):
    """The catalogue has no such storage tier."""

    status = 422
    detail = Text("There is no storage tier {code}.", "目录中没有存储等级 {code}。")
    hint = Text("See `GET /v1/storage-tiers`.", "可用存储等级见 `GET /v1/storage-tiers`。")


class NotOfferedInRegion(Problem):
    """The region has nothing that stands for this entry of the catalogue."""

    status = 422
    detail = Text("The region does not offer the {kind} {name}.", "该区域不提供{kind} {name}。")
    hint = Text(
        "Choose another one or another region, or ask the system administrator to bind it there.",
        "请选择其他项或其他区域，或请系统管理员在该区域绑定。",
    )


def flavor_by_code(session: Session, code: str, *, field: str = "flavor") -> Flavor:
    """Return a flavor that may be ordered. Raises UnknownFlavor."""
    flavor = session.scalar(select(Flavor).where(Flavor.code == code, Flavor.active))
    if flavor is None:
        raise UnknownFlavor(field=field, code=code)
    return flavor


def image_in_region(session: Session, image: str, region_id: str) -> ImageVersion:
    """Return a version of an image that may be ordered in a region: the latest, or `code:version`.

    Raises:
        UnknownImage: there is no such version, or it is withdrawn.
        NotOfferedInRegion: the region has not got it.
    """
    here = and_(
        ImageBinding.image_version_id == ImageVersion.id, ImageBinding.region_id == region_id, ImageBinding.present
    )
    bound = select(ImageVersion, ImageBinding.id).outerjoin(ImageBinding, here)
    versions = session.execute(_offered_versions(bound, image)).all()
    if not versions:
        raise UnknownImage(field="image", image=image)
    version, binding = max(versions, key=lambda row: version_order(row[0].version))
    if binding is None:
        raise NotOfferedInRegion(field="image", kind="image", name=f"{version.image.code}:{version.version}")
    return version


def flavor_in_region(session: Session, code: str, region_id: str) -> Flavor:
    """Return a flavor that may be ordered in a region. Raises UnknownFlavor, NotOfferedInRegion."""
    here = and_(FlavorBinding.flavor_id == Flavor.id, FlavorBinding.region_id == region_id, FlavorBinding.present)
    found = session.execute(
        select(Flavor, FlavorBinding.id).outerjoin(FlavorBinding, here).where(Flavor.code == code, Flavor.active)
    ).first()
    if found is None:
        raise UnknownFlavor(field="flavor", code=code)
    flavor, binding = found
    if binding is None:
        raise NotOfferedInRegion(field="flavor", kind="flavor", name=code)
    return flavor


def tier_by_code(session: Session, code: str, *, field: str = "tier") -> StorageTier:
    """Return a storage tier. Raises UnknownTier."""
    tier = session.scalar(select(StorageTier).where(StorageTier.code == code))
    if tier is None:
        raise UnknownTier(field=field, code=code)
    return tier


def external_flavor_id(session: Session, flavor_id: str, region_id: str, *, field: str = "flavor") -> str:
    """Return the region's id of a flavor. Raises NotOfferedInRegion."""
    bound = select(FlavorBinding.external_id).filter_by(flavor_id=flavor_id, region_id=region_id, present=True)
    return session.scalar(bound) or _not_offered(
        session, select(Flavor.code).where(Flavor.id == flavor_id), "flavor", field
    )


def external_image_id(session: Session, image_version_id: str, region_id: str, *, field: str = "image") -> str:
    """Return the region's id of a version of an image. Raises NotOfferedInRegion."""
    bound = select(ImageBinding.external_id).filter_by(
        image_version_id=image_version_id, region_id=region_id, present=True
    )
    name = select(Image.code + ":" + ImageVersion.version).join(ImageVersion.image)
    return session.scalar(bound) or _not_offered(
        session, name.where(ImageVersion.id == image_version_id), "image", field
    )


def external_tier_id(session: Session, tier_id: str, region_id: str, *, field: str = "tier") -> str:
    """Return the region's volume type of a storage tier, which is its name. Raises NotOfferedInRegion."""
    bound = select(TierBinding.external_name).filter_by(tier_id=tier_id, region_id=region_id, present=True)
    return session.scalar(bound) or _not_offered(
        session, select(StorageTier.code).where(StorageTier.id == tier_id), "storage tier", field
    )


def offer_flavor(session: Session, actor: Actor, code: str, *, offered: bool) -> Flavor:
    """Let a flavor be ordered, or no longer; servers that have it keep it.

    Raises:
        NotFound: there is no such flavor.
    """
    authorise(session, actor, "catalog.manage")
    flavor = session.scalar(select(Flavor).where(Flavor.code == code).with_for_update())
    if flavor is None:
        raise NotFound(kind="flavor", name=code)
    if flavor.active != offered:
        flavor.active = offered
        audit.record(session, actor, f"flavor.{_verb(offered)}", ("flavor", flavor.id, flavor.code))
    return flavor


def offer_image_version(session: Session, actor: Actor, code: str, version: str, *, offered: bool) -> ImageVersion:
    """Let a version of an image be ordered, or no longer; servers that run it keep it.

    Raises:
        NotFound: there is no such version.
    """
    authorise(session, actor, "catalog.manage")
    of_image = select(ImageVersion).join(Image).where(Image.code == code, ImageVersion.version == version)
    row = session.scalar(of_image.with_for_update())
    if row is None:
        raise NotFound(kind="image", name=f"{code}:{version}")
    wanted = OFFERED if offered else WITHDRAWN
    if row.state != wanted:
        row.state = wanted
        audit.record(session, actor, f"image.{_verb(offered)}", ("image", row.id, f"{code}:{version}"))
    return row


def version_order(version: str) -> list[tuple[int, str]]:
    """Return what orders versions as people do: 9.2 before 9.10, and 9.10-rc before 9.10.1."""
    parts = re.findall(r"\d+|[a-zA-Z]+", version)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _verb(offered: bool) -> str:
    return "offer" if offered else "withdraw"


def _offered_versions(versions: Versions, image: str) -> Versions:
    """Narrow a statement over versions of images to those on offer of an image, or of `code:version`."""
    code, _, version = image.partition(":")
    of_image = versions.join(ImageVersion.image).where(Image.code == code, ImageVersion.state == OFFERED)
    if version:
        of_image = of_image.where(ImageVersion.version == version)
    return of_image.options(contains_eager(ImageVersion.image))


def _not_offered(session: Session, name: Select[str], kind: str, field: str) -> str:
    """Raise NotOfferedInRegion with the entry's own name."""
    raise NotOfferedInRegion(field=field, kind=kind, name=session.scalars(name).one())
