"""Ids of flavors by name, since Nova tells of a server only its flavor's name."""

from jinyun.providers.openstack.api import Api, Document


class FlavorNames:
    """Remembers the cloud's flavors and asks again when a name is new."""

    def __init__(self, compute: Api) -> None:
        self._compute = compute
        self._ids: dict[str, str] = {}

    def for_servers(self, documents: list[Document]) -> dict[str, str]:
        """Return ids by name, with those of these servers' flavors where they still exist."""
        wanted = {server.get("flavor", {}).get("original_name") for server in documents}
        if not wanted <= {None, *self._ids}:
            everywhere = self._compute.items("/flavors", "flavors", {"is_public": "None"})
            self._ids = {flavor["name"]: flavor["id"] for flavor in everywhere}
        return self._ids
