"""Files that commands read: public keys, clouds.yaml; and names that people use."""

import base64
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from jinyun.cli import inputs
from jinyun.cli.failures import Failure, WrongUsage
from jinyun.cli.finding import find_order, server_id_of, volume_id_of
from tests.api import APPLICANT
from tests.unit.cli.conftest import Jinyun, Served

SignIn = Callable[..., None]
CLOUDS = """
clouds:
  bank:
    auth:
      auth_url: https://cloud.example:5000/v3
      username: jinyun
      password: hidden
      project_name: admin
      user_domain_name: Default
    region_name: RegionOne
    cacert: /etc/ssl/bank.pem
    compute_api_version: "2.1"
  token:
    auth_type: v3token
    auth: {auth_url: https://cloud.example:5000/v3, token: t}
  asking:
    auth: {auth_url: https://cloud.example:5000/v3, username: jinyun, project_id: "1"}
"""


@pytest.fixture
def clouds(tmp_path: Path) -> Path:
    file = tmp_path / "clouds.yaml"
    file.write_text(CLOUDS)
    return file


def test_connection_and_secret_of_a_cloud_come_apart(clouds: Path) -> None:
    access = inputs.read_cloud(clouds, "bank", None)
    assert access.secret == "hidden"
    assert access.public == {
        "auth_url": "https://cloud.example:5000/v3",
        "username": "jinyun",
        "project_name": "admin",
        "user_domain_name": "Default",
        "region_name": "RegionOne",
        "cacert": "/etc/ssl/bank.pem",
    }


def test_the_secret_may_have_a_file_of_its_own(clouds: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("elsewhere\n")
    assert inputs.read_cloud(clouds, "asking", secret).secret == "elsewhere"
    assert inputs.read_cloud(clouds, "bank", secret).secret == "elsewhere"


@pytest.mark.parametrize("name", ["nowhere", "token"])
def test_a_cloud_that_cannot_be_used_is_wrong_usage(clouds: Path, name: str) -> None:
    with pytest.raises(WrongUsage):
        inputs.read_cloud(clouds, name, None)


@pytest.mark.parametrize("content", ["", "- a list", "clouds: [", "clouds: {bank: text}"])
def test_a_file_that_is_no_clouds_yaml_is_wrong_usage(tmp_path: Path, content: str) -> None:
    file = tmp_path / "clouds.yaml"
    file.write_text(content)
    with pytest.raises(WrongUsage):
        inputs.read_cloud(file, "bank", None)


def test_data_volumes_are_typed_as_tier_and_size() -> None:
    assert inputs.read_volume("high:10") == {"tier": "high", "size_gib": 10}
    for wrong in ("high", "high:", ":10", "high:0", "high:-1", "high:10GiB", "high:1:0"):
        with pytest.raises(WrongUsage):
            inputs.read_volume(wrong)


class Keys:
    """An API that knows some key pairs."""

    def __init__(self, *known: dict[str, str]) -> None:
        self.known = list(known)
        self.made: list[dict[str, str]] = []

    def items(self, _path: str) -> list[dict[str, str]]:
        return self.known

    def post(self, _path: str, body: dict[str, str]) -> None:
        self.made.append(body)


def key_file(tmp_path: Path) -> tuple[Path, str]:
    body = struct.pack(">I", 11) + b"ssh-ed25519" + struct.pack(">I", 32) + bytes(32)
    file = tmp_path / "id.pub"
    file.write_text(f"ssh-ed25519 {base64.b64encode(body).decode()} somebody\n")
    return file, "SHA256:" + base64.b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")


def test_a_key_that_is_registered_keeps_its_name(tmp_path: Path) -> None:
    file, fingerprint = key_file(tmp_path)
    api = Keys({"name": "other", "fingerprint": "SHA256:x"}, {"name": "laptop", "fingerprint": fingerprint})
    assert inputs.registered_key(api, file) == "laptop"  # type: ignore[arg-type]
    assert api.made == []


def test_a_key_that_is_not_gets_one_from_its_fingerprint(
    served: Served, jinyun: Jinyun, sign_in: SignIn, tmp_path: Path
) -> None:
    sign_in(APPLICANT)
    file, fingerprint = key_file(tmp_path)
    order = ["order", "server", "--project", "mobile-banking", "--hostname", "app-01", "--flavor", "none-such"]
    order += ["--image", "i", "--network", "n", "--purpose", "x", "--key", str(file)]
    for _ in range(2):
        assert jinyun(*order).code == 1
    listed = jinyun("keypair", "list").out
    assert listed.count(fingerprint) == 1


def test_a_file_without_a_key_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "id.pub"
    file.write_text("hello")
    with pytest.raises(WrongUsage):
        inputs.registered_key(Keys(), file)  # type: ignore[arg-type]


class Lists:
    """An API whose lists hold more than was asked for."""

    def __init__(self, *items: dict[str, str]) -> None:
        self._items = items

    def items(self, _path: str, **_query: object) -> tuple[dict[str, str], ...]:
        return self._items

    def get(self, _path: str, **_query: object) -> dict[str, object]:
        return {"items": list(self._items), "next": None}


def test_a_name_means_exactly_one_thing() -> None:
    api = Lists(
        {"id": "1", "hostname": "app", "name": "data", "number": "1"},
        {"id": "2", "hostname": "app-2", "name": "data", "number": "2"},
    )
    assert server_id_of(api, "app") == "1"  # type: ignore[arg-type]
    assert find_order(api, "2")["id"] == "2"  # type: ignore[arg-type]
    with pytest.raises(Failure) as failure:
        volume_id_of(api, "data")  # type: ignore[arg-type]
    assert failure.value.code == "ambiguous"
    assert "1, 2" in failure.value.hint
    with pytest.raises(Failure) as failure:
        server_id_of(api, "ap")  # type: ignore[arg-type]
    assert failure.value.code == "not-found"
