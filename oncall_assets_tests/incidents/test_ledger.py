"""The ledger on SQLite and on a real PostgreSQL: what is committed together, claimed once, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Barrier

import pytest

from oncall_assets.handbook.home import ledger_url
from oncall_assets.incidents.kinds import CheckFailed, CheckPassed, Evidence
from oncall_assets.incidents.ledger import Ledger, Letter
from oncall_assets.incidents.policy import OpenIncident, Reason, decide
from oncall_assets_tests.incidents.conftest import NOW
from oncall_assets_tests.notify.pages import FULL

Rows = Callable[[str, str], list[tuple[object, ...]]]


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened


def _failed(number: int) -> CheckFailed:
    return CheckFailed(
        id=f"s{number}", at=NOW + timedelta(seconds=number), run_id="r", partition="2026-01-07", asset="orders",
        check="complete", severity="error", evidence=Evidence("rows are missing"),
    )  # fmt: skip


def _passed(number: int) -> CheckPassed:
    return CheckPassed(
        id=f"s{number}", at=NOW + timedelta(seconds=number), run_id="r", partition="2026-01-07",
        asset="orders", check="complete",
    )  # fmt: skip


def _write(
    ledger: Ledger, *signals: CheckFailed | CheckPassed, channels: tuple[str, ...] = ("console",)
) -> list[Reason]:
    """Decides and records as the tick does, with one page for each incident opened."""
    with ledger.writing() as pen:
        decisions = decide(signals, pen.open_incidents(), {})
        for decision in decisions:
            if decision.reason is Reason.OPENED:
                page = pen.open(decision.incidents[0], FULL)
                for channel in channels:
                    subject, text = f"incident {page.incident}", page.model_dump_json()
                    pen.post(Letter(0, subject, page.incident, "on_call.primary", "ann", channel, text), NOW)
            pen.record(decision, NOW)
    return [decision.reason for decision in decisions]


def test_an_incident_is_found_again_as_it_was_written(ledger: Ledger) -> None:
    _write(ledger, _failed(1))
    with ledger.writing() as pen:
        wanted = OpenIncident(
            "s1", "check orders:complete @ 2026-01-07", "2026-01-07", frozenset({"orders:complete"}), _failed(1).at
        )
        assert [wanted] == pen.open_incidents()
        assert {"s1": wanted} == pen.incidents_of(["s1", "s2"])


def test_repeats_are_counted_and_a_pass_closes(ledger: Ledger, ledger_url: str, rows: Rows) -> None:
    assert [Reason.OPENED] == _write(ledger, _failed(1))
    assert [Reason.REPEATED, Reason.REPEATED] == _write(ledger, _failed(2), _failed(3))
    assert [(2, None)] == rows(ledger_url, "SELECT repeats, resolved_by FROM incidents")
    assert [Reason.RESOLVED] == _write(ledger, _passed(4))
    assert [(2, "s4")] == rows(ledger_url, "SELECT repeats, resolved_by FROM incidents")
    assert [Reason.OPENED] == _write(ledger, _failed(5))
    kept = "SELECT signal_id, kind, reason, incident_id FROM decisions ORDER BY signal_id"
    assert [
        ("s1", "CheckFailed", "opened", 1),
        ("s2", "CheckFailed", "repeated", 1),
        ("s3", "CheckFailed", "repeated", 1),
        ("s4", "CheckPassed", "resolved", 1),
        ("s5", "CheckFailed", "opened", 2),
    ] == rows(ledger_url, kept)


def test_a_name_of_any_length_can_be_kept(ledger: Ledger) -> None:
    # Digits of no pattern, as an index would compress others to a length it can take.
    name = "".join(sha256(str(number).encode()).hexdigest() for number in range(500))
    signal = replace(_failed(1), asset=name, partition=name)
    assert [Reason.OPENED] == _write(ledger, signal)
    assert [Reason.RESOLVED] == _write(ledger, replace(_passed(2), asset=name, partition=name))


def test_what_fails_half_way_leaves_nothing(ledger: Ledger, ledger_url: str, rows: Rows) -> None:
    class Dies(Exception):
        pass

    def half() -> None:
        with ledger.writing() as pen:
            pen.open(decide([_failed(1)], [], {})[0].incidents[0], FULL)
            raise Dies

    with pytest.raises(Dies):
        half()
    assert [(0,)] == rows(ledger_url, "SELECT count(*) FROM incidents")
    assert {"s1"} == ledger.unknown(["s1"])


def test_unknown_are_those_nothing_was_decided_about(ledger: Ledger) -> None:
    _write(ledger, _failed(1), _failed(2))
    asked = [f"s{number}" for number in range(1, 1200)]
    assert set(asked) - {"s1", "s2"} == ledger.unknown(asked)


def test_a_letter_is_claimed_by_one_of_many(ledger_url: str) -> None:
    with Ledger(ledger_url) as ledger:
        _write(ledger, _failed(1))
        (letter,) = ledger.pending(NOW)
    barrier = Barrier(4)

    def claim(_: int) -> bool:
        with Ledger(ledger_url) as mine:
            barrier.wait()
            return mine.claim(letter, NOW, NOW + timedelta(seconds=30))

    with ThreadPoolExecutor(4) as pool:
        assert 1 == sum(pool.map(claim, range(4)))


def test_a_claim_ends_by_itself(ledger: Ledger) -> None:
    _write(ledger, _failed(1))
    (letter,) = ledger.pending(NOW)
    until = NOW + timedelta(seconds=30)
    assert ledger.claim(letter, NOW, until)
    assert [] == ledger.pending(until - timedelta(seconds=1))
    assert not ledger.claim(letter, until - timedelta(seconds=1), until)
    assert [letter] == ledger.pending(until)


def test_many_open_the_same_ledger_at_once(ledger_url: str) -> None:
    barrier = Barrier(4)

    def first(_: int) -> int:
        barrier.wait()
        with Ledger(ledger_url) as mine:
            return mine.waiting()

    with ThreadPoolExecutor(4) as pool:
        assert [0, 0, 0, 0] == list(pool.map(first, range(4)))


def test_writers_come_one_after_the_other(ledger_url: str) -> None:
    barrier = Barrier(4)

    def decided(number: int) -> list[Reason]:
        with Ledger(ledger_url) as mine:
            barrier.wait()
            return _write(mine, _failed(number))

    with ThreadPoolExecutor(4) as pool:
        reasons = [reason for found in pool.map(decided, range(4)) for reason in found]
    assert [Reason.OPENED, *[Reason.REPEATED] * 3] == sorted(reasons)


def test_a_refused_letter_goes_another_way_once(ledger: Ledger, ledger_url: str, rows: Rows) -> None:
    _write(ledger, _failed(1), channels=("slack", "email"))
    for letter in ledger.pending(NOW):
        ledger.refuse(letter, "account_inactive", "console", NOW)
    assert ["console"] == [letter.channel for letter in ledger.pending(NOW)]
    kept = "SELECT channel, state, attempts, last_error FROM outbox ORDER BY id"
    assert [
        ("slack", "failed", 1, "account_inactive"),
        ("email", "failed", 1, "account_inactive"),
        ("console", "pending", 0, None),
    ] == rows(ledger_url, kept)


def test_those_tried_least_go_first(ledger: Ledger) -> None:
    _write(ledger, _failed(1), channels=("slack", "console"))
    slack, console = ledger.pending(NOW)
    ledger.postpone(slack, "no answer")
    assert [console, slack] == ledger.pending(NOW)


def test_the_ledger_is_in_the_state_folder_or_where_the_variable_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ONCALL_DATABASE_URL", raising=False)
    monkeypatch.setenv("ONCALL_HOME", str(tmp_path / "new"))
    assert f"sqlite:///{tmp_path / 'new' / 'ledger.sqlite'}" == ledger_url()
    with Ledger(ledger_url()) as ledger:
        assert 0 == ledger.waiting()
    monkeypatch.setenv("ONCALL_DATABASE_URL", "sqlite:///elsewhere")
    assert "sqlite:///elsewhere" == ledger_url()


def test_another_kind_of_database_is_refused_without_its_password() -> None:
    with pytest.raises(ValueError, match="neither SQLite nor PostgreSQL; correct ONCALL_DATABASE_URL") as caught:
        Ledger("mysql://ann:secret@host/db")
    assert "secret" not in str(caught.value)
