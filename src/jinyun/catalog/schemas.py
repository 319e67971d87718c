"""What the API shows of the catalogue and of proposals for it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from jinyun.catalog.matching import Suggestion
from jinyun.catalog.models import BindingProposal, Flavor, Image, ImageVersion, Price, StorageTier
from jinyun.kit.bodies import Body
from jinyun.kit.money import Amount
from jinyun.kit.texts import Language

CODE = r"^[a-z0-9][a-z0-9.-]*$"
VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
LATEST_DAY = date(2999, 12, 31)
MONEY = r"^[0-9]{1,10}(\.[0-9]{1,4})?$"
USER = r"^[a-z_][a-z0-9_-]*$"


class FlavorView(BaseModel):
    """A size of server."""

    id: str
    code: str
    name: str
    vcpus: int
    memory_mib: int
    disk_gib: int
    active: bool = Field(description="Whether it may be ordered")
    regions: Sequence[str] = Field(description="Codes of the regions that offer it")

    @classmethod
    def of(cls, flavor: Flavor, regions: Sequence[str]) -> "FlavorView":
        """Show a flavor and where there is such a thing."""
        return cls(
            id=flavor.id,
            code=flavor.code,
            name=flavor.name,
            vcpus=flavor.vcpus,
            memory_mib=flavor.memory_mib,
            disk_gib=flavor.disk_gib,
            active=flavor.active,
            regions=regions,
        )


class ImageVersionView(BaseModel):
    """One version of an image, with what it needs."""

    id: str
    version: str
    minimum_disk_gib: int
    minimum_memory_mib: int
    login_user: str
    state: str
    regions: Sequence[str] = Field(description="Codes of the regions that offer it")

    @classmethod
    def of(cls, row: ImageVersion, regions: Sequence[str]) -> "ImageVersionView":
        """Show a version and where there is such a thing."""
        return cls(
            id=row.id,
            version=row.version,
            minimum_disk_gib=row.minimum_disk_gib,
            minimum_memory_mib=row.minimum_memory_mib,
            login_user=row.login_user,
            state=row.state,
            regions=regions,
        )


class ImageView(BaseModel):
    """A system to install, its latest version first."""

    id: str
    code: str
    name: str
    versions: Sequence[ImageVersionView]

    @classmethod
    def of(cls, image: Image, versions: Sequence[ImageVersionView]) -> "ImageView":
        """Show an image with its versions."""
        return cls(id=image.id, code=image.code, name=image.name, versions=versions)


class StorageTierView(BaseModel):
    """A class of storage."""

    id: str
    code: str
    name: str
    regions: Sequence[str] = Field(description="Codes of the regions that offer it")

    @classmethod
    def of(cls, tier: StorageTier, regions: Sequence[str]) -> "StorageTierView":
        """Show a storage tier and where there is such a thing."""
        return cls(id=tier.id, code=tier.code, name=tier.name, regions=regions)


class SuggestionView(BaseModel):
    """The entry that accepting would bind; without a code one has to be chosen."""

    code: str | None
    version: str | None = Field(description="For an image")
    exists: bool = Field(description="Whether the entry is in the catalogue already")
    reason: str | None = Field(description="Why nothing can be suggested")


class ProposalView(BaseModel):
    """Something that a region has and that could be offered."""

    id: str
    region: str = Field(description="Code of the region")
    kind: str = Field(description="`flavor`, `image` or `tier`")
    external_id: str
    external_name: str
    facts: dict[str, Any]
    state: str
    suggestion: SuggestionView | None = Field(description="Null once it is decided")

    @classmethod
    def of(
        cls, proposal: BindingProposal, region: str, suggestion: Suggestion | None, language: Language
    ) -> "ProposalView":
        """Show a proposal and what it could become."""
        shown = None
        if suggestion is not None:
            reason = suggestion.reason.in_language(language) if suggestion.reason else None
            shown = SuggestionView(
                code=suggestion.code, version=suggestion.version, exists=suggestion.exists, reason=reason
            )
        return cls(
            id=proposal.id,
            region=region,
            kind=proposal.kind,
            external_id=proposal.external_id,
            external_name=proposal.external_name,
            facts=proposal.facts,
            state=proposal.state,
            suggestion=shown,
        )


class Acceptance(Body):
    """What to make of a proposal; what is left out is suggested."""

    code: str | None = Field(default=None, min_length=1, max_length=63, pattern=CODE, description="Code of the entry")
    version: str | None = Field(default=None, min_length=1, max_length=64, pattern=VERSION, description="Of the image")
    name: str | None = Field(default=None, min_length=1, max_length=255, description="Of a new flavor or tier")
    login_user: str | None = Field(
        default=None, max_length=32, pattern=USER, description="Who one signs in as on an image that is new"
    )


class AcceptedView(BaseModel):
    """What came of accepting all proposals of a region."""

    accepted: Sequence[ProposalView]
    left: Sequence[ProposalView] = Field(description="Those that somebody has to decide one by one, and why")


class NewPrice(Body):
    """What something is to cost from a day on."""

    kind: Literal["flavor", "tier", "address"] = Field(description="A tier's price is that of each GiB")
    code: str = Field(default="", max_length=63, description="Of the flavor or tier; empty for addresses")
    monthly: str = Field(pattern=MONEY, description="A month, in the installation's currency, such as `0.35`")
    effective_from: date | None = Field(
        default=None, le=LATEST_DAY, description="Day in the bank's time zone, today at the earliest; today if left out"
    )

    @property
    def amount(self) -> Decimal:
        """What it costs a month."""
        return Decimal(self.monthly)


class NewPrices(Body):
    """Prices that are written down together, all or none."""

    prices: list[NewPrice] = Field(min_length=1, max_length=1000)


class PriceView(BaseModel):
    """What something costs from a day on."""

    id: str
    kind: str
    code: str = Field(description="Empty for addresses")
    monthly: Amount
    currency: str
    effective_from: date
    created_at: datetime

    @classmethod
    def of(cls, price: Price, currency: str) -> "PriceView":
        """Show a price in its currency."""
        return cls(
            id=price.id,
            kind=price.kind,
            code=price.code,
            monthly=price.monthly,
            currency=currency,
            effective_from=price.effective_from,
            created_at=price.created_at,
        )


class AddedPricesView(BaseModel):
    """The prices that were written down; those that change nothing are left out."""

    added: Sequence[PriceView]
