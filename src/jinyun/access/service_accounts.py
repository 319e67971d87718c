"""Service accounts: programs of an application system, which have tokens and nothing else to come in by."""

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from jinyun.access import tokens
from jinyun.access.authority import allowed, authorise, visible
from jinyun.access.errors import NotAProgram
from jinyun.access.models import RoleGrant
from jinyun.access.roles import USER
from jinyun.access.schemas import ServiceAccountView
from jinyun.access.sessions import require_session
from jinyun.audit import service as audit
from jinyun.kit.actor import Actor
from jinyun.kit.errors import AlreadyExists, NotFound
from jinyun.kit.paging import Page, PageRequest, read_page
from jinyun.kit.uniqueness import add_unique
from jinyun.organisation.models import SERVICE, Person, Project

MANAGE = "service-account.manage"


def create(session: Session, actor: Actor, login: str, name: str, project_code: str) -> tuple[Person, Project]:
    """Make a service account of an application system, with the role user there.

    Raises:
        SessionNeeded: the actor came by a token.
        NotFound: there is no such application system, or he may not see it.
        Forbidden: he does not answer for it.
        AlreadyExists: the login is taken.
    """
    require_session(actor)
    project = session.scalar(select(Project).where(Project.code == project_code))
    if project is None or not allowed(session, actor, "project.read", project.id):
        raise NotFound(field="project", kind="application system", name=project_code)
    authorise(session, actor, MANAGE, project.id)
    person = Person(login=login, name=name, mail="", department_id=project.department_id, kind=SERVICE)
    add_unique(session, person, AlreadyExists(field="login", kind="person", name=login))
    session.add(RoleGrant(person_id=person.id, role=USER, scope="project", scope_id=project.id))
    subject, after = ("person", person.id, login), {"name": name, "project": project_code}
    audit.record(session, actor, "service-account.create", subject, project_id=project.id, after=after)
    return person, project


def find(session: Session, actor: Actor, login: str) -> tuple[Person, Project]:
    """Return a service account that the actor answers for.

    Raises:
        NotAProgram: there is none of this login, or he may not know it.
        Forbidden: he does not answer for its application system.
    """
    found = session.execute(_accounts().where(Person.login == login)).first()
    if found is None or not allowed(session, actor, "project.read", found[1].id):
        raise NotAProgram(field="service_account", login=login)
    authorise(session, actor, MANAGE, found[1].id)
    return found[0], found[1]


def end(session: Session, actor: Actor, login: str) -> None:
    """End a service account with all its tokens, at once.

    Raises:
        SessionNeeded, NotAProgram, Forbidden.
    """
    require_session(actor)
    person, project = find(session, actor, login)
    person.active = False
    tokens.end_all(session, person.id)
    session.execute(delete(RoleGrant).where(RoleGrant.person_id == person.id))
    subject = ("person", person.id, login)
    audit.record(session, actor, "service-account.end", subject, project_id=project.id)


def list_accounts(session: Session, actor: Actor, page: PageRequest) -> Page[ServiceAccountView]:
    """Return the service accounts that the actor answers for, by login."""
    require_session(actor)
    mine = _accounts().where(visible(actor, MANAGE, Project.id)).with_only_columns(Person.id)
    own = select(Person).where(Person.id.in_(mine))
    rows, following = read_page(session, own, [Person.login], page)
    of_page = _accounts().where(Person.id.in_([row.id for row in rows]))
    projects = {person.id: project for person, project in session.execute(of_page)}
    return Page(items=[ServiceAccountView.of(row, projects[row.id]) for row in rows], next=following)


def holder(session: Session, actor: Actor, login: str | None) -> Person:
    """Return whose tokens the actor works with: his own, or a service account's.

    Raises:
        SessionNeeded: he came by a token.
        NotAProgram, Forbidden: as `find`.
    """
    require_session(actor)
    if login is None or login == actor.login:
        return session.get_one(Person, actor.person_id)
    return find(session, actor, login)[0]


def revoke_token(session: Session, actor: Actor, token_id: str) -> None:
    """Revoke a token: one's own, by which one may also have come, or one of a program that one answers for.

    Raises:
        SessionNeeded: the actor came by another token.
        NotFound: there is none, or it is not his to revoke.
    """
    token = tokens.find(session, token_id)
    if token.person_id != actor.person_id and not _answers_for(session, actor, token.person_id):
        raise NotFound(kind="token", name=token_id)
    tokens.revoke(session, actor, token)


def _answers_for(session: Session, actor: Actor, person_id: str) -> bool:
    found = session.execute(_accounts().where(Person.id == person_id)).first()
    return found is not None and allowed(session, actor, MANAGE, found[1].id)


def _accounts() -> Select[Person, Project]:
    return (
        select(Person, Project)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Project, Project.id == RoleGrant.scope_id)
        .where(Person.kind == SERVICE, Person.active, RoleGrant.scope == "project")
    )
