"""A ledger that cannot be read or written, and pages that lie in it too long."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.audits.finding import Finding, Sight
from oncall_assets.incidents.audits.outbox import OutboxLook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.ledger.records import Letter
from oncall_assets_tests.incidents.audits.test_web import free_port
from oncall_assets_tests.incidents.audits.world import NOW, empty_ledger

WATCH = Watch()


def look(url: str) -> Sight:
    return OutboxLook(url)(WATCH, NOW)


def broken(url: str) -> Finding:
    sight = look(url)
    (finding,) = sight.findings
    assert ("ledger", "The ledger cannot be used") == (finding.key, finding.title)
    assert {"outbox"} == sight.blind
    return finding


def letter(person: str, subject: str = "incident 1") -> Letter:
    return Letter(0, subject, None, "1.1 on_call.primary", person, "slack", "{}", NOW)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return empty_ledger(tmp_path)


def test_a_ledger_with_nothing_overdue_is_well(url: str) -> None:
    with Ledger(url) as ledger, ledger.writing() as pen:
        pen.post(letter("ann"), NOW - WATCH.overdue + timedelta(seconds=1))
    assert Sight() == look(url)


def test_what_waits_too_long_is_counted_and_named(url: str) -> None:
    with Ledger(url) as ledger, ledger.writing() as pen:
        pen.post(letter("ann"), NOW - timedelta(minutes=30))
        pen.post(letter("ann", "incident 2"), NOW - timedelta(minutes=20))
        pen.post(letter("ben"), NOW - timedelta(minutes=11))
        pen.post(letter("cat"), NOW - timedelta(minutes=9))
    (finding,) = look(url).findings
    assert "Messages do not go out: 3 wait in the outbox" == finding.title
    assert "The oldest has waited 30 min; for ann (slack), ben (slack)." == finding.detail
    assert "pager" in finding.explained_by


def test_a_ledger_that_is_not_there_is_found_and_none_is_made(tmp_path: Path) -> None:
    missing = tmp_path / "ledger.sqlite"
    assert f"{missing} is no file" in broken(f"sqlite:///{missing}").detail
    assert not missing.exists()


def test_a_folder_in_place_of_the_ledger_is_found(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").mkdir()
    broken(f"sqlite:///{tmp_path / 'ledger.sqlite'}")


def test_a_file_that_is_no_database_is_found(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_text("not a database " * 100)
    assert "file is not a database" in broken(f"sqlite:///{tmp_path / 'ledger.sqlite'}").detail


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow; permissions would not stop root."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_ledger_that_can_be_read_and_not_written_is_found(url: str) -> None:
    # Somebody else has it open, as the pager has, so that the files beside it are there already.
    with Ledger(url) as ledger:
        assert [] == ledger.overdue(NOW)
        assert Sight() == look(url)
        with full_disk():
            assert "disk I/O error" in broken(url).detail
        assert Sight() == look(url)


def test_a_postgres_that_is_down_is_found_and_its_password_kept() -> None:
    finding = broken(f"postgresql://pager:hunter2@127.0.0.1:{free_port()}/ledger")
    assert "Connection refused" in finding.detail
    assert "hunter2" not in finding.detail


def test_an_address_that_is_none_is_found_and_not_repeated() -> None:
    finding = broken("not-an-address hunter2")
    assert "ONCALL_DATABASE_URL is no URL" in finding.detail
    assert "hunter2" not in finding.detail


def test_a_postgres_is_looked_at_too(postgres_url: str) -> None:
    with Ledger(postgres_url) as ledger, ledger.writing() as pen:
        pen.post(letter("ann"), NOW - timedelta(minutes=30))
    (finding,) = look(postgres_url).findings
    assert "outbox" == finding.key
