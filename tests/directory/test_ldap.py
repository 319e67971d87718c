"""The company directory over LDAP, from a real slapd."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jinyun.connectors.directory import Directory, DirectoryUnavailable
from jinyun.connectors.registry import company_directory
from lab.sample_directory import PEOPLE, SUFFIX, Worker, person_entry, place_of
from tests.directory.server import PASSWORDS, Server, running


@pytest.fixture
def directory(server: Server) -> Directory:
    return opened(server)


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that does not tell of changes."""
    with running(tmp_path_factory.mktemp("silent"), tells_of_changes=False) as running_server:
        yield running_server


def opened(server: Server, **changes: object) -> Directory:
    directory = company_directory(server.settings(**changes))
    assert directory is not None
    return directory


def test_all_of_it_by_pages(directory: Directory) -> None:
    snapshot = directory.read()
    assert len(snapshot.departments) == 50
    assert len(snapshot.people) == PEOPLE
    units = {each.id: each for each in snapshot.departments}
    people = {each.login: each for each in snapshot.people}
    li_wei = people["li.wei"]
    assert li_wei.name == "李伟 Li Wei"
    assert units[li_wei.department or ""].code == "retail"
    assert units[units[li_wei.department or ""].parent or ""].code == "head-office"
    assert li_wei.manager == people["wang.fang"].id == units[li_wei.department or ""].head


def test_starttls_and_no_trust_without_the_authority(server: Server) -> None:
    assert opened(server, directory_url=server.url).read().people
    with pytest.raises(DirectoryUnavailable):
        opened(server, directory_ca_file=None).read()
    with pytest.raises(DirectoryUnavailable):
        opened(server, directory_url=server.url, directory_ca_file=None).read()


def test_nothing_goes_over_the_wire_unencrypted(server: Server) -> None:
    with pytest.raises(DirectoryUnavailable, match="not encrypted"):
        opened(server, directory_url="ldap://directory.example", directory_start_tls=False).read()


def test_a_part_is_never_taken_for_all(tmp_path: Path) -> None:
    with running(tmp_path, paged_limit="500") as limited, pytest.raises(DirectoryUnavailable, match="less than all"):
        opened(limited).read()


def test_a_refused_account_is_no_empty_directory(server: Server) -> None:
    with pytest.raises(DirectoryUnavailable, match="refuses"):
        opened(server, directory_bind_dn=f"cn=nobody,{SUFFIX}").read()


def test_passwords(directory: Directory) -> None:
    assert directory.check("li.wei", PASSWORDS["li.wei"])
    assert not directory.check("li.wei", PASSWORDS["wang.fang"])
    assert not directory.check("nobody", PASSWORDS["li.wei"])
    assert not directory.check("li.wei", ""), "a server takes an empty password for an anonymous sign-in"


@pytest.mark.parametrize("login", ["*", "*)(uid=*", "li.wei)(uid=*", "li.we*", "\\6ci.wei", "li.wei\0", "(li.wei)", ""])
def test_a_login_is_never_a_filter(directory: Directory, login: str) -> None:
    assert not directory.check(login, PASSWORDS["li.wei"])


def test_an_inactive_account_does_not_sign_in(server: Server, directory: Directory) -> None:
    server.change(place_of("wang.fang"), accountStatus="disabled")
    try:
        assert not directory.check("wang.fang", PASSWORDS["wang.fang"])
    finally:
        server.change(place_of("wang.fang"), accountStatus="active")


def test_names_that_look_like_filters_are_people_like_others(server: Server, directory: Directory) -> None:
    worker = Worker("strange", "*)(uid=*", "retail", None)
    server.add(place_of("strange"), person_entry(worker))
    try:
        assert next(each.name for each in directory.read().people if each.login == "strange") == "*)(uid=*"
    finally:
        server.delete(place_of("strange"))


@pytest.mark.parametrize("kind", ["server", "silent"])
def test_every_kind_of_change_is_heard(request: pytest.FixtureRequest, kind: str) -> None:
    changing: Server = request.getfixturevalue(kind)
    with opened(changing).watch() as watch:
        while watch.changed(2.0):
            pass
        changing.add(place_of("new.one"), person_entry(Worker("new.one", "新人", "retail", "li.wei")))
        assert watch.changed(2.0)
        assert "new.one" in {each.login for each in watch.snapshot.people}
        changing.change(place_of("new.one"), displayName="改名")
        assert watch.changed(2.0)
        assert "改名" in {each.name for each in watch.snapshot.people}
        with changing.as_root() as root:
            root.rename_s(place_of("new.one"), "uid=other.one")
        while "other.one" not in {each.login for each in watch.snapshot.people}:
            assert watch.changed(2.0)
        changing.delete(place_of("other.one"))
        while "other.one" in {each.login for each in watch.snapshot.people}:
            assert watch.changed(2.0)
        while watch.changed(2.0):
            pass


def test_a_server_that_goes_away_is_said(tmp_path: Path) -> None:
    with running(tmp_path) as leaving, opened(leaving).watch() as watch:
        leaving.stop()
        with pytest.raises(DirectoryUnavailable):
            watch.changed(2.0)
        with pytest.raises(DirectoryUnavailable):
            opened(leaving).check("li.wei", PASSWORDS["li.wei"])
