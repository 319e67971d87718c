"""News of this room."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LeaseEnding:
    """The lease of a server will be over soon; published once for each end of a lease."""

    server_id: str
    hostname: str
    project_id: str
    expires_at: datetime
