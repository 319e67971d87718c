"""The tags of a vCenter, which another of its services keeps: it tells the objects of a tag, so all are read."""

import ssl
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from jinyun.providers.base import Connection
from jinyun.providers.errors import BackendDown, Transient
from jinyun.providers.vsphere.names import unescaped

SESSION, CATEGORY, TAG = "/session", "/tagging/category", "/tagging/tag"
ATTACHED = "/tagging/tag-association?~action=list-attached-objects-on-tags"
MACHINE = "VirtualMachine"
Tags = Mapping[str, Sequence[dict[str, str]]]
"""The tags of each machine by moref: each with `category` and `name`."""


def read_tags(connection: Connection) -> Tags:
    """Return the tags of all machines. Raises BackendDown, Transient."""
    public = connection.public
    try:
        with httpx.Client(
            base_url=f"{public['url'].rstrip('/')}/rest/com/vmware/cis",
            verify=ssl.create_default_context(cafile=public.get("cacert")),
            timeout=connection.call_timeout_seconds,
            trust_env=False,
        ) as client:
            answer = client.post(SESSION, auth=(public["username"], connection.secret or ""))
            client.headers["vmware-api-session-id"] = _value(answer, "")
            try:
                return _of_machines(client)
            finally:
                client.delete(SESSION)
    except httpx.ConnectError as error:
        raise BackendDown(str(error)) from error
    except (httpx.HTTPError, ValueError, LookupError) as error:
        raise Transient(f"tags: {error}") from error


def _of_machines(client: httpx.Client) -> Tags:
    categories = {each: _value(client.get(f"{CATEGORY}/id:{each}"), {}) for each in _value(client.get(CATEGORY), [])}
    tags = {each: _value(client.get(f"{TAG}/id:{each}"), {}) for each in _value(client.get(TAG), [])}
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    attached = _value(client.post(ATTACHED, json={"tag_ids": sorted(tags)}), []) if tags else []
    for each in attached:
        tag = tags[each["tag_id"]]
        category = categories.get(tag["category_id"], {}).get("name", tag["category_id"])
        told = {"category": unescaped(category), "name": unescaped(tag["name"])}
        for thing in each.get("object_ids") or ():
            if thing["type"] == MACHINE:
                found[thing["id"]].append(told)
    return {moref: sorted(told, key=lambda tag: (tag["category"], tag["name"])) for moref, told in found.items()}


def _value(answer: httpx.Response, nothing: Any) -> Any:
    """Return what an answer holds, or what stands for nothing: an empty list may be left out, or null."""
    answer.raise_for_status()
    return answer.json().get("value") or nothing
