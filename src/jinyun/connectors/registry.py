"""The company directory of this installation, where it has one."""

from jinyun.connectors.directory import Directory, DirectoryUnavailable
from jinyun.kit.settings import Settings
from jinyun.kit.texts import Text

NOT_INSTALLED = Text(
    "python-ldap is not installed: install libldap2-dev, libsasl2-dev, gcc and python3.11-dev and run `make setup`",
    "未安装 python-ldap：请安装 libldap2-dev、libsasl2-dev、gcc 与 python3.11-dev 后执行 `make setup`",
)


def company_directory(settings: Settings) -> Directory | None:
    """Return the company directory; None where none is configured.

    Raises:
        DirectoryUnavailable: one is configured, but this machine or its settings cannot do it.
    """
    if not settings.directory_url:
        return None
    try:
        from jinyun.connectors.ldap.directory import LdapDirectory
    except ImportError as error:
        raise DirectoryUnavailable(NOT_INSTALLED) from error
    return LdapDirectory(settings)
