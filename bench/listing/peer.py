"""Nova's own list of servers, on the lab's hypervisors that exist in name only."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from openstack.connection import Connection

from bench.listing.asking import Reader, p95_ms
from bench.tenant import connect
from lab.layout import Layout

NAME, FLAVOR, ZONE = "bench-lists", "m1.nano", "az-scale"
AT_ONCE = 100
PATIENCE_SECONDS = 300.0


class NovaDidNot(Exception):
    """The cloud did not make the servers."""


def page_p95_ms(servers: int, limit: int, rate: float, seconds: float) -> tuple[int, float]:
    """Have Nova hold so many servers; return how many it lists, and the p95 of its pages."""
    with connect(Layout.here().clouds) as cloud:
        try:
            _make(cloud, servers)
            address = urlsplit(str(cloud.compute.get_endpoint()))
            headers = {**(cloud.session.get_auth_headers() or {}), "X-OpenStack-Nova-API-Version": "2.96"}
            query = {"all_tenants": "1", "limit": str(limit)}
            path = f"{address.path}/servers/detail"
            reader = partial(Reader, address.port or 80, path, headers, query, _following)
            return len(list(cloud.compute.servers(details=False, all_projects=True))), p95_ms(reader, rate, seconds)
        finally:
            _remove(cloud)


def _following(page: Any) -> Mapping[str, str] | None:
    links = [link["href"] for link in page.get("servers_links", ()) if link["rel"] == "next"]
    return {"marker": dict(parse_qsl(urlsplit(links[0]).query))["marker"]} if links else None


def _make(cloud: Connection, count: int) -> None:
    image = cloud.image.find_image("jinyun-linux-1", ignore_missing=False)
    flavor = cloud.compute.find_flavor(FLAVOR, ignore_missing=False)
    for begun in range(0, count, AT_ONCE):
        cloud.compute.create_server(
            name=NAME,
            image_id=image.id,
            flavor_id=flavor.id,
            networks="none",
            availability_zone=ZONE,
            min_count=min(AT_ONCE, count - begun),
            max_count=min(AT_ONCE, count - begun),
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while [server.status for server in cloud.compute.servers(name=NAME)].count("ACTIVE") < count:
        if time.monotonic() > deadline:
            raise NovaDidNot(f"{count} servers were not made within {PATIENCE_SECONDS:.0f} s")
        time.sleep(2)


def _remove(cloud: Connection) -> None:
    for server in cloud.compute.servers(details=False, name=NAME):
        cloud.compute.delete_server(server)
