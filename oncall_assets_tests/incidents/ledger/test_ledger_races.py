"""Several workers, pagers and processes on one ledger: each letter is taken once, each signal decided once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets_tests.incidents.ledger.entries import NOW, failed, letter, notice, reasons, seconds, tell, write
from oncall_assets_tests.incidents.ledger.ledger_process import run

Rows = Callable[[str, str], list[tuple[object, ...]]]
UNTIL = NOW + timedelta(seconds=30)


def test_many_open_the_same_new_ledger_at_once(ledger_url: str) -> None:
    barrier = Barrier(4, timeout=60)

    def first(_: int) -> int:
        barrier.wait()
        with Ledger(ledger_url) as mine:
            return mine.waiting()

    with ThreadPoolExecutor(4) as pool:
        assert [0, 0, 0, 0] == list(pool.map(first, range(4)))


def test_whoever_comes_first_makes_the_file_and_nobody_finds_it_locked(tmp_path: Path) -> None:
    barrier = Barrier(4, timeout=60)

    def first(_: int) -> int:
        opened = 0
        for number in range(25):
            barrier.wait()
            with Ledger(f"sqlite:///{tmp_path / f'{number}.sqlite'}") as mine:
                opened += mine.waiting() == 0
        return opened

    with ThreadPoolExecutor(4) as pool:
        assert [25] * 4 == list(pool.map(first, range(4)))


def test_a_letter_is_claimed_by_one_of_many(ledger_url: str) -> None:
    with Ledger(ledger_url) as ledger:
        write(ledger, failed(1))
        one = tell(ledger, 1)
    barrier = Barrier(4, timeout=60)

    def claim(_: int) -> int:
        with Ledger(ledger_url) as mine:
            barrier.wait()
            return len(mine.claim([one], NOW, UNTIL))

    with ThreadPoolExecutor(4) as pool:
        assert 1 == sum(pool.map(claim, range(4)))


def test_workers_of_one_ledger_take_each_letter_once(ledger_url: str) -> None:
    with Ledger(ledger_url) as ledger:
        with ledger.writing() as pen:
            for number in range(200):
                pen.post(letter(notice(f"notice {number}"), "slack", "notice"), NOW)
        pending = ledger.pending(NOW, "slack")
        barrier = Barrier(4, timeout=60)

        def work(_: int) -> list[int]:
            barrier.wait()
            taken = []
            for one in pending:
                for mine in ledger.claim([one], NOW, UNTIL):
                    ledger.sent([mine], seconds(1))
                    taken.append(mine.id)
            return taken

        with ThreadPoolExecutor(4) as pool:
            taken = Counter(number for numbers in pool.map(work, range(4)) for number in numbers)
        assert {one.id: 1 for one in pending} == taken
        assert 200 == len(ledger.sent_times("ann", "slack", NOW))


def test_a_reader_waits_for_no_writer(ledger_url: str) -> None:
    with Ledger(ledger_url) as ledger, ledger.writing() as pen, ThreadPoolExecutor(1) as pool:
        pen.post(letter(notice("notice 1"), "slack", "notice"), NOW)
        # What is not committed has not happened, and nobody has to wait to see that.
        assert 0 == pool.submit(ledger.waiting).result(timeout=5)


def test_writers_come_one_after_the_other(ledger_url: str) -> None:
    barrier = Barrier(4, timeout=60)

    def decided(number: int) -> list[Reason]:
        with Ledger(ledger_url) as mine:
            barrier.wait()
            return reasons(write(mine, failed(number)))

    with ThreadPoolExecutor(4) as pool:
        found = [reason for some in pool.map(decided, range(4)) for reason in some]
    assert [Reason.OPENED, *[Reason.REPEATED] * 3] == sorted(found)


def test_processes_that_saw_the_same_signals_decide_each_once(ledger_url: str, rows: Rows) -> None:
    done = run(ledger_url, at_once=3, signals=50)
    assert [0, 0, 0] == [code for code, _ in done]
    assert [0, 0, 50] == sorted(int(printed) for _, printed in done)
    with Ledger(ledger_url) as ledger:
        assert (7, 43) == (ledger.open_count(), sum(one.repeats for one in ledger.incidents(None, True)))
    assert [(50,)] == rows(ledger_url, "SELECT count(*) FROM decisions")


def test_a_kill_while_recording_leaves_nothing_half_done(ledger_url: str, rows: Rows) -> None:
    with Ledger(ledger_url):
        pass
    for dies in ("INSERT INTO incidents", "INSERT INTO faults", "INSERT INTO decisions"):
        ((code, _),) = run(ledger_url, dies=dies, signals=20)
        assert -9 == code
        for table in ("incidents", "faults", "decisions", "events"):
            assert [(0,)] == rows(ledger_url, f"SELECT count(*) FROM {table}")
    assert [(0, "20\n")] == run(ledger_url, signals=20)
