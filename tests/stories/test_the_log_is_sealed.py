"""What is done is sealed within seconds by the installation itself, and the log proves whole."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jinyun.audit.models import AuditRecord
from jinyun.audit.verifier import UNSEALED_LIMIT, verify
from jinyun.kit.clock import utc_now
from jinyun.kit.vault import audit_verifier
from tests.api import SECURITY_ADMINISTRATOR
from tests.stories.stage import Stage, await_that


def test_each_change_is_sealed_within_a_minute(empty_stage: Stage) -> None:
    begun = utc_now()
    limit = {"scope": "project", "code": "trade-finance", "resource": "vcpus", "limit": 4}
    empty_stage.as_(SECURITY_ADMINISTRATOR).send("PUT", "/v1/quotas", limit, 200)

    def open_records(session: Session) -> int:
        mine = select(func.count()).where(AuditRecord.number.is_(None), AuditRecord.at >= begun - timedelta(seconds=1))
        return session.scalar(mine) or 0

    await_that(lambda: empty_stage.database.read(open_records) == 0, "all is sealed")
    assert utc_now() - begun < UNSEALED_LIMIT
    seen = verify(empty_stage.database, audit_verifier(empty_stage.settings.key_directory))
    assert (seen.found, seen.records > 0, seen.seals > 0) == (0, True, True)
