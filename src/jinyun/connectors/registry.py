"""The company directory of this installation, where it has one."""

from dataclasses import dataclass

from jinyun.connectors.directory import Directory, DirectoryUnavailable, PasswordCheck
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


@dataclass(frozen=True, slots=True)
class CompanyPasswords:
    """Asks the company directory, which is set up anew for each question: a broken one stops no API node."""

    settings: Settings

    def check(self, login: str, password: str) -> bool:
        """Tell whether this login has this password there, and is active. Raises DirectoryUnavailable."""
        directory = company_directory(self.settings)
        return directory is not None and directory.check(login, password)


def password_check(settings: Settings) -> PasswordCheck | None:
    """Return who is asked about passwords; None where no company directory is configured."""
    return CompanyPasswords(settings) if settings.directory_url else None
