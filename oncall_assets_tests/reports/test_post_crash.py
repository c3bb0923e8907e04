"""Whatever dies while an edition is sent, nobody gets it twice, and what may be missing is asked about."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import Busy, CopyRecord, Done, EditionRecord
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.reports.post import CLAIM
from oncall_assets_tests.incidents.conftest import new_database
from oncall_assets_tests.reports.posting import (
    ANN,
    BEN,
    CID,
    NOW,
    PEOPLE,
    PERIOD,
    REPORT,
    arrived,
    copies,
    go,
    other_process,
    post,
    states,
)
from oncall_assets_tests.smtp_server import SmtpServer, smtp_server

LATER = NOW + CLAIM
_TIMEOUT = 90


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SmtpServer]:
    with smtp_server(tmp_path, "none") as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    return new_database(request.getfixturevalue("postgres_url"))


def killed(url: str, server: SmtpServer, dies: str, at: datetime = NOW) -> None:
    """A process began to send it and was killed: as `dies` says, or when the server had `kept` its first mail."""
    with other_process(url, server.port, dies, at) as process:
        if dies == "kept":
            server.on_kept = lambda: os.kill(process.pid, signal.SIGKILL)
        go(process)
        assert -signal.SIGKILL == process.wait(_TIMEOUT)
    server.on_kept = lambda: None


def settled(url: str, copy: CopyRecord, *, did_arrive: bool) -> EditionRecord:
    with Database(url) as database:
        return EditionBook(database).settle(copy.id, did_arrive, "ann", LATER)


def doubted(edition: object) -> CopyRecord:
    """The one copy of the edition that is in doubt."""
    assert isinstance(edition, EditionRecord)
    assert "doubtful" == edition.state
    (copy,) = (copy for copy in edition.copies if copy.state == "doubtful")
    return copy


@pytest.mark.parametrize(("dies", "had_it"), [("begun", 0), ("recorded", 1)])
def test_a_kill_while_no_copy_is_under_way_leaves_no_doubt(
    url: str, server: SmtpServer, dies: str, had_it: int
) -> None:
    killed(url, server, dies)
    assert [*PEOPLE[:had_it]] == [address for address, _ in arrived(server)]
    assert isinstance(post(url, server.port, LATER - timedelta(seconds=1)), Busy)
    ended = post(url, server.port, LATER)
    assert isinstance(ended, EditionRecord)
    assert ("sent", dict.fromkeys(PEOPLE, "sent")) == (ended.state, states(ended))
    assert [(copy.address, copy.message_id) for copy in copies()] == arrived(server)


@pytest.mark.parametrize(("dies", "has_it"), [("claimed", False), ("kept", True), ("taken", True)])
def test_a_copy_under_way_at_a_kill_is_asked_about_and_not_repeated(
    url: str, server: SmtpServer, dies: str, has_it: bool
) -> None:
    killed(url, server, dies)
    assert [ANN] * has_it == [address for address, _ in arrived(server)]
    ended = post(url, server.port, LATER)
    doubtful = doubted(ended)
    assert ANN == doubtful.address
    assert [*[ANN] * has_it, BEN, CID] == [address for address, _ in arrived(server)]
    assert isinstance(post(url, server.port, LATER + CLAIM), Done)

    over = settled(url, doubtful, did_arrive=has_it)
    assert ("sent" if has_it else "sending") == over.state
    post(url, server.port, LATER + CLAIM)
    assert sorted((copy.address, copy.message_id) for copy in copies()) == sorted(arrived(server))
    assert isinstance(post(url, server.port, LATER + 2 * CLAIM), Done)
    assert len(PEOPLE) == len(server.received)


def test_who_says_wrongly_that_it_did_not_arrive_repeats_it_under_the_same_message_id(
    url: str, server: SmtpServer
) -> None:
    killed(url, server, "kept")
    doubtful = doubted(post(url, server.port, LATER))
    settled(url, doubtful, did_arrive=False)
    ended = post(url, server.port, LATER)
    assert isinstance(ended, EditionRecord)
    assert ("sent", "ann") == (ended.state, ended.copies[0].settled_by)
    assert [(ANN, doubtful.message_id)] * 2 == [one for one in arrived(server) if one[0] == ANN]
    assert 4 == len(server.received)


@pytest.mark.parametrize(("dies", "asked_about"), [("recorded", []), ("taken", [ANN, BEN])])
def test_a_second_kill_repeats_nothing_either(
    url: str, server: SmtpServer, dies: str, asked_about: list[str]
) -> None:
    killed(url, server, dies)
    killed(url, server, dies, LATER)
    ended = post(url, server.port, LATER + CLAIM)
    assert isinstance(ended, EditionRecord)
    assert asked_about == [copy.address for copy in ended.copies if copy.state == "doubtful"]
    assert [(copy.address, copy.message_id) for copy in copies()] == arrived(server)


def test_of_processes_that_begin_at_once_each_recipient_gets_one_copy(url: str, server: SmtpServer) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(other_process(url, server.port)) for _ in range(3)]
        for process in processes:
            go(process)
        said = sorted(process.communicate(timeout=_TIMEOUT)[0].split()[-1] for process in processes)
    assert 1 == said.count("Won")
    assert sorted((copy.address, copy.message_id) for copy in copies()) == sorted(arrived(server))
    with Database(url) as database:
        edition = EditionBook(database).edition(REPORT, PERIOD)
    assert edition is not None
    assert ("sent", dict.fromkeys(PEOPLE, "sent")) == (edition.state, states(edition))
