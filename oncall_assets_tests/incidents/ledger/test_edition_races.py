"""Two daemons, a run killed at any moment, many threads: each copy goes out once, and what is unknown is asked."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest

from oncall_assets.incidents.ledger.edition_records import Busy, Won
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger, LedgerError
from oncall_assets_tests.incidents.ledger.edition_entries import (
    MINUTE,
    NOW,
    PERIOD,
    REPORT,
    UNTIL,
    begun,
    copies,
    new_edition,
    send,
    states,
)
from oncall_assets_tests.incidents.ledger.one_edition import PEOPLE

ALL = [f"{name}@example.com" for name in PEOPLE]


@contextmanager
def _sender(url: str, run_id: str, box: Path, at: datetime, dies: str) -> Iterator[subprocess.Popen[str]]:
    module = "oncall_assets_tests.incidents.ledger.one_edition"
    script = [sys.executable, "-m", module, url, run_id, str(box), at.isoformat(), dies]
    process = subprocess.Popen(
        script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )
    try:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def _sent(url: str, box: Path, *, at: datetime = NOW, at_once: int = 1, dies: str = "no") -> list[tuple[int, str]]:
    """So many processes that begin to send at the same moment: how each ended, and what it printed."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(_sender(url, f"run-{number}", box, at, dies)) for number in range(at_once)
        ]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        printed = [process.communicate(timeout=90)[0] for process in processes]
    return [(process.returncode, text.strip()) for process, text in zip(processes, printed, strict=True)]


def _lines(box: Path) -> list[str]:
    return box.read_text().splitlines() if box.exists() else []


def test_two_daemons_that_begin_at_once_send_it_once(ledger_url: str, tmp_path: Path) -> None:
    box = tmp_path / "box"
    ended = Counter(_sent(ledger_url, box, at_once=2))
    # Whoever comes second finds it being sent, or sent.
    assert 1 == ended[0, "Won sent"]
    assert 1 == ended[0, "Busy"] + ended[0, "Done"]
    assert ALL == _lines(box)


@pytest.mark.parametrize(("dies", "arrived"), [("before", False), ("between", True)])
def test_a_run_killed_while_it_sends_leaves_one_copy_in_doubt_and_everybody_gets_one(
    ledger_url: str, tmp_path: Path, dies: str, arrived: bool
) -> None:
    box = tmp_path / "box"
    assert [(-signal.SIGKILL, "")] == _sent(ledger_url, box, dies=dies)
    assert [(0, "Busy")] == _sent(ledger_url, box)
    assert [(0, "Won doubtful")] == _sent(ledger_url, box, at=UNTIL)
    with Ledger(ledger_url) as ledger:
        book = EditionBook(ledger)
        (edition,) = book.doubtful()
        assert ["doubtful", "sent", "sent"] == states(edition)
        assert sorted(ALL if arrived else ALL[1:]) == sorted(_lines(box))
        book.settle(edition.copies[0].id, arrived, "ann", UNTIL)
    assert [(0, "Done" if arrived else "Won sent")] == _sent(ledger_url, box, at=UNTIL)
    assert ALL == sorted(_lines(box))


def test_what_was_left_is_taken_over_by_one_and_each_copy_by_one(ledger_url: str) -> None:
    barrier = Barrier(4, timeout=60)
    with Ledger(ledger_url) as ledger:
        book = EditionBook(ledger)
        left = begun(book, *PEOPLE)

        def take_over(number: int) -> tuple[bool, list[bool]]:
            barrier.wait()
            claimed = book.begin(new_edition(*PEOPLE), f"run-{number}", UNTIL, UNTIL + 5 * MINUTE)
            assert isinstance(claimed, (Won, Busy))
            # A daemon that believes that it has it does no harm either.
            return isinstance(claimed, Won), [
                book.claim_copy(copy.id, UNTIL, UNTIL + 5 * MINUTE) for copy in left.copies
            ]

        with ThreadPoolExecutor(4) as pool:
            took = list(pool.map(take_over, range(4)))
    assert [False, False, False, True] == sorted(won for won, _ in took)
    assert [1, 1, 1] == [sum(each) for each in zip(*(claimed for _, claimed in took), strict=True)]


def test_of_many_who_send_it_again_or_settle_it_one_does(ledger_url: str) -> None:
    barrier = Barrier(4, timeout=60)
    with Ledger(ledger_url) as ledger:
        book = EditionBook(ledger)
        send(book, begun(book))

        def again(number: int) -> bool:
            barrier.wait()
            try:
                book.again(REPORT, PERIOD, copies("ann", repeat=1), NOW, UNTIL, f"run-{number}")
            except LedgerError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert [False, False, False, True] == sorted(pool.map(again, range(4)))
        repeat = begun(book, at=UNTIL)
        book.claim_copy(repeat.copies[0].id, UNTIL, UNTIL)
        book.copy_doubtful(repeat.copies[0].id, "lost", UNTIL)

        def settle(number: int) -> bool:
            barrier.wait()
            try:
                book.settle(repeat.copies[0].id, False, f"person-{number}", UNTIL)
            except LedgerError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert [False, False, False, True] == sorted(pool.map(settle, range(4)))
