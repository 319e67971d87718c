from datetime import UTC, datetime

from tests.contract.site import Site, Workshop


def test_zones_are_those_that_run_servers(site: Site) -> None:
    assert set(site.region.inventory.zones()) == site.zones


def test_pools_have_hosts_that_the_region_knows(site: Site) -> None:
    inventory = site.region.inventory
    hosts = {host.name for host in inventory.hosts()}
    pools = {pool.name: pool for pool in inventory.pools()}
    assert pools["kvm-general"].zone == "az-general"
    assert pools["kvm-general"].host_names
    assert all(set(pool.host_names) <= hosts for pool in pools.values())


def test_hosts_tell_their_capacity(site: Site) -> None:
    for host in site.region.inventory.hosts():
        assert host.up
        assert host.enabled
        assert host.vcpus > 0
        assert host.memory_mib > 0
        assert host.cpu_ratio > 0
        assert 0 <= host.used_memory_mib <= host.memory_mib * host.memory_ratio


def test_the_catalogue_has_what_servers_are_made_of(site: Site) -> None:
    inventory = site.region.inventory
    flavors = {flavor.name: flavor for flavor in inventory.flavors()}
    images = {image.name: image for image in inventory.images()}
    assert (flavors["m1.medium"].vcpus, flavors["m1.medium"].memory_mib, flavors["m1.medium"].disk_gib) == (2, 512, 4)
    assert images["jinyun-linux-1"].active
    assert images["jinyun-linux-1"].checksum
    assert images["jinyun-linux-large"].virtual_size_bytes == 8 * 1024**3
    assert {"high", "general", "low"} <= {kind.name for kind in inventory.volume_types()}


def test_stores_tell_how_full_they_are(site: Site) -> None:
    stores = site.region.inventory.stores()
    assert stores
    assert len({store.id for store in stores}) == len(stores)
    assert all(0 <= store.free_gib <= store.capacity_gib for store in stores)


def test_provider_networks_come_with_vlan_and_subnet(site: Site) -> None:
    network = site.network()
    (subnet,) = network.subnets
    assert (network.vlan, network.physical_network, network.shared) == (100, "physnet1", True)
    assert (subnet.cidr, subnet.gateway, subnet.dhcp) == ("10.20.0.0/20", "10.20.0.1", True)
    assert subnet.allocation_pools == (("10.20.15.1", "10.20.15.254"),)


def test_a_server_takes_room_on_its_host_and_shows_among_the_changes(site: Site, workshop: Workshop) -> None:
    before = datetime.now(UTC)
    server = workshop.server()
    host = next(host for host in site.region.inventory.hosts() if host.name == server.host)
    assert host.used_vcpus >= 1
    assert host.used_memory_mib > 0
    assert server.id in {changed.id for changed in site.region.inventory.servers_changed_since(before)}


def test_a_deleted_server_shows_among_the_changes(site: Site, workshop: Workshop) -> None:
    server = workshop.server()
    before = datetime.now(UTC)
    workshop.remove_server(server.id)
    changed = site.region.inventory.servers_changed_since(before)
    assert server.id in {gone.id for gone in changed if gone.status == "deleted"}
