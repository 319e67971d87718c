"""All recipes of this room."""

from jinyun.servers.steps import floating, machines
from jinyun.servers.steps.attachments import AttachVolume, DeliverAttachedVolume, DetachVolume
from jinyun.servers.steps.delivery import DeliverServer
from jinyun.servers.steps.leases import ExtendLease
from jinyun.servers.steps.maintenance import EmptyHost, ReopenHost
from jinyun.servers.steps.moving import MoveServer
from jinyun.servers.steps.power import RebootServer, StartServer, StopServer
from jinyun.servers.steps.resizing import ResizeServer
from jinyun.servers.steps.retirement import PurgeServer, RecycleServer, RestoreServer
from jinyun.servers.steps.screens import ReadConsole

RECIPES = (
    DeliverServer,
    StartServer,
    StopServer,
    RebootServer,
    ResizeServer,
    AttachVolume,
    DetachVolume,
    DeliverAttachedVolume,
    RecycleServer,
    RestoreServer,
    PurgeServer,
    ReadConsole,
    *floating.RECIPES,
    *machines.RECIPES,
    ExtendLease,
    MoveServer,
    EmptyHost,
    ReopenHost,
)
