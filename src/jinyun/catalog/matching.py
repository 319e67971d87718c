"""Which entry of the catalogue a region's thing could stand for: by its name, and a flavor by its sizes too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinyun.catalog.models import (
    FLAVOR,
    IMAGE,
    TIER_NAMES,
    BindingProposal,
    Flavor,
    Image,
    ImageVersion,
    StorageTier,
)
from jinyun.kit.texts import Text

SIZES = ("vcpus", "memory_mib", "disk_gib")
FIRST_VERSION = "1"
NO_CODE = Text("Its name yields no code; choose one.", "无法由名称得出代码，请指定。")
OTHER_SIZES = Text("The flavor of this name has other sizes; choose a code.", "同名规格的配置不同，请指定代码。")
BOUND_ALREADY = Text(
    "Something else in this region stands for the entry of this name; choose another.",
    "该区域中已有其他资源绑定到同名条目，请另行指定。",
)
NO_TIER = Text("Its name tells no storage tier; choose one.", "无法由名称判断存储等级，请指定。")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The entry to bind, by code (and version, for an image); without a code it is for people to choose, and why."""

    code: str | None = None
    version: str | None = None
    exists: bool = False
    """Whether the entry is in the catalogue already."""
    reason: Text | None = None


@dataclass(slots=True)
class Catalogue:
    """The whole catalogue, and what of it is bound where, in memory: it is small."""

    flavors: dict[str, Flavor] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    versions: dict[tuple[str, str], ImageVersion] = field(default_factory=dict)
    tiers: dict[str, StorageTier] = field(default_factory=dict)
    bound: set[tuple[str, str]] = field(default_factory=set)
    """Id of an entry (flavor, image version or tier) and of a region."""


def suggest(catalogue: Catalogue, proposal: BindingProposal) -> Suggestion:
    """Say what a proposal could become as the catalogue stands."""
    if proposal.kind == FLAVOR:
        return _suggest_flavor(catalogue, proposal)
    if proposal.kind == IMAGE:
        return _suggest_image(catalogue, proposal)
    return _suggest_tier(catalogue, proposal)


def equal_sizes(flavor: Flavor, facts: Mapping[str, Any]) -> bool:
    """Tell whether a flavor is as large as a region's."""
    return all(getattr(flavor, size) == facts[size] for size in SIZES)


def image_name(name: str) -> tuple[str | None, str]:
    """Return code and version that an image's name tells: `jinyun-linux-1` is version 1 of `jinyun-linux`."""
    parted = re.fullmatch(r"(?P<code>.+?)[-_ :]v?(?P<version>\d+(\.\w+)*)", name)
    return (code_of(parted["code"]), parted["version"]) if parted else (code_of(name), FIRST_VERSION)


def code_of(name: str) -> str | None:
    """Return the code that a name yields: lower case, digits, dots and hyphens; None where nothing is left."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:63] or None


def _suggest_flavor(catalogue: Catalogue, proposal: BindingProposal) -> Suggestion:
    code = code_of(proposal.external_name)
    same_name = catalogue.flavors.get(code) if code else None
    if same_name and equal_sizes(same_name, proposal.facts) and _is_free(catalogue, same_name.id, proposal):
        return Suggestion(same_name.code, exists=True)
    for flavor in sorted(catalogue.flavors.values(), key=lambda flavor: flavor.code):
        if equal_sizes(flavor, proposal.facts) and _is_free(catalogue, flavor.id, proposal):
            return Suggestion(flavor.code, exists=True)
    if code is None:
        return Suggestion(reason=NO_CODE)
    if same_name is not None:
        return Suggestion(reason=BOUND_ALREADY if equal_sizes(same_name, proposal.facts) else OTHER_SIZES)
    return Suggestion(code)


def _suggest_image(catalogue: Catalogue, proposal: BindingProposal) -> Suggestion:
    code, version = image_name(proposal.external_name)
    if code is None:
        return Suggestion(reason=NO_CODE)
    known = catalogue.versions.get((code, version))
    if known is not None and not _is_free(catalogue, known.id, proposal):
        return Suggestion(reason=BOUND_ALREADY)
    return Suggestion(code, version, exists=known is not None)


def _suggest_tier(catalogue: Catalogue, proposal: BindingProposal) -> Suggestion:
    named = set(re.findall(r"[a-z]+", proposal.external_name.lower())) & set(TIER_NAMES)
    if len(named) != 1:
        return Suggestion(reason=NO_TIER)
    code = named.pop()
    known = catalogue.tiers.get(code)
    if known is not None and not _is_free(catalogue, known.id, proposal):
        return Suggestion(reason=BOUND_ALREADY)
    return Suggestion(code, exists=known is not None)


def _is_free(catalogue: Catalogue, entry_id: str, proposal: BindingProposal) -> bool:
    return (entry_id, proposal.region_id) not in catalogue.bound
