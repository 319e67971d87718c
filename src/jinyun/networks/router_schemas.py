"""What the API shows of routers."""

from typing import Self

from pydantic import BaseModel, Field

from jinyun.networks.models import Router


class RouterView(BaseModel):
    """A router of an application system."""

    id: str
    code: str
    project: str = Field(description="Code of the application system")
    region: str = Field(description="The region's code")
    state: str
    external: str | None = Field(description="Code of the network that it leads to")
    networks: list[str] = Field(description="Codes of the networks that it joins")

    @classmethod
    def of(cls, router: Router) -> Self:
        """Show one router."""
        return cls(
            id=router.id,
            code=router.code,
            project=router.project.code,
            region=router.region.code,
            state=router.state,
            external=router.external_network.code if router.external_network else None,
            networks=[network.code for network in router.networks],
        )
