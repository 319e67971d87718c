"""From what people call a thing to the thing itself."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import Failure
from jinyun.cli.language import here
from jinyun.kit.texts import Text

if TYPE_CHECKING:
    from jinyun.cli.client import Client

Document = dict[str, Any]
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SERVER = Text("server", "服务器")
VOLUME = Text("volume", "云硬盘")
SNAPSHOT = Text("snapshot", "快照")
SERVER_GROUP = Text("server group", "服务器组")
ORDER = Text("order", "订单")
ROUTER = Text("router", "路由器")
FLOATING = Text("floating address", "浮动地址")
GROUP = Text("security group", "安全组")
POOL = Text("pool", "资源池")
HOST = Text("host", "主机")
DECISION = Text("decision of yours on", "待您审批的事项")


def is_id(name: str) -> bool:
    """Tell an id from a name."""
    return ID.fullmatch(name) is not None


def find_server(api: "Client", name: str) -> Document:
    """Return a server by its id or hostname, with everything on it. Raises Failure."""
    server_id = name if is_id(name) else server_id_of(api, name)
    server: Document = api.get(path_to("servers", server_id))
    return server


def server_id_of(api: "Client", name: str) -> str:
    """Return the id of a server by its id or hostname. Raises Failure."""
    if is_id(name):
        return name
    found = (server for server in api.items(path_to("servers"), hostname=name) if server["hostname"] == name)
    return str(only(SERVER, name, found)["id"])


def volume_id_of(api: "Client", name: str) -> str:
    """Return the id of a volume by its id or name. Raises Failure."""
    return name if is_id(name) else str(find_volume(api, name)["id"])


def find_volume(api: "Client", name: str) -> Document:
    """Return a volume by its id or name. Raises Failure."""
    if is_id(name):
        volume: Document = api.get(path_to("volumes", name))
        return volume
    return only(VOLUME, name, api.items(path_to("volumes"), name=name))


def find_snapshot(api: "Client", name: str) -> Document:
    """Return a snapshot by its id or name. Raises Failure."""
    if is_id(name):
        snapshot: Document = api.get(path_to("snapshots", name))
        return snapshot
    return only(SNAPSHOT, name, (each for each in api.items(path_to("snapshots")) if each["name"] == name))


def find_server_group(api: "Client", name: str) -> Document:
    """Return a server group by its id or name. Raises Failure."""
    groups = (each for each in api.items(path_to("server-groups")) if name in {each["id"], each["name"]})
    return only(SERVER_GROUP, name, groups)


def find_order(api: "Client", name: str) -> Document:
    """Return an order by its id or number. Raises Failure."""
    if is_id(name):
        order: Document = api.get(path_to("orders", name))
        return order
    page = api.get(path_to("orders"), number=name, limit=1)
    return only(ORDER, name, (order for order in page["items"] if order["number"] == name))


def find_pool_id(api: "Client", name: str, region: str | None) -> str:
    """Return the id of a pool by its id or name, in one region where one is given. Raises Failure."""
    if is_id(name):
        return name
    found = (pool for pool in api.items(path_to("pools"), region=region) if pool["name"] == name)
    return str(only(POOL, name, found)["id"])


def find_host_id(api: "Client", name: str, region: str | None) -> str:
    """Return the id of a host by its id or name, in one region where one is given. Raises Failure."""
    if is_id(name):
        return name
    found = (host for host in api.items(path_to("hosts"), region=region) if host["name"] == name)
    return str(only(HOST, name, found)["id"])


def find_security_group(api: "Client", name: str, project: str | None) -> Document:
    """Return a security group by its id or code, that of one application system where one is given. Raises Failure."""
    groups = (group for group in api.items(path_to("security-groups")) if name in {group["id"], group["code"]})
    return only(GROUP, name, (group for group in groups if project in {None, group["project"]}))


def find_router(api: "Client", name: str) -> Document:
    """Return a router by its id or code. Raises Failure."""
    return only(ROUTER, name, (each for each in api.items(path_to("routers")) if name in {each["id"], each["code"]}))


def find_floating_address(api: "Client", name: str) -> Document:
    """Return a floating address by its id or address. Raises Failure."""
    addresses = api.items(path_to("floating-addresses"))
    return only(FLOATING, name, (each for each in addresses if name in {each["id"], each["address"]}))


def find_todo(api: "Client", name: str) -> Document:
    """Return what waits for the person's decision, by the id of the assignment or the id or number of its subject.

    Raises Failure.
    """
    todos = [todo for todo in api.items(path_to("todos")) if name in _names(todo)]
    alike = {(todo["chain_id"], todo["asked_person"], todo["only_word"]): todo for todo in todos}
    return only(DECISION, name, alike.values() if len(todos) > 1 else todos)


def _names(todo: Document) -> set[object]:
    return {todo["assignment_id"], todo["chain_id"], todo["subject_id"], todo["facts"].get("number")}


def only(kind: Text, name: str, found: Iterable[Document]) -> Document:
    """Return the one that was found; several of a name have to be told apart by their ids."""
    documents = list(found)
    if len(documents) == 1:
        return documents[0]
    if not documents:
        detail = Text("There is no {kind} {name}, or you may not see it.", "{kind} {name} 不存在，或您无权查看。")
        hint = Text(
            "Check the name, and as whom you act (`jinyun whoami`).", "请检查名称和当前身份（`jinyun whoami`）。"
        )
        code = "not-found"
    else:
        detail = Text("There is more than one {kind} named {name}.", "名为 {name} 的{kind}不止一个。")
        hint = Text("Use an id: {ids}.", "请使用标识：{ids}。").format(ids=", ".join(map(_id, documents)))
        code = "ambiguous"
    raise Failure(here(detail).format(kind=here(kind), name=name), here(hint), code=code)


def _id(document: Document) -> str:
    return str(document.get("id") or document["assignment_id"])
