"""Entries of the catalogue and their bindings: made together when something that a region has is accepted."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.catalog.matching import Catalogue, equal_sizes, image_name, suggest
from jinyun.catalog.models import (
    BINDINGS,
    FLAVOR,
    IMAGE,
    TIER,
    TIER_NAMES,
    BindingProposal,
    Flavor,
    FlavorBinding,
    Image,
    ImageBinding,
    ImageVersion,
    StorageTier,
    TierBinding,
)
from jinyun.catalog.service import UnknownTier
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, InvalidField, Problem
from jinyun.kit.texts import Text
from jinyun.kit.uniqueness import add_unique

Entry = Flavor | Image | ImageVersion | StorageTier
LOGIN_USER = "root"
"""Who one signs in as on an image of which nobody said otherwise."""


class SizesDiffer(Problem):
    """A flavor of the catalogue means the same sizes in every region."""

    status = 409
    detail = Text("The flavor {code} has other sizes than {name}.", "规格 {code} 的配置与 {name} 不同。")
    hint = Text("Choose another code: a flavor of its own is made then.", "请指定其他代码，系统将新建规格。")


class BoundAlready(Problem):
    """In each region one thing stands for an entry."""

    status = 409
    detail = Text("Something else in this region stands for {code} already.", "该区域中 {code} 已绑定到其他资源。")
    hint = Text("Choose another code, or another version of the image.", "请指定其他代码或镜像版本。")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for a proposal; what is left open is suggested."""

    code: str | None = None
    version: str | None = None
    name: str | None = None
    login_user: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The entry that shall stand for a proposal; what only matters for a new one included."""

    code: str
    version: str
    name: str
    login_user: str
    is_named: bool
    """Whether a person gave the name: only then a storage tier is made that is not among the usual ones."""


def read_catalogue(session: Session) -> Catalogue:
    """Return the whole catalogue and its bindings."""
    images = {image.id: image for image in session.scalars(select(Image))}
    versions = session.scalars(select(ImageVersion))
    bound = {
        *session.execute(select(FlavorBinding.flavor_id, FlavorBinding.region_id)),
        *session.execute(select(ImageBinding.image_version_id, ImageBinding.region_id)),
        *session.execute(select(TierBinding.tier_id, TierBinding.region_id)),
    }
    return Catalogue(
        flavors={flavor.code: flavor for flavor in session.scalars(select(Flavor))},
        images={image.code: image for image in images.values()},
        versions={(images[row.image_id].code, row.version): row for row in versions},
        tiers={tier.code: tier for tier in session.scalars(select(StorageTier))},
        bound={(entry_id, region_id) for entry_id, region_id in bound},
    )


def chosen(catalogue: Catalogue, proposal: BindingProposal, choice: Choice) -> Target:
    """Return what a choice amounts to, with suggestions for what it leaves open.

    Raises:
        InvalidField: no code was chosen and none can be suggested.
    """
    suggestion = suggest(catalogue, proposal)
    code = choice.code or suggestion.code
    if code is None:
        raise InvalidField("code", suggestion.reason or Text("Choose a code.", "请指定代码。"))
    return Target(
        code=code,
        version=choice.version or image_name(proposal.external_name)[1],
        name=choice.name or proposal.external_name,
        login_user=choice.login_user or LOGIN_USER,
        is_named=choice.name is not None,
    )


def bind(session: Session, actor: Actor, catalogue: Catalogue, proposal: BindingProposal, target: Target) -> None:
    """Make the entry where the catalogue lacks it, and bind it to what was proposed.

    Raises:
        SizesDiffer, UnknownTier: the entry cannot stand for it.
        BoundAlready: something else in the region stands for the entry.
        AlreadyExists: somebody made the entry at this moment.
    """
    stated = {
        "region_id": proposal.region_id,
        "external_id": proposal.external_id,
        "external_name": proposal.external_name,
    }
    if proposal.kind == FLAVOR:
        entry_id = _flavor(session, actor, catalogue, proposal, target).id
        binding = {"flavor_id": entry_id}
    elif proposal.kind == IMAGE:
        entry_id = _image_version(session, actor, catalogue, proposal, target).id
        binding = {"image_version_id": entry_id}
    else:
        entry_id = _tier(session, actor, catalogue, target).id
        binding = {"tier_id": entry_id}
    add_unique(session, BINDINGS[proposal.kind](**binding, **stated), BoundAlready(field="code", code=target.code))
    catalogue.bound.add((entry_id, proposal.region_id))
    audit.record(session, actor, "catalog.bind", (proposal.kind, entry_id, target.code), after=stated)


def _flavor(session: Session, actor: Actor, catalogue: Catalogue, proposal: BindingProposal, target: Target) -> Flavor:
    known = catalogue.flavors.get(target.code)
    if known is not None:
        if not equal_sizes(known, proposal.facts):
            raise SizesDiffer(field="code", code=target.code, name=proposal.external_name)
        return known
    flavor = Flavor(code=target.code, name=target.name, **proposal.facts)
    _add(session, actor, FLAVOR, target.code, flavor)
    catalogue.flavors[target.code] = flavor
    return flavor


def _image_version(
    session: Session, actor: Actor, catalogue: Catalogue, proposal: BindingProposal, target: Target
) -> ImageVersion:
    known = catalogue.versions.get((target.code, target.version))
    if known is not None:
        return known
    if target.code not in catalogue.images:
        catalogue.images[target.code] = Image(code=target.code, name=target.code)
        _add(session, actor, IMAGE, target.code, catalogue.images[target.code])
    version = ImageVersion(
        image_id=catalogue.images[target.code].id,
        version=target.version,
        minimum_disk_gib=proposal.facts["minimum_disk_gib"],
        minimum_memory_mib=proposal.facts["minimum_memory_mib"],
        login_user=target.login_user,
    )
    _add(session, actor, IMAGE, f"{target.code}:{target.version}", version)
    catalogue.versions[target.code, target.version] = version
    return version


def _tier(session: Session, actor: Actor, catalogue: Catalogue, target: Target) -> StorageTier:
    code = target.code
    if code not in catalogue.tiers:
        name = target.name if target.is_named else TIER_NAMES.get(code)
        if name is None:
            raise UnknownTier(field="code", code=code)
        catalogue.tiers[code] = StorageTier(code=code, name=name)
        _add(session, actor, TIER, code, catalogue.tiers[code])
    return catalogue.tiers[code]


def _add(session: Session, actor: Actor, kind: str, name: str, row: Entry) -> None:
    add_unique(session, row, AlreadyExists(field="code", kind=kind, name=name))
    audit.record(session, actor, f"{kind}.create", (kind, row.id, name))
