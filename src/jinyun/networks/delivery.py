"""Networks that are ordered, and networks that are given up."""

from sqlalchemy.orm import Session

from jinyun.kit.texts import Text
from jinyun.networks.models import AddressGap, AddressRange, Network
from jinyun.networks.prefixes import free_prefix
from jinyun.networks.states import ORDERED, READY, RELEASED
from jinyun.networks.steps import bind, find_made, make_network, scope_of
from jinyun.operations.definition import Operation, Outcome, Step, StepContext, done


def take_back(step: StepContext) -> Outcome:
    """Delete the network in the region; code and prefix are the order's until it gives them back."""
    external_id = find_made(step)
    if external_id is not None:
        step.check()
        scope_of(step).networking.delete_network(external_id)
    step.write(lambda session: _unmade(session, step.parameters["network_id"]))
    return done()


def remove_network(step: StepContext) -> Outcome:
    """Delete the network in the region.

    Raises:
        Refused: something has a port there that Jinyun does not know.
    """
    external_id = step.read(lambda session: session.get_one(Network, step.parameters["network_id"]).external_id)
    if external_id is not None:
        scope_of(step).networking.delete_network(external_id)
    return done()


def reopen(step: StepContext) -> Outcome:
    """Hand addresses out again: the region did not let go of the network."""

    def work(session: Session) -> None:
        network = session.get_one(Network, step.parameters["network_id"], with_for_update=True)
        if network.state == READY:
            return
        network.state = READY
        for subnet in network.subnets:
            for first, last in step.parameters["ranges"].get(subnet.id, []):
                subnet.ranges.append(AddressRange(first=first, last=last, gaps=[AddressGap(first=first, last=last)]))

    step.write(work)
    return done()


def release_prefix(step: StepContext) -> Outcome:
    """Take the network out of the plan; its prefix may be handed out again at once."""

    def work(session: Session) -> None:
        network = session.get_one(Network, step.parameters["network_id"], with_for_update=True)
        network.state, network.external_id = RELEASED, None
        free_prefix(session, network.id)

    step.write(work)
    return done()


class DeliverNetwork(Operation):
    """Make a network that was approved."""

    kind = "deliver-network"
    title = Text("Deliver network", "交付网络")
    steps = (
        Step("bind", bind, Text("Find the project in the region", "确认区域内的项目")),
        Step("make", make_network, Text("Make the network and its subnet", "创建网络及子网"), undo=take_back),
    )


class DeleteNetwork(Operation):
    """Delete a network of an application system in which nobody has an address."""

    kind = "delete-network"
    title = Text("Delete network", "删除网络")
    steps = (
        Step("remove", remove_network, Text("Delete it in the region", "在区域中删除"), undo=reopen),
        Step("release", release_prefix, Text("Let its prefix be handed out again", "释放其网段"), local=True),
    )


RECIPES = (DeliverNetwork, DeleteNetwork)


def _unmade(session: Session, network_id: str) -> None:
    network = session.get(Network, network_id, with_for_update=True)
    if network is not None:
        network.external_id, network.state = None, ORDERED
        for subnet in network.subnets:
            subnet.external_id = None
