"""Wiring: which routes there are, who hears of what, which recipes and duties a worker has. Nothing else."""

from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import text

from jinyun.access import grants, housekeeping, second_person
from jinyun.access import leavers as access_leavers
from jinyun.access.events import AdministratorRecovered, BreakGlassUsed
from jinyun.access.http import install_access
from jinyun.access.role_routes import router as roles_router
from jinyun.access.routes import router as access_router
from jinyun.access.sign_on import single_sign_on
from jinyun.access.sign_on_routes import router as sign_on_router
from jinyun.access.token_routes import router as tokens_router
from jinyun.adoption import following
from jinyun.adoption import service as adoption
from jinyun.adoption import steps as adoption_steps
from jinyun.adoption.events import ServerGivenBack, ServerManaged
from jinyun.adoption.routes import router as adoption_router
from jinyun.approvals import deadlines
from jinyun.approvals import leavers as approval_leavers
from jinyun.approvals import pools as approval_pools
from jinyun.approvals.calendar_routes import router as calendar_router
from jinyun.approvals.deputy_routes import router as deputies_router
from jinyun.approvals.events import ChainDecided, ChainReturned
from jinyun.approvals.policy_routes import router as policy_router
from jinyun.approvals.routes import router as approvals_router
from jinyun.approvals.versions import NEW_VERSION
from jinyun.audit.retention import archive_old
from jinyun.audit.sealer import seal_and_export
from jinyun.auditing.routes import router as auditing_router
from jinyun.capacity import limits, sampling
from jinyun.capacity import service as capacity
from jinyun.capacity.events import HoldExpired
from jinyun.capacity.routes import router as capacity_router
from jinyun.catalog import proposals as catalog_proposals
from jinyun.catalog.price_routes import router as prices_router
from jinyun.catalog.routes import router as catalog_router
from jinyun.connectors.registry import password_check
from jinyun.consoles import service as consoles
from jinyun.consoles import steps as console_steps
from jinyun.consoles.routes import router as consoles_router
from jinyun.consoles.steps import OpenConsole
from jinyun.directory.events import DirectoryAnswered, DirectoryFailed, PlanHeld, PlanReleased
from jinyun.directory.project_routes import router as projects_router
from jinyun.directory.routes import router as directory_router
from jinyun.directory.sync_routes import router as sync_router
from jinyun.drift import comparing
from jinyun.drift import service as drift
from jinyun.drift import steps as drift_steps
from jinyun.drift.routes import router as drift_router
from jinyun.inventory import service as inventory
from jinyun.inventory import steps as inventory_steps
from jinyun.inventory import storage_samples
from jinyun.inventory.events import ObjectsChanged
from jinyun.inventory.observed_routes import router as observed_router
from jinyun.inventory.routes import router as inventory_router
from jinyun.kit import events
from jinyun.kit.clock import utc_now
from jinyun.kit.database import Database
from jinyun.kit.errors import DatabaseUnavailable
from jinyun.kit.http import BodyLimit, ProblemDocument, install_problem_answers, problems
from jinyun.kit.idempotency import forget_old_keys
from jinyun.kit.settings import Settings
from jinyun.kit.vault import audit_signer
from jinyun.live.hub import Hub
from jinyun.live.routes import router as live_router
from jinyun.networks import delivery as network_delivery
from jinyun.networks import group_steps, routers
from jinyun.networks import proposals as network_proposals
from jinyun.networks.routes import router as networks_router
from jinyun.networks.steps import CreateNetwork
from jinyun.notices import sending
from jinyun.notices.routes import router as notices_router
from jinyun.operations import break_glass, directory_alarms
from jinyun.operations.course import OperationEnded
from jinyun.operations.definition import Recipes
from jinyun.operations.retention import forget_ended
from jinyun.operations.routes import router as operations_router
from jinyun.operations.schedules import Periodic
from jinyun.orders import expiry, references
from jinyun.orders import service as orders
from jinyun.orders.routes import router as orders_router
from jinyun.orders.verb_routes import router as verbs_router
from jinyun.orders.verb_routes import volume_router as volume_verbs_router
from jinyun.organisation.events import PeopleLeft
from jinyun.regions import cloud_quotas, ownership
from jinyun.regions import service as regions
from jinyun.regions.cloud_quotas import CheckCloudQuotas
from jinyun.regions.events import RegionObserved
from jinyun.regions.routes import router as regions_router
from jinyun.regions.steps import SyncRegion
from jinyun.search.routes import router as search_router
from jinyun.servers import leases
from jinyun.servers import recipes as server_recipes
from jinyun.servers import service as servers
from jinyun.servers.floating_routes import router as floating_router
from jinyun.servers.group_routes import router as server_groups_router
from jinyun.servers.host_routes import router as hosts_router
from jinyun.servers.routes import router as servers_router
from jinyun.servers.steps.screens import ReadConsole
from jinyun.volumes import recipes as volume_recipes
from jinyun.volumes import recycling, snapshots
from jinyun.volumes.routes import router as volumes_router
from jinyun.volumes.routes import snapshot_router
from jinyun.web.pages import install_pages

