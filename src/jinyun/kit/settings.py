"""Settings of one installation: environment variables `JINYUN_…`, or a TOML file named by `JINYUN_CONFIG`."""

import os
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """What an installation may choose. Secrets are files, so that they never show in a process list."""

    model_config = SettingsConfigDict(env_prefix="JINYUN_", extra="ignore")

    database_url: str = "sqlite:///.run/jinyun.db"
    """SQLAlchemy address: `mysql+pymysql://…` in production, `sqlite:///…` for the simulated region."""
    key_directory: Path = Path(".run/keys")
    """Holds the key pairs `provider-secrets` and `audit`; API nodes need no private half of the first."""
    listen_host: str = "127.0.0.1"
    listen_port: int = 8800
    public_url: str = "http://127.0.0.1:8800"
    business_timezone: str = "Asia/Shanghai"
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    """The currency of every price (ISO 4217)."""
    working_hours: str = Field(default="09:00-18:00", pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$")
    """When the bank works on a working day, in that time zone: due times count on it."""
    worker_threads: int = Field(default=8, ge=1, le=64)
    worker_name: str | None = None
    """Shown as the holder of an operation; host name and process id where it is not set."""
    lease_seconds: float = Field(default=20.0, gt=0)
    """How long a worker owns an operation without a heartbeat; must be longer than `call_timeout_seconds`."""
    call_timeout_seconds: float = Field(default=15.0, gt=0)
    """The longest that one call to a backend may take."""
    settle_seconds: float = Field(default=10.0, ge=0)
    """How long a region's records must say the same before "nothing is there" is believed: requests travel."""
    orphan_confirm_seconds: float = Field(default=300.0, ge=0)
    """How long after it was first found a thing that belongs to nobody must be found again to count as an orphan."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses or networks, with commas, whose X-Forwarded-For is believed: the load balancers."""
    token_hours: int = Field(default=12, ge=1)
    """How long a sign-in lasts, however busy."""
    session_idle_minutes: int = Field(default=30, ge=2)
    """How long the web console may lie idle before its session ends."""
    token_days: int = Field(default=365, ge=1)
    """The longest life of a token."""
    sign_in_failures: int = Field(default=5, ge=1)
    """How many sign-ins of one login may fail from one address before it has to wait there."""
    sign_in_address_failures: int = Field(default=30, ge=1)
    """The same from one address, of all logins together."""
    sign_in_login_failures: int = Field(default=100, ge=1)
    """The same of one login, from all addresses together: then it waits wherever it was not right lately."""
    sign_in_window_minutes: int = Field(default=15, ge=1)
    """After how long without another failure they are forgotten."""
    oidc_issuer: str | None = None
    """Address of the provider of single sign-on (OpenID Connect); none where there is no single sign-on."""
    oidc_name: str = "Single sign-on"
    """What its button is called."""
    oidc_client_id: str = "jinyun"
    oidc_client_secret_file: Path | None = None
    oidc_ca_file: Path | None = None
    """Who signs the provider's certificate; the system's authorities where it is not set."""
    oidc_scopes: str = "openid profile"
    oidc_login_claim: str = "preferred_username"
    """What of the provider's answer is a person's login here."""
    oidc_groups_claim: str = "groups"
    oidc_group: str | None = None
    """The group that may use Jinyun; everybody whom the bank knows where it is not set."""
    hold_hours: int = Field(default=72, ge=1)
    """How long a submitted order keeps its capacity and address while nobody decides."""
    lease_notice_days: int = Field(default=14, ge=1, le=365)
    """How long before the end of a server's lease its people are told."""
    recycle_days: int = Field(default=7, ge=0)
    """How long a deleted server rests in the recycle bin before it is purged."""
    audit_seal_file: Path | None = None
    """Where each seal of the audit log is also written, off the host: a mounted share that can only be added to."""
    audit_archive_directory: Path | None = None
    """Where old audit records go, with a proof; without it none is ever removed."""
    audit_keep_days: int = Field(default=1827, ge=183)
    """How long audit records stay in the database: five years; the law asks for six months at least."""
    audit_archive_database_url: str | None = None
    """The database as the one user who may delete audit records; as everybody else's where it is not set."""
    directory_url: str = ""
    """The company directory: `ldaps://…` or `ldap://…`; empty where people are entered here."""
    directory_kind: Literal["openldap", "ad"] = "openldap"
    """Which names of attributes are usual there."""
    directory_attributes: dict[str, str] = Field(default_factory=dict)
    """What this directory calls otherwise: see `connectors.ldap.attributes`."""
    directory_base: str = ""
    directory_bind_dn: str = ""
    directory_password_file: Path | None = None
    directory_ca_file: Path | None = None
    """The authority that signed the directory's certificate; the system's authorities where it is not set."""
    directory_start_tls: bool = True
    """Encrypt `ldap://`; only a directory on this very machine may do without."""
    directory_timeout_seconds: float = Field(default=10.0, gt=0)
    directory_poll_seconds: float = Field(default=1.0, gt=0)
    """How often a directory is asked that does not tell of changes itself."""
    directory_cap_percent: float = Field(default=5.0, ge=0, le=100)
    """A sync that would remove more of the people or departments than this waits for a confirmation."""
    directory_automatic: bool = True
    """Carry out what the directory says at once; else only when a security administrator asks for it."""
    smtp_host: str = ""
    """The bank's mail server; empty where notices stay in the inbox alone."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """`none` only for a mail server on this very machine."""
    smtp_ca_file: Path | None = None
    """The authority that signed the mail server's certificate; the system's authorities where it is not set."""
    smtp_login: str = ""
    smtp_password_file: Path | None = None
    mail_from: str = "jinyun@localhost"
    """The address that mail comes from; its part behind the @ is also that of each Message-ID."""
    log_json: bool = False

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of the public address, as a browser names where a request comes from."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def is_https(self) -> bool:
        """Whether people reach this installation over TLS."""
        return self.public_url.lower().startswith("https:")

    @property
    def lease(self) -> timedelta:
        """The lease as a time span."""
        return timedelta(seconds=self.lease_seconds)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        file = os.environ.get("JINYUN_CONFIG")
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
        return (*sources, TomlConfigSettingsSource(settings_cls, Path(file))) if file else sources


@lru_cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
