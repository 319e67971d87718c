"""Which dialect a service is spoken to in."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from openstack.connection import Connection

from jinyun.providers.errors import BackendDown
from jinyun.providers.openstack.api import COMPUTE, NETWORK, Api, Service


def api_of(service: Service, *said: tuple[int, int] | None) -> Api:
    """Return the API of a service that says these newest microversions, one after the other."""
    answers = iter(said)

    def endpoint_data() -> Any:
        return SimpleNamespace(max_microversion=next(answers))

    proxy = SimpleNamespace(get_endpoint_data=endpoint_data)
    return Api(cast("Connection", SimpleNamespace(**{service.name: proxy})), service)


def test_a_service_that_just_starts_is_asked_again_and_not_spoken_to_in_an_old_dialect() -> None:
    api = api_of(COMPUTE, None, (2, 96))
    with pytest.raises(BackendDown, match="compute does not say which versions it has"):
        _ = api.microversion
    assert api.microversion == "2.93"


def test_a_service_without_microversions_is_asked_without_one() -> None:
    assert api_of(NETWORK, None).microversion is None
