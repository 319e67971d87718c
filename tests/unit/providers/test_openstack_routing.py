"""What is asked of Neutron for routers and floating addresses: nothing that is so already, and the rest exactly."""

from collections.abc import Iterator
from typing import Any

from jinyun.providers.base import RouterSpecification
from jinyun.providers.openstack.routing import OpenStackRouting

TOKEN = "jy-1"


class Neutron:
    """Answers lists as Neutron writes them, and notes what is changed."""

    def __init__(self, **lists: list[dict[str, Any]]) -> None:
        self.lists = lists
        self.asked: list[tuple[str, str, Any]] = []

    def items(self, path: str, collection: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        return iter(each for each in self.lists.get(collection, []) if query.items() <= each.items())

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(("POST", path, body))
        return {name: {"id": "new", "external_gateway_info": None, **wish} for name, wish in body.items()}

    def put(self, path: str, body: dict[str, Any]) -> None:
        self.asked.append(("PUT", path, body))

    def delete(self, path: str) -> None:
        self.asked.append(("DELETE", path, None))


def interface(subnet_id: str, owner: str = "network:router_interface") -> dict[str, Any]:
    return {"device_id": "r1", "device_owner": owner, "fixed_ips": [{"subnet_id": subnet_id}]}


def test_a_router_is_changed_only_where_it_differs() -> None:
    known = {"id": "r1", "description": f"jinyun:{TOKEN}", "external_gateway_info": {"network_id": "out"}}
    gateway = interface("of-outside", "network:router_gateway")
    neutron = Neutron(routers=[known], ports=[interface("kept"), interface("old"), gateway])
    routing = OpenStackRouting(neutron)  # type: ignore[arg-type]
    assert routing.ensure_router(RouterSpecification("way-out", "out", ("kept", "new")), TOKEN) == "r1"
    assert neutron.asked == [
        ("PUT", "/routers/r1/add_router_interface", {"subnet_id": "new"}),
        ("PUT", "/routers/r1/remove_router_interface", {"subnet_id": "old"}),
    ]


def test_a_router_is_made_with_its_gateway_and_without_one_loses_it() -> None:
    neutron = Neutron()
    OpenStackRouting(neutron).ensure_router(RouterSpecification("way-out", "out", ()), TOKEN)  # type: ignore[arg-type]
    assert [path for _, path, _ in neutron.asked] == ["/routers", "/routers/new"]
    assert neutron.asked[1][2] == {"router": {"external_gateway_info": {"network_id": "out"}}}
    known = {"id": "r1", "description": f"jinyun:{TOKEN}", "external_gateway_info": {"network_id": "out"}}
    neutron = Neutron(routers=[known])
    OpenStackRouting(neutron).ensure_router(RouterSpecification("way-out", None, ()), TOKEN)  # type: ignore[arg-type]
    assert neutron.asked == [("PUT", "/routers/r1", {"router": {"external_gateway_info": {}}})]


def test_a_floating_address_is_known_by_its_token() -> None:
    listed = {
        "id": "f1",
        "floating_network_id": "out",
        "floating_ip_address": "172.24.4.5",
        "port_id": "p1",
        "description": f"jinyun:{TOKEN}",
    }
    found = OpenStackRouting(Neutron(floatingips=[listed])).find_floating("out", "172.24.4.5")  # type: ignore[arg-type]
    assert found is not None
    assert (found.id, found.port_id, found.token) == ("f1", "p1", TOKEN)
