"""Removing what nobody uses any more."""

from sqlalchemy.orm import Session

from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.networks import groups
from jinyun.networks.group_steps import DeleteSecurityGroup
from jinyun.operations import service as operations
from jinyun.operations.models import OperationRow


def delete_group(session: Session, actor: Actor, group_id: str) -> OperationRow:
    """Delete a security group, everywhere. Raises NotFound, Forbidden, SecurityGroupInUse, SubjectBusy."""
    group = groups.find_doomed(session, actor, group_id)
    audit.record(session, actor, "security-group.delete", groups.subject(group), project_id=group.project_id)
    return operations.start(
        session,
        actor,
        DeleteSecurityGroup,
        parameters={"group_id": group.id},
        subjects=[(groups.GROUP, group.id)],
        project_id=group.project_id,
        subject_name=group.code,
    )