ROUTINE_KEPT = timedelta(days=1)

ROUTERS = (
    access_router,
    roles_router,
    tokens_router,
    sign_on_router,
    directory_router,
    projects_router,
    auditing_router,
    sync_router,
    operations_router,
    notices_router,
    approvals_router,
    policy_router,
    deputies_router,
    calendar_router,
    regions_router,
    catalog_router,
    prices_router,
    networks_router,
    capacity_router,
    volumes_router,
    snapshot_router,
    servers_router,
    server_groups_router,
    hosts_router,
    floating_router,
    inventory_router,
    observed_router,
    adoption_router,
    drift_router,
    consoles_router,
    orders_router,
    verbs_router,
    volume_verbs_router,
    live_router,
    search_router,
)


def create_app(settings: Settings, database: Database) -> FastAPI:
    """Return the API over one database."""
    wire_events()
    app = FastAPI(
        title="Jinyun",
        version=version("jinyun"),
        description="The cloud management platform: order, approve, deliver, operate.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.password_check = password_check(settings)
    app.state.single_sign_on = single_sign_on(settings)
    app.state.recipes = all_recipes()
    app.state.live = Hub(database)
    install_problem_answers(app)
    install_access(app)
    app.add_middleware(BodyLimit)
    install_pages(app, https=settings.is_https)
    for router in ROUTERS:
        app.include_router(router)
    _add_health(app)
    _describe_problems(app)
    return app


def wire_events() -> None:
    """Connect those who publish with those who listen; a second time changes nothing."""
    events.subscribe(BreakGlassUsed, break_glass.on_break_glass_used)
    events.subscribe(AdministratorRecovered, break_glass.on_administrator_recovered)
    events.subscribe(RegionObserved, catalog_proposals.on_region_observed)
    events.subscribe(RegionObserved, network_proposals.on_region_observed)
    events.subscribe(HoldExpired, expiry.on_hold_expired)
    events.subscribe(ChainDecided, orders.on_chain_decided)
    events.subscribe(ChainReturned, orders.on_chain_returned)
    events.subscribe(ChainDecided, adoption.on_chain_decided)
    events.subscribe(ChainReturned, adoption.on_chain_returned)
    events.subscribe(ObjectsChanged, following.on_objects_changed)
    events.subscribe(ObjectsChanged, comparing.on_objects_changed)
    events.subscribe(OperationEnded, comparing.on_operation_ended)
    events.subscribe(ServerManaged, comparing.on_server_managed)
    events.subscribe(ServerGivenBack, comparing.on_server_given_back)
    events.subscribe(OperationEnded, orders.on_operation_ended)
    events.subscribe(OperationEnded, adoption.on_operation_ended)
    second_person.register(*grants.KINDS, NEW_VERSION)
    approval_pools.register(ownership.owners_of)
    events.subscribe(PeopleLeft, access_leavers.on_people_left)
    events.subscribe(PeopleLeft, approval_leavers.on_people_left)
    events.subscribe(DirectoryFailed, directory_alarms.on_directory_failed)
    events.subscribe(DirectoryAnswered, directory_alarms.on_directory_answered)
    events.subscribe(PlanHeld, directory_alarms.on_plan_held)
    events.subscribe(PlanReleased, directory_alarms.on_plan_released)


def all_recipes() -> Recipes:
    """Return every operation that this release can run."""
    recipes = Recipes()
    recipes.add(
        SyncRegion,
        *cloud_quotas.RECIPES,
        CreateNetwork,
        *network_delivery.RECIPES,
        *group_steps.RECIPES,
        *routers.RECIPES,
        *volume_recipes.RECIPES,
        *server_recipes.RECIPES,
    )
    recipes.add(*inventory_steps.RECIPES, *adoption_steps.RECIPES, *drift_steps.RECIPES, *console_steps.RECIPES)
    return recipes


def all_duties(settings: Settings) -> list[Periodic]:
    """Return what workers do again and again."""
    return [
        Periodic("seal-audit", timedelta(seconds=3), partial(_seal_audit, settings)),
        Periodic("archive-audit", timedelta(hours=6), partial(_archive_audit, settings)),
        Periodic("purge-recycled", timedelta(minutes=1), lambda database: servers.purge_due(database, utc_now())),
        Periodic("purge-recycled-volumes", timedelta(minutes=1), recycling.purge_due),
        Periodic("remove-snapshots", timedelta(minutes=1), snapshots.remove_due),
        Periodic("go-on-with-orders", timedelta(seconds=30), references.go_on_due),
        Periodic("notice-leases", timedelta(minutes=1), lambda database: leases.notice_due(database, settings)),
        Periodic("end-leases", timedelta(minutes=1), lambda database: leases.end_due(database, settings)),
        Periodic("release-expired-holds", timedelta(minutes=1), _release_expired_holds),
        Periodic("expire-orders", timedelta(minutes=1), expiry.expire_due),
        Periodic("recount-limits", timedelta(minutes=10), limits.recount_all),
        Periodic("reopen-drifts", timedelta(minutes=1), drift.reopen_due),
        Periodic("sample-capacity", sampling.EVERY, sampling.sample_pools),
        Periodic("sample-storage", sampling.EVERY, storage_samples.sample_storage),
        Periodic("sync-regions", timedelta(seconds=10), regions.sync_due),
        Periodic("check-cloud-quotas", timedelta(minutes=10), cloud_quotas.check_due),
        Periodic("find-orphans", inventory.FIND_EVERY, inventory.find_due),
        Periodic("keep-deadlines", timedelta(seconds=30), partial(deadlines.keep_deadlines, settings)),
        Periodic("send-mail", timedelta(seconds=2), partial(sending.send_due, settings)),
        Periodic("forget-notices", timedelta(hours=1), _forget_notices),
        Periodic("forget-idempotency-keys", timedelta(hours=1), lambda database: database.write(forget_old_keys)),
        Periodic("forget-console-tickets", timedelta(hours=1), _forget_console_tickets),
        Periodic("forget-ways-in", timedelta(hours=1), _forget_ways_in),
        Periodic("forget-routine", timedelta(hours=1), _forget_routine),
    ]


def _seal_audit(settings: Settings, database: Database) -> None:
    seal_and_export(database, settings.key_directory, settings.audit_seal_file)


def _archive_audit(settings: Settings, database: Database) -> None:
    """Archive old audit records, as the database's user who may delete them."""
    if settings.audit_archive_directory is None:
        return
    own = settings.audit_archive_database_url
    keeper = database if own is None else Database(own, pool_size=1)
    before = utc_now() - timedelta(days=settings.audit_keep_days)
    try:
        archive_old(keeper, audit_signer(settings.key_directory), settings.audit_archive_directory, before)
    finally:
        if keeper is not database:
            keeper.dispose()


def _release_expired_holds(database: Database) -> None:
    while database.write(lambda session: capacity.release_expired(session, utc_now())):
        pass


def _forget_routine(database: Database) -> None:
    looking = (SyncRegion, CheckCloudQuotas, inventory_steps.FindOrphans)
    kinds = [recipe.kind for recipe in (*looking, ReadConsole, OpenConsole)]
    while database.write(lambda session: forget_ended(session, kinds, utc_now() - ROUTINE_KEPT)):
        pass


def _forget_notices(database: Database) -> None:
    while database.write(sending.forget_old):
        pass


def _forget_ways_in(database: Database) -> None:
    while database.write(housekeeping.forget_old):
        pass
    database.write(lambda session: break_glass.clear_break_glass(session, utc_now()))


def _forget_console_tickets(database: Database) -> None:
    database.write(lambda session: consoles.forget_old_tickets(session, utc_now()))


def _add_health(app: FastAPI) -> None:
    @app.get("/v1/health", tags=["platform"], responses=problems(DatabaseUnavailable))
    def health(request: Request) -> dict[str, str]:
        """Tell a load balancer whether this node can work: it reaches its database."""
        database: Database = request.app.state.database
        database.read(lambda session: session.execute(text("SELECT 1")), patience=0)
        return {"status": "ok"}


def _describe_problems(app: FastAPI) -> None:
    """Put the problem document into the API document, which refers to it."""
    generate = app.openapi

    def with_problems() -> dict[str, Any]:
        document = generate()
        schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"].setdefault("ProblemDocument", schema)
        return document

    app.openapi = with_problems  # type: ignore[method-assign]
