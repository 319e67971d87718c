"""What commands read from files and from what was typed."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from jinyun.cli.addresses import path_to
from jinyun.cli.failures import Refused, WrongUsage
from jinyun.cli.language import here
from jinyun.kit.texts import Text

if TYPE_CHECKING:
    from jinyun.cli.client import Client

PASSWORD = Text("Password", "密码")
PUBLIC_AUTH = (
    "auth_url",
    "username",
    "project_name",
    "project_id",
    "user_domain_name",
    "user_domain_id",
    "project_domain_name",
    "project_domain_id",
)
PUBLIC_PLACE = ("region_name", "interface", "cacert")
_VOLUME = re.compile(r"(?P<tier>[^:]+):(?P<size>[1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class CloudAccess:
    """How a region is reached, and apart from it the secret."""

    public: dict[str, str]
    secret: str


def read_text(path: Path) -> str:
    """Return a file's text. Raises WrongUsage where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(
            Text("{path} cannot be read: {why}.", "无法读取 {path}：{why}。"), path=path, why=error
        ) from error


def read_document(path: Path) -> dict[str, Any]:
    """Return the object that a YAML file holds. Raises WrongUsage where it holds none."""
    import yaml

    try:
        content = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise WrongUsage(
            Text("{path} cannot be read: {why}.", "无法读取 {path}：{why}。"), path=path, why=error
        ) from error
    if not isinstance(content, dict):
        raise WrongUsage(Text("{path} holds no object.", "{path} 中没有对象。"), path=path)
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in content.items()}


def read_renames(wanted: Iterable[str]) -> dict[str, str]:
    """Return pairs of `OLD=NEW`. Raises WrongUsage."""
    pairs = [each.split("=") for each in wanted]
    if not all(len(pair) == 2 and all(pair) for pair in pairs):
        raise WrongUsage(Text("A name is changed by OLD=NEW.", "更换名称请使用“旧名=新名”。"))
    return {pair[0]: pair[1] for pair in pairs}


def read_changes(wanted: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return `NAME.FIELD=VALUE` as fields by name; a value is read as YAML has it. Raises WrongUsage."""
    import yaml

    changes: dict[str, dict[str, Any]] = {}
    for each in wanted:
        place, _, value = each.partition("=")
        name, _, field = place.rpartition(".")
        if not (name and field and value):
            raise WrongUsage(Text("A field is changed by NAME.FIELD=VALUE.", "修改字段请使用“名称.字段=值”。"))
        try:
            changes.setdefault(name, {})[field] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise WrongUsage(Text("{value} cannot be read.", "无法读取 {value}。"), value=value) from error
    return changes


def read_password(file: Path | None, question: Text = PASSWORD) -> str:
    """Return the first line of a file, or ask without showing what is typed."""
    if file is None:
        return str(typer.prompt(here(question), hide_input=True, err=True))
    return next(iter(read_text(file).splitlines()), "")


def read_volume(wanted: str) -> dict[str, Any]:
    """Return `TIER:GiB` as a data volume. Raises WrongUsage."""
    parts = _VOLUME.fullmatch(wanted)
    if parts is None:
        raise WrongUsage(
            Text("{wanted} is not TIER:GiB.", "{wanted} 不是“存储等级:容量（GiB）”的形式。"), wanted=wanted
        )
    return {"tier": parts["tier"], "size_gib": int(parts["size"])}


def registered_key(api: "Client", file: Path) -> str:
    """Return the name under which a public key is registered; it is registered by its fingerprint where it is not.

    Raises:
        WrongUsage: the file holds no public key.
        Refused: the API does not take it.
    """
    public_key = read_text(file).strip()
    digest = _key_digest(public_key, file)
    fingerprint = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
    for known in api.items(path_to("keypairs")):
        if known["fingerprint"] == fingerprint:
            return str(known["name"])
    name = f"key-{digest.hex()[:16]}"
    try:
        api.post(path_to("keypairs"), {"name": name, "public_key": public_key})
    except Refused as refused:
        if refused.code != "already-exists":  # somebody was quicker: the name says that it is the same key
            raise
    return name


def read_cloud(file: Path, name: str, password_file: Path | None) -> CloudAccess:
    """Return an entry of a clouds.yaml; the password is asked where neither the entry nor a file has it.

    Raises:
        WrongUsage: there is no such entry, or one that does not sign in by password.
    """
    entry = _cloud_entry(file, name)
    auth = entry.get("auth") or {}
    if entry.get("auth_type", "password") not in {"password", "v3password"}:
        raise WrongUsage(Text("{name} does not sign in by password.", "{name} 不是密码认证方式。"), name=name)
    public = {**_chosen(auth, PUBLIC_AUTH), **_chosen(entry, PUBLIC_PLACE)}
    written = auth.get("password") if password_file is None else None
    return CloudAccess(public, str(written) if written else read_password(password_file))


def _cloud_entry(file: Path, name: str) -> Mapping[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(read_text(file))
        entry = content["clouds"][name]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        missing = Text("{file} has no entry clouds.{name}.", "{file} 中没有 clouds.{name}。")
        raise WrongUsage(missing, file=file, name=name) from error
    if not isinstance(entry, dict):
        raise WrongUsage(Text("clouds.{name} is not a cloud.", "clouds.{name} 不是云平台配置。"), name=name)
    return entry


def _chosen(source: Mapping[str, Any], keys: Iterable[str]) -> dict[str, str]:
    return {key: str(source[key]) for key in keys if source.get(key)}


def _key_digest(public_key: str, file: Path) -> bytes:
    """Return the SHA-256 of a public key's body, which its fingerprint is made of."""
    parts = public_key.split()
    try:
        return hashlib.sha256(base64.b64decode(parts[1], validate=True)).digest()
    except (IndexError, binascii.Error) as error:
        raise WrongUsage(Text("{file} holds no public key.", "{file} 中没有公钥。"), file=file) from error
