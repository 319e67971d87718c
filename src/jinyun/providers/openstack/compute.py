"""Servers through Nova."""

from base64 import b64encode
from hashlib import sha256
from urllib.parse import parse_qs, quote, urlsplit

from jinyun.providers.base import (
    Attachment,
    AttachmentVerdict,
    ConsoleEndpoint,
    Server,
    ServerSpecification,
    ServerStatus,
)
from jinyun.providers.errors import Missing, Refused, Transient
from jinyun.providers.openstack.api import Api, Document
from jinyun.providers.openstack.attachments import Attachments
from jinyun.providers.openstack.flavors import FlavorNames
from jinyun.providers.openstack.hosts import Hosts
from jinyun.providers.openstack.translate import TOKEN, server_from, tag_of

WEBSOCKET = {"http": "ws", "https": "wss"}


class OpenStackCompute:
    """Servers of one project."""

    def __init__(
        self, *, compute: Api, network: Api, attachments: Attachments, flavors: FlavorNames, hosts: Hosts
    ) -> None:
        self._compute = compute
        self._network = network
        self._attachments = attachments
        self._flavors = flavors
        self._hosts = hosts

    def find_by_token(self, token: str, *, port_id: str | None = None) -> Server | None:
        """Return the server made with this token (or sitting on this port), or None."""
        port = self._network.find(f"/ports/{port_id}") if port_id else None
        on_port = self.get(port["port"]["device_id"]) if port and port["port"]["device_id"] else None
        return on_port or self._find_tagged(token)

    def _find_tagged(self, token: str) -> Server | None:
        found = list(self._compute.items("/servers/detail", "servers", {"tags": tag_of(token)}))
        oldest = min(found, key=lambda server: (str(server["created"]), str(server["id"])), default=None)
        return self._server_from(oldest) if oldest else None

    def create(self, specification: ServerSpecification, token: str) -> Server:
        """Ask for a server. Raises Refused where the request itself is impossible."""
        wish = _wish(specification, token)
        if specification.public_keys:
            wish["key_name"] = self._ensure_key(specification.public_keys[0])
        made = self._compute.post("/servers", {"server": wish})["server"]
        return Server(
            id=made["id"],
            name=specification.name,
            status=ServerStatus.BUILDING,
            zone=specification.zone,
            flavor_id=specification.flavor_id,
            token=token,
        )

    def _ensure_key(self, public_key: str) -> str:
        """Make a key pair of this key, or find it: its name tells its content, so an existing one is the same."""
        name = f"jinyun-{sha256(public_key.encode()).hexdigest()[:16]}"
        if self._compute.find(f"/os-keypairs/{name}") is None:
            try:
                self._compute.post("/os-keypairs", {"keypair": {"name": name, "public_key": public_key, "type": "ssh"}})
            except Refused as refusal:
                if self._compute.find(f"/os-keypairs/{name}") is None:
                    raise refusal
        return name

    def get(self, server_id: str) -> Server | None:
        """Return the server, or None where it does not exist any more."""
        document = self._compute.find(f"/servers/{quote(server_id)}")
        return self._server_from(document["server"]) if document else None

    def start(self, server_id: str) -> None:
        """Ask for power on; Refused (`wrong-state`) where it is on."""
        self._act(server_id, {"os-start": None})

    def stop(self, server_id: str) -> None:
        """Ask for a shutdown, guest first; Refused (`wrong-state`) where it is off."""
        self._act(server_id, {"os-stop": None})

    def reboot(self, server_id: str, *, hard: bool) -> None:
        """Ask for a reboot: through the guest, or by power (`hard`)."""
        self._act(server_id, {"reboot": {"type": "HARD" if hard else "SOFT"}})

    def resize(self, server_id: str, flavor_id: str) -> None:
        """Ask for another flavor; where no host has room the server comes to rest as it was."""
        self._act(server_id, {"resize": {"flavorRef": flavor_id}})

    def last_failure(self, server_id: str) -> str | None:
        """Return why the last change asked of a server failed, in Nova's words; None where it did not fail."""
        actions = self._compute.get(f"/servers/{server_id}/os-instance-actions")["instanceActions"]
        last = max(actions, key=lambda action: str(action["start_time"]), default=None)
        if last is None or last["message"] is None:
            return None
        action = self._compute.get(f"/servers/{server_id}/os-instance-actions/{last['request_id']}")["instanceAction"]
        failed = [event for event in action["events"] if event["result"] == "Error"]
        words = dict.fromkeys(event.get("details") or event["event"] for event in failed)
        return "; ".join(words) or str(last["message"])

    def confirm_resize(self, server_id: str) -> None:
        """Keep the new flavor; fine where that is under way already."""
        self._answer_resize(server_id, "confirmResize")

    def revert_resize(self, server_id: str) -> None:
        """Go back to the old flavor; fine where that is under way already."""
        self._answer_resize(server_id, "revertResize")

    def _answer_resize(self, server_id: str, answer: str) -> None:
        """Answer a waiting resize; Nova shows it as waiting until the end, but knows when it was answered."""
        try:
            self._act(server_id, {answer: None})
        except Refused as refused:
            if "has not been resized" not in refused.words:
                raise

    def migrate(self, server_id: str, host: str) -> None:
        """Ask for a move to another host while the server runs; disks on the host go with it where they have to."""
        service = self._hosts.service_of(host)
        if service is None:
            raise Missing(f"host {host} does not exist")
        self._act(server_id, {"os-migrateLive": {"host": service["host"], "block_migration": "auto"}})

    def delete(self, server_id: str) -> None:
        """Ask for deletion; a missing server is fine."""
        try:
            self._compute.delete(f"/servers/{server_id}")
        except Missing:
            return

    def attach_volume(self, server_id: str, volume_id: str) -> None:
        """Ask for an attachment. Never repeat after OutcomeUnknown without reading `attachment` first."""
        wish = {"volumeAttachment": {"volumeId": volume_id}}
        self._compute.post(f"/servers/{server_id}/os-volume_attachments", wish)

    def detach_volume(self, server_id: str, volume_id: str) -> None:
        """Ask for a detachment; where it is not attached, fine. Transient while a change is under way."""
        try:
            self._compute.delete(f"/servers/{server_id}/os-volume_attachments/{volume_id}")
        except Missing:
            return
        except Refused as refusal:
            match self.attachment(server_id, volume_id).verdict:
                case AttachmentVerdict.DETACHED:
                    return
                case AttachmentVerdict.UNDER_WAY:
                    raise Transient(refusal.words) from refusal
            raise

    def attachment(self, server_id: str, volume_id: str) -> Attachment:
        """Read every record of this volume on this server and give the verdict."""
        return self._attachments.read(server_id, volume_id)

    def console_log(self, server_id: str, lines: int) -> str:
        """Return the end of the serial console's output."""
        answer = self._compute.ask(f"/servers/{server_id}/action", {"os-getConsoleOutput": {"length": lines}})
        return str(answer["output"])

    def console(self, server_id: str) -> ConsoleEndpoint:
        """Open the server's screen for the platform; valid for a short time. Refused (`not-offered`) without one."""
        wish = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
        try:
            answer = self._compute.ask(f"/servers/{server_id}/remote-consoles", wish)
        except Missing:
            raise
        except Refused as refusal:
            raise Refused(refusal.words, code="not-offered") from refusal
        return console_endpoint(answer["remote_console"]["url"])

    def _act(self, server_id: str, action: Document) -> None:
        self._compute.post(f"/servers/{server_id}/action", action)

    def _server_from(self, document: Document) -> Server:
        return server_from(document, self._flavors.for_servers([document]))


def _wish(specification: ServerSpecification, token: str) -> Document:
    """Return the body of a request for a server."""
    optional = {
        "availability_zone": specification.zone,
        "hypervisor_hostname": specification.host,
        "user_data": specification.user_data and b64encode(specification.user_data.encode()).decode(),
    }
    return {
        "name": specification.name,
        "flavorRef": specification.flavor_id,
        "imageRef": specification.image_id,
        "networks": [{"port": port_id} for port_id in specification.port_ids],
        "config_drive": True,
        "metadata": {**specification.metadata, TOKEN: token},
        "tags": [tag_of(token)],
        **{name: value for name, value in optional.items() if value},
    }


def console_endpoint(page: str) -> ConsoleEndpoint:
    """Return the websocket behind the address of a noVNC page, which carries the token in `path=?token=…` or itself."""
    address = urlsplit(page)
    query = parse_qs(address.query)
    inner = parse_qs(urlsplit(query.get("path", [""])[0]).query)
    token = (query.get("token") or inner["token"])[0]
    return ConsoleEndpoint(
        url=f"{WEBSOCKET[address.scheme]}://{address.netloc}/?token={token}",
        origin=f"{address.scheme}://{address.netloc}",
    )
