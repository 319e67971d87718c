"""A worker without a process: runs what is due until nothing is."""

from pathlib import Path

from jinyun.kit.database import Database
from jinyun.kit.ids import new_id
from jinyun.kit.settings import Settings
from jinyun.operations.claims import LeaseKeeper, claim
from jinyun.operations.definition import Operation, Recipes
from jinyun.operations.runner import Runner


def run_operations(database: Database, *kinds: type[Operation]) -> int:
    """Run all operations of these kinds that are due, until none is; return how many times one was taken up."""
    recipes, settings = Recipes(), Settings(key_directory=Path("unused"))
    recipes.add(*kinds)
    taken = 0
    while True:
        worker_id = new_id()
        keeper = LeaseKeeper(database, worker_id, settings)
        held = claim(database, worker_id, recipes.handlers, 50, settings)
        if not held:
            return taken
        keeper.hold(held)
        for each in held:
            Runner(database, recipes, settings, keeper).run(each)
        taken += len(held)
