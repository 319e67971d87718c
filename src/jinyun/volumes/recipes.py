"""All recipes of this room."""

from jinyun.volumes.extending import ExtendVolume
from jinyun.volumes.snapshot_steps import DeleteSnapshot, TakeSnapshot
from jinyun.volumes.steps import DeleteVolume, DeliverVolume

RECIPES = (DeliverVolume, DeleteVolume, ExtendVolume, TakeSnapshot, DeleteSnapshot)
