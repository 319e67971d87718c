"""The tree of commands."""

import typer

from jinyun.cli.commands import (
    access,
    adopting,
    amendments,
    approvals,
    audit,
    backends,
    calendar,
    capacity,
    catalog,
    chains,
    directory,
    drift,
    founding,
    hosts,
    keypairs,
    network_orders,
    networks,
    notices,
    observed,
    operations,
    order_changes,
    orders,
    people,
    policies,
    prices,
    processes,
    projects,
    regions,
    roles,
    routing,
    server_groups,
    servers,
    snapshots,
    volumes,
    ways_in,
)
from jinyun.cli.framework import OutputForm, Profile, Url, group
from jinyun.cli.terminal import Choices

app = group("Jinyun (金云): order, approve, deliver, operate.", "金云：申请、审批、交付、运维。")


@app.callback()
def choose(context: typer.Context, url: Url = None, profile: Profile = None, output: OutputForm = None) -> None:
    """Keep what was said before the command."""
    context.obj = Choices(url, profile, output)


access.add_to(app)
app.add_typer(ways_in.sessions, name="session")
app.add_typer(ways_in.tokens, name="token")
app.add_typer(ways_in.accounts, name="service-account")
app.add_typer(projects.commands, name="project")
app.add_typer(people.commands, name="person")
app.add_typer(roles.commands, name="role")
app.add_typer(directory.commands, name="directory")
order_changes.add_to(orders.commands)
network_orders.add_to(orders.commands)
app.add_typer(orders.commands, name="order")
amendments.add_to(orders.commands)
approvals.add_to(app)
app.add_typer(chains.approval, name="approval")
app.add_typer(chains.deputies, name="deputy")
app.add_typer(calendar.commands, name="calendar")
app.add_typer(notices.commands, name="notice")
app.add_typer(policies.commands, name="policy")
app.add_typer(servers.commands, name="server")
app.add_typer(volumes.commands, name="volume")
app.add_typer(server_groups.commands, name="server-group")
app.add_typer(snapshots.commands, name="snapshot")
app.add_typer(keypairs.commands, name="keypair")
app.add_typer(operations.commands, name="operation")
app.add_typer(backends.lanes, name="lane")
app.add_typer(backends.backends, name="backend")
app.add_typer(backends.alarms, name="alarm")
app.add_typer(backends.orphans, name="orphan")
app.add_typer(observed.commands, name="observed")
app.add_typer(drift.commands, name="drift")
app.add_typer(adopting.commands, name="adopt")
app.add_typer(adopting.rules, name="adoption-rule")
app.add_typer(catalog.flavors, name="flavor")
app.add_typer(catalog.images, name="image")
app.add_typer(catalog.tiers, name="tier")
app.add_typer(prices.commands, name="price")
app.add_typer(networks.networks, name="network")
app.add_typer(networks.security_groups, name="security-group")
app.add_typer(routing.routers, name="router")
app.add_typer(routing.floating, name="floating-address")
app.add_typer(regions.regions, name="region")
app.add_typer(regions.pools, name="pool")
app.add_typer(hosts.commands, name="host")
app.add_typer(capacity.quotas, name="quota")
app.add_typer(capacity.placement, name="placement")
capacity.add_to(app)
processes.add_to(app)
founding.add_to(app)
app.add_typer(processes.database, name="db")
app.add_typer(processes.keys, name="keys")
app.add_typer(processes.bank, name="bank")
app.add_typer(audit.commands, name="audit")
