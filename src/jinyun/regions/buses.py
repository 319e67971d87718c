"""The message bus on which a region tells of changes: which one it is, and its password, sealed."""

import re
from pathlib import Path

from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import InvalidField, Problem
from jinyun.kit.texts import Text
from jinyun.kit.vault import seal
from jinyun.regions.models import Region
from jinyun.regions.service import managed, subject_of

HAVE_ONE = frozenset({"openstack"})
HOST = r"[A-Za-z0-9._-]+@[A-Za-z0-9.\[\]:-]+:[0-9]{1,5}"
ADDRESS = re.compile(rf"rabbit://{HOST}(,{HOST})*/[^\s?#@]*(\?[a-z0-9_]+=[^\s&#]+(&[a-z0-9_]+=[^\s&#]+)*)?")
NOT_AN_ADDRESS = Text(
    "Not of the form rabbit://user@host:port/virtual-host, or it holds a password.",
    "格式应为 rabbit://用户@主机:端口/虚拟主机，且不能包含密码。",
)


class NoBus(Problem):
    """Regions of this kind tell of changes by themselves."""

    status = 409
    detail = Text("A region of {provider} has no message bus.", "{provider} 类型的区域没有消息总线。")
    hint = Text("Its changes are heard without one.", "其变更无需消息总线即可获知。")


def set_bus(
    session: Session, actor: Actor, key_directory: Path, code: str, url: str, topic: str, secret: str
) -> Region:
    """Say where a region tells of changes; whoever watches it listens there from the next look on.

    Raises:
        NotFound: there is no such region.
        NoBus: regions of its kind have none.
        InvalidField: the address cannot be one.
    """
    region = managed(session, actor, code)
    if region.provider not in HAVE_ONE:
        raise NoBus(provider=region.provider)
    if not ADDRESS.fullmatch(url):
        raise InvalidField("url", NOT_AN_ADDRESS)
    before = region.bus
    region.bus, region.sealed_bus_secret = {"url": url, "topic": topic}, seal(key_directory, secret)
    region.version += 1
    audit.record(session, actor, "region.set-bus", subject_of(region), before=before, after=region.bus)
    return region


def clear_bus(session: Session, actor: Actor, code: str) -> Region:
    """Forget where a region tells of changes, and the password. Raises NotFound."""
    region = managed(session, actor, code)
    before = region.bus
    region.bus = region.sealed_bus_secret = None
    region.version += 1
    audit.record(session, actor, "region.clear-bus", subject_of(region), before=before)
    return region
