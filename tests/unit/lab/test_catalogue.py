from collections import Counter
from pathlib import Path

import pytest

from lab import catalogue, configuration, facts, passwords
from lab.layout import Layout
from lab.readiness import running
from lab.service import Circle, Entry, Service, UnknownName, closure, levels


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(data=tmp_path / "lab", run=tmp_path / "run")


def service(name: str, *needs: str) -> Service:
    return Service(name=name, command="true", group="test", ready=running(), needs=needs)


def by_name(*entries: Entry) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries}


def test_every_need_is_an_entry_and_none_goes_in_a_circle(layout: Layout) -> None:
    entries = catalogue.entries(layout)
    assert {need for entry in entries.values() for need in entry.needs} <= set(entries)
    assert sum(len(wave) for wave in levels(entries)) == len(entries)


def test_no_two_services_listen_on_one_port(layout: Layout) -> None:
    ports = Counter(
        (service.namespaced, service.listens_on)
        for service in catalogue.services(layout).values()
        if service.listens_on
    )
    assert [port for port, count in ports.items() if count > 1] == []
    doors = catalogue.doors(layout)
    assert len({door.port for door in doors}) == len(doors) == len({door.name for door in doors})


def test_ports_that_must_be_free_are_doors_and_what_listens_outside_the_namespace(layout: Layout) -> None:
    ports = catalogue.outer_ports(layout)
    assert ports[8774] == "nova"
    assert not any(port > 20000 for port in ports)


def test_every_configuration_file_renders_and_every_one_that_a_service_names_exists(layout: Layout) -> None:
    texts = configuration.texts(layout)
    named = {name for service in catalogue.services(layout).values() for name in service.config}
    assert named <= set(texts)
    assert "[program:nova-api]" in texts["supervisord.conf"]


def test_no_password_stands_on_a_command_line(layout: Layout) -> None:
    programs = configuration.texts(layout)["supervisord.conf"]
    secrets = passwords.load(layout.secrets)
    assert not [name for name, secret in secrets.items() if secret in programs]


def test_a_hypervisor_knows_no_database(layout: Layout) -> None:
    texts = configuration.texts(layout)
    hosts = ("nova", facts.KVM_HOST, *facts.NODES_IN_NAME)
    assert not [host for host in hosts if "mysql" in texts[f"nova/{host}.conf"]]


def test_rendering_again_changes_nothing(layout: Layout) -> None:
    assert "nova/nova.conf" in configuration.render(layout)
    assert configuration.render(layout) == frozenset()
    assert (layout.conf / "nova" / "nova.conf").stat().st_mode & 0o077 == 0


def test_the_closure_of_a_name_holds_all_that_it_needs_and_nothing_else() -> None:
    entries = by_name(service("a"), service("b", "a"), service("c"))
    assert list(closure(entries, frozenset({"b"}))) == ["a", "b"]
    with pytest.raises(UnknownName, match="no service is called d"):
        closure(entries, frozenset({"d"}))


def test_a_circle_is_refused_by_name() -> None:
    with pytest.raises(Circle, match="a, b"):
        levels(by_name(service("a", "b"), service("b", "a"), service("c")))
