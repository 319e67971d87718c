"""Running slapd on files of one's own: its configuration, its first content, its certificate."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from lab.sample_directory import READER, SUFFIX

SLAPD = "/usr/sbin/slapd"
SCHEMAS = Path("/etc/ldap/schema")
MODULES = Path("/usr/lib/ldap")
SIZE_LIMIT = 500
"""What the server gives at once; only by pages it gives all."""

CONFIGURATION = """\
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
attributetype ( 1.3.6.1.4.1.32473.1.1 NAME 'accountStatus' EQUALITY caseIgnoreMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.32473.2.1 NAME 'bankPerson' SUP top AUXILIARY MAY accountStatus )
modulepath {modules}
moduleload back_mdb
{sync_module}
pidfile {folder}/slapd.pid
sizelimit {size_limit}
TLSCertificateFile {folder}/server.crt
TLSCertificateKeyFile {folder}/server.key
database mdb
directory {folder}/data
suffix "{suffix}"
rootdn "cn=root,{suffix}"
{root_password}
maxsize 268435456
dbnosync
index objectClass,entryUUID,entryCSN,uid eq
limits dn.exact="{reader}" size.soft={size_limit} size.hard={size_limit} size.prtotal={paged_limit}
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
{sync_overlay}
"""


def write_configuration(
    folder: Path, *, tells_of_changes: bool = True, paged_limit: str = "unlimited", root_password: str = ""
) -> None:
    """Write slapd.conf for a server whose files all lie in this folder."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    text = CONFIGURATION.format(
        schemas=SCHEMAS,
        modules=MODULES,
        folder=folder,
        size_limit=SIZE_LIMIT,
        suffix=SUFFIX,
        reader=READER,
        paged_limit=paged_limit,
        root_password=f"rootpw {root_password}" if root_password else "",
        sync_module="moduleload syncprov" if tells_of_changes else "",
        sync_overlay="overlay syncprov\nsyncprov-checkpoint 100 1" if tells_of_changes else "",
    )
    (folder / "slapd.conf").write_text(text, encoding="utf-8")


def fill(folder: Path, entries: Iterable[str]) -> None:
    """Load a directory that is empty."""
    file = folder / "content.ldif"
    with file.open("w", encoding="utf-8") as content:
        content.writelines(entries)
    file.chmod(0o600)
    load = ["/usr/sbin/slapadd", "-q", "-w", "-f", str(folder / "slapd.conf"), "-l", str(file)]
    subprocess.run(load, check=True, capture_output=True)
    file.unlink()


def command(folder: Path, *urls: str) -> list[str]:
    """Return how the server is run, in the foreground."""
    return [SLAPD, "-d", "none", "-f", str(folder / "slapd.conf"), "-h", " ".join(urls)]
