"""Search over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator

from jinyun.access.http import CurrentCall, reading
from jinyun.kit.bodies import printable
from jinyun.search import queries
from jinyun.search.schemas import SearchView

router = APIRouter(prefix="/v1", tags=["search"])
Typed = Annotated[str, Query(min_length=2, max_length=64), AfterValidator(printable)]


@router.get("/search", responses=reading())
def search(call: CurrentCall, q: Typed) -> SearchView:
    """Find names, addresses, order numbers and people that begin like `q`, of what you may read."""
    return call.read(lambda session, actor: queries.search(session, actor, q))
