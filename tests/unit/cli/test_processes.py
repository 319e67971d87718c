"""What is done on the machine itself: keys, the bank, proving the audit log."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jinyun.access import grants, second_person
from jinyun.audit.models import AuditRecord
from jinyun.audit.sealer import seal_and_export, seal_pending
from jinyun.kit.database import Database
from jinyun.kit.settings import settings
from jinyun.operations.models import Alarm
from jinyun.organisation.models import Person
from tests.api import APPLICANT, SECURITY_ADMINISTRATOR, SampleBank
from tests.unit.cli.conftest import Jinyun


@pytest.fixture
def installation(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation with keys; returns where they are."""
    keys = tmp_path / "keys"
    monkeypatch.setenv("JINYUN_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("JINYUN_KEY_DIRECTORY", str(keys))
    settings.cache_clear()
    yield keys
    settings.cache_clear()


def test_keys_are_made_once(installation: Path, jinyun: Jinyun) -> None:
    assert jinyun("keys", "create").code == 0
    made = {file.name: file.read_bytes() for file in installation.iterdir()}
    assert stat.S_IMODE((installation / "audit.private").stat().st_mode) == 0o600
    assert jinyun("keys", "create").code == 0
    assert {file.name: file.read_bytes() for file in installation.iterdir()} == made


def test_a_bank_is_loaded_with_passwords_that_stay(installation: Path, jinyun: Jinyun, tmp_path: Path) -> None:
    file = tmp_path / "passwords.yaml"
    said = jinyun("bank", "load", "--passwords-file", str(file))
    assert said.code == 0, said.err
    passwords = yaml.safe_load(file.read_text())
    assert passwords[APPLICANT] not in said.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert jinyun("bank", "load", "--passwords-file", str(file)).code == 0
    assert yaml.safe_load(file.read_text()) == passwords


def test_a_file_that_is_no_bank_is_named(installation: Path, jinyun: Jinyun, tmp_path: Path) -> None:
    said = jinyun("bank", "load", "--passwords-file", str(tmp_path / "p"), "--file", str(tmp_path / "nothing.yaml"))
    assert said.code == 1
    assert "nothing.yaml" in said.err


def test_the_audit_log_is_proven(installation: Path, jinyun: Jinyun, database: Database, tmp_path: Path) -> None:
    assert jinyun("keys", "create").code == 0
    assert jinyun("bank", "load", "--passwords-file", str(tmp_path / "p")).code == 0
    seal_pending(database, installation)
    assert jinyun("audit", "verify").code == 0

    def cut_out(session: Session) -> None:
        third = session.scalars(select(AuditRecord.id).where(AuditRecord.number == 3)).one()
        session.execute(delete(AuditRecord).where(AuditRecord.id == third))

    database.write(cut_out)
    said = jinyun("audit", "verify")
    assert said.code == 1
    assert "records 3 to 3 are missing" in said.out


def test_the_first_administrators_are_made_once_for_root_alone(
    installation: Path, jinyun: Jinyun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "first"
    arguments = ("bootstrap", "--passwords-directory", str(directory))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "root" in jinyun(*arguments).err
    monkeypatch.setattr("os.geteuid", lambda: 0)
    said = jinyun(*arguments)
    assert said.code == 0, said.err
    files = sorted(directory.iterdir())
    assert [file.name.partition("-")[0] for file in files] == ["audit", "security", "system"]
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert all(file.read_text().strip() not in said.out + said.err for file in files)
    again = jinyun("bootstrap", "--passwords-directory", str(tmp_path / "again"))
    assert (again.code, "first administrators" in again.err) == (1, True)
    assert not [path for path in tmp_path.iterdir() if "bootstrap" in path.name or path.name == "again"]
    assert "already" in jinyun(*arguments).err


def test_the_host_confirms_the_second_security_administrator(
    installation: Path, jinyun: Jinyun, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    bank = SampleBank(database)
    second_person.register(*grants.KINDS)
    guard = bank.actor(SECURITY_ADMINISTRATOR)
    outcome = database.write(lambda s: grants.give(s, guard, "he.min", "security_administrator", "system"))
    assert outcome.change is not None
    said = jinyun("bootstrap-confirm", outcome.change.id)
    assert (said.code, "he.min" in said.out + said.err) == (0, True)
    assert [grant.role for grant in bank.actor("he.min").grants] == ["security_administrator"]
    again = jinyun("bootstrap-confirm", outcome.change.id)
    assert (again.code, "confirmed" in again.err) == (1, True)


def test_root_makes_a_security_administrator_where_there_is_none_left(
    installation: Path, jinyun: Jinyun, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, directory = SampleBank(database), tmp_path / "recovered"
    arguments = ("bootstrap-recover", "he.min", "--passwords-directory", str(directory))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "root" in jinyun(*arguments).err
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "still is a security administrator" in jinyun(*arguments).err
    database.write(
        lambda s: s.execute(update(Person).where(Person.login == SECURITY_ADMINISTRATOR).values(active=False))
    )
    assert not directory.exists()
    said = jinyun(*arguments)
    assert said.code == 0, said.err
    (file,) = directory.iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("he.min.password", 0o600)
    assert [grant.role for grant in bank.actor("he.min").grants] == ["security_administrator"]
    assert database.read(lambda s: list(s.scalars(select(Alarm.kind)))) == ["administrator-recovered"]


def test_a_part_of_the_audit_log_is_carried_away_and_proven(
    installation: Path, jinyun: Jinyun, database: Database, tmp_path: Path
) -> None:
    assert jinyun("keys", "create").code == 0
    assert jinyun("bank", "load", "--passwords-file", str(tmp_path / "p")).code == 0
    seal_pending(database, installation)
    file, key = tmp_path / "part.jsonl", str(installation / "audit.public")
    assert jinyun("audit", "export", str(file), "--from", "2", "--to", "5").code == 0
    proof = f"{file}.proof.json"
    assert jinyun("audit", "verify-export", str(file), proof, "--key", key).code == 0
    file.write_bytes(file.read_bytes().replace(b"person", b"peason", 1) + b" ")
    said = jinyun("audit", "verify-export", str(file), proof, "--key", key)
    assert said.code == 1
    assert "the file is not the one that the proof was made for" in said.out
    assert jinyun("audit", "export", str(file), "--to", "100000").code == 1
    assert jinyun("audit", "export", str(tmp_path / "nowhere" / "x")).code == 1


def test_the_seals_kept_elsewhere_are_asked_for(
    installation: Path, jinyun: Jinyun, database: Database, tmp_path: Path
) -> None:
    assert jinyun("keys", "create").code == 0
    assert jinyun("bank", "load", "--passwords-file", str(tmp_path / "p")).code == 0
    seal_and_export(database, installation, tmp_path / "seals")
    assert jinyun("audit", "verify", "--seals", str(tmp_path / "seals")).code == 0
    database.write(lambda session: session.execute(delete(AuditRecord).where(AuditRecord.number > 3)))
    assert jinyun("audit", "verify", "--seals", str(tmp_path / "seals")).code == 1
    assert jinyun("audit", "verify", "--seals", str(tmp_path / "none")).code == 1
