"""Where things lie: one data folder in the checkout, one short run folder for sockets."""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

# A unix socket's path may have 108 bytes only, and a checkout may lie deep: sockets live here.
RUN = Path("/run/jinyun-lab")

# The mark that every process of a lab carries in its environment.
MARK = "JINYUN_LAB"


@dataclass(frozen=True)
class Layout:
    """The folders and files of one lab."""

    data: Path
    run: Path = RUN

    @classmethod
    def here(cls) -> "Layout":
        """The lab of this checkout (JINYUN_LAB_DIR moves its data folder)."""
        return cls(data=Path(os.environ.get("JINYUN_LAB_DIR") or CHECKOUT / ".lab").resolve())

    @property
    def sources(self) -> Path:
        """The lab's own code, templates and lock file."""
        return CHECKOUT / "lab"

    @property
    def venv(self) -> Path:
        """The virtual environment of the OpenStack services."""
        return self.data / "venv"

    @property
    def artefacts(self) -> Path:
        """What was built once and outlives a reset: the guest image."""
        return self.data / "artefacts"

    @property
    def conf(self) -> Path:
        """Rendered configuration."""
        return self.data / "conf"

    @property
    def state(self) -> Path:
        """Databases, disks, volumes: what the data centre remembers."""
        return self.data / "state"

    @property
    def logs(self) -> Path:
        """One file a service."""
        return self.data / "logs"

    @property
    def home(self) -> Path:
        """HOME of the services, so that nothing lands in root's."""
        return self.data / "home"

    @property
    def secrets(self) -> Path:
        """Passwords, made once."""
        return self.data / "secrets.json"

    @property
    def clouds(self) -> Path:
        """Where OpenStack clients find this cloud."""
        return self.data / "clouds.yaml"

    @property
    def facts(self) -> Path:
        """What tests and benchmarks need to know of the running lab."""
        return self.data / "lab.json"

    @property
    def ready(self) -> Path:
        """One line that says since when the lab can be used."""
        return self.data / "READY"

    @property
    def owner(self) -> Path:
        """Names the data folder of the lab that runs on this machine."""
        return self.run / "owner"

    def __str__(self) -> str:
        return str(self.data)
