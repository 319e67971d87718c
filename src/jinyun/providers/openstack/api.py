"""One OpenStack service as one project sees it: JSON in, JSON out, failures as the four kinds, nothing tried twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from keystoneauth1.exceptions import DiscoveryFailure
from openstack import exceptions
from openstack.connection import Connection
from openstack.proxy import Proxy

from jinyun.providers.errors import Missing
from jinyun.providers.openstack.failures import failure_of_answer, no_answer, preparing, sending

Document = dict[str, Any]
Query = dict[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Service:
    """A service and the microversions that the code is written for, best first; the cloud's own limit decides."""

    name: str
    microversions: tuple[tuple[int, int], ...] = ()


COMPUTE = Service("compute", ((2, 101), (2, 93)))
"""From 2.101 on an attachment is only accepted (202) and made afterwards."""
BLOCK_STORAGE = Service("block_storage", ((3, 64), (3, 44)))
"""3.44 shows attachments with the server that they are for."""
PLACEMENT = Service("placement", ((1, 39), (1, 20)))
NETWORK = Service("network")
IMAGE = Service("image")
IDENTITY = Service("identity")


class Api:
    """Requests to one service with one project's token; safe to use from several threads.

    Every method raises the four kinds of error of `jinyun.providers.errors`.
    """

    def __init__(self, connection: Connection, service: Service) -> None:
        self._connection = connection
        self._service = service

    def get(self, path: str, query: Query | None = None) -> Document:
        """Return the document at a path. Raises Missing where there is none."""
        return self._send("GET", path, reads=True, query=query)

    def find(self, path: str) -> Document | None:
        """Return the document at a path, or None where there is none."""
        try:
            return self.get(path)
        except Missing:
            return None

    def items(
        self, path: str, collection: str, query: Query | None = None, *, microversion: str | None = None
    ) -> Iterator[Document]:
        """Yield every member of a collection, page after page; by another microversion where one is given."""
        page = query
        while True:
            document = self._send("GET", path, reads=True, query=page, microversion=microversion)
            yield from document[collection]
            following = _next_page(document, collection)
            if following is None:
                return
            page = following

    def ask(self, path: str, body: Document) -> Document:
        """Return the answer to a question that OpenStack takes as a POST."""
        return self._send("POST", path, reads=True, body=body)

    def post(self, path: str, body: Document) -> Document:
        """Have something made or done; return the answer's document, empty where there is none."""
        return self._send("POST", path, reads=False, body=body)

    def put(self, path: str, body: Document | None = None) -> None:
        """Have something set."""
        self._send("PUT", path, reads=False, body=body)

    def delete(self, path: str) -> None:
        """Have something deleted. Raises Missing where it does not exist."""
        self._send("DELETE", path, reads=False)

    @cached_property
    def limits(self) -> tuple[int | float, ...] | None:
        """The newest microversion that the cloud offers; None where the service has none.

        A service that is just starting does not say: to go on without a microversion would be to speak an old dialect.
        """
        with preparing():
            data = self._proxy.get_endpoint_data()
            newest = data.max_microversion if data else None
            if newest is None and self._service.microversions:
                raise DiscoveryFailure(f"{self._service.name} does not say which versions it has")
        return newest

    @cached_property
    def microversion(self) -> str | None:
        """The microversion that requests are made with."""
        newest = self.limits
        fitting = (wanted for wanted in self._service.microversions if newest and wanted <= newest)
        return next((f"{major}.{minor}" for major, minor in fitting), None)

    @cached_property
    def _proxy(self) -> Proxy:
        proxy: Proxy = getattr(self._connection, self._service.name)
        return proxy

    def _send(
        self,
        method: str,
        path: str,
        *,
        reads: bool,
        body: Document | None = None,
        query: Query | None = None,
        microversion: str | None = None,
    ) -> Document:
        with preparing():
            proxy = self._proxy
            self._connection.session.get_token()
        version = microversion or self.microversion
        with sending(reads=reads):
            response = proxy.request(path, method, json=body, params=query, microversion=version)
        if response.status_code >= 400:
            raise failure_of_answer(response.status_code, _words(response), reads=reads)
        return _document(response, reads=reads)


def _document(response: requests.Response, *, reads: bool) -> Document:
    """Return what a service answered; something else than JSON comes from whatever stands before the service."""
    if not response.content:
        return {}
    try:
        document: Document = response.json()
    except ValueError as error:
        raise no_answer(f"{response.url}: {response.text[:200]}", reads=reads) from error
    return document


def _words(response: requests.Response) -> str:
    """Return what a service said, with the id under which its log tells more."""
    try:
        exceptions.raise_from_response(response)
    except exceptions.HttpException as error:
        request_id = f" ({error.request_id})" if error.request_id else ""
        return f"{error.details or error}{request_id}"
    return response.text


def _next_page(document: Document, collection: str) -> Query | None:
    """Return the query of the next page: only that part of a link is ours to follow, its host is the cloud's inside."""
    links = document.get(f"{collection}_links", ())
    link = next((link["href"] for link in links if link["rel"] == "next"), document.get("next"))
    return dict(parse_qsl(urlsplit(link).query)) if link else None
