"""Whatever fails in whatever order: never two runs for one edition at once, and always one copy in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import dagster as dg
from hypothesis import event, given, settings
from hypothesis import strategies as st

from oncall_assets.incidents.ledger.edition_records import EditionRecord, Won
from oncall_assets.metrics.days import Days
from oncall_assets.reports.cadence import Occasion
from oncall_assets.reports.desk import Memory
from oncall_assets.reports.place import Place
from oncall_assets_tests.reports.desks import DUE, KEY, MINUTE, MISSING, Office, office, team_with

EVENTS = (
    "nothing",
    "the gate shuts",
    "the gate opens",
    "somebody releases it",
    "the run starts",
    "the run begins to send",
    "the run sends",
    "the run fails",
    "the mail server is down",
    "the run dies",
    "the run dies with a copy in its hand",
    "dagster sees who died",
    "the desk forgets",
)
steps = st.lists(st.tuples(st.sampled_from([0, 0.5, 1, 6, 16, 40]), st.sampled_from(EVENTS)), max_size=14)


@dataclass
class Timeline:
    """One edition from an hour and a half before it is due; `living` are runs whose processes are."""

    one: Office
    due: datetime
    living: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    sent: int = 0
    released: bool = False

    @property
    def occasion(self) -> Occasion:
        return replace(self.one.occasion, days=Days.one((self.due - timedelta(days=1)).date()), due=self.due)

    @property
    def period(self) -> str:
        return self.occasion.period

    @property
    def edition(self) -> EditionRecord | None:
        return self.one.book.edition(KEY, self.period)

    @property
    def is_open(self) -> bool:
        return self.released or self.period not in self.one.held

    def begin(self) -> None:
        one = self.one
        one.now, one.memory, one.runs = self.due - 90 * MINUTE, Memory(), {}
        one.place = Place(one.now)
        one.held.clear()
        # Of a timeline that broke off.
        for hold in one.book.holds():
            one.book.over(hold.report, hold.period, one.now)

    def round(self) -> None:
        """A round, of whose request a run is made as the daemon does."""
        one, edition = self.one, self.edition
        found = one.at(one.now)
        assert () == found.troubles
        assert len(found.requests) <= 1
        for request in found.requests:
            assert self.due <= one.now
            assert self.is_open
            assert edition is None or edition.state == "sending"
            assert edition is None or edition.claimed_until is None or edition.claimed_until <= one.now
            # One that begins to send and says no word for long is taken for dead, and may not be.
            given_up = edition.run_id if edition and edition.claimed_until else None
            assert [] == [run for run in self.living if run != given_up]
            known = len(one.runs)
            run = one.launch(request)
            assert known < len(one.runs), "a key that Dagster knows already is never run"
            self.living.append(run)

    def happens(self, what: str) -> None:
        one = self.one
        run = self.living[-1] if self.living else None
        match what:
            case "the gate shuts":
                one.held[self.period] = (MISSING,)
            case "the gate opens":
                one.held.pop(self.period, None)
            case "somebody releases it" if not self.released and self.edition is None:
                one.book.release(KEY, self.period, "ben", "it is needed", [MISSING.text], one.now)
                self.released = True
            case "dagster sees who died":
                self.see()
            case "the desk forgets":
                one.memory = Memory()
            case _ if run is not None:
                self._of_run(what, run)

    def _of_run(self, what: str, run: str) -> None:
        one = self.one
        match what:
            case "the run starts":
                one.becomes(run, dg.DagsterEventType.RUN_START)
            case "the run begins to send" if self.is_open:
                one.begins(run, self.occasion)
            case "the run sends":
                self.send(run)
            case "the run fails":
                self.ends(run)
            case "the mail server is down" if self.is_open:
                if (copy := self._takes_copy(run)) is not None:
                    one.book.copy_waits(copy, "the mail server is down", one.now)
                    assert self.edition is not None
                    one.book.finish(self.edition.id, one.now)
                self.ends(run)
            case "the run dies" | "the run dies with a copy in its hand":
                if what != "the run dies" and self.is_open:
                    self._takes_copy(run)
                self.living.remove(run)
                self.dead.append(run)

    def _takes_copy(self, run: str) -> int | None:
        edition = self.edition
        if edition is None or edition.run_id != run:
            claimed = self.one.begins(run, self.occasion)
            edition = claimed.edition if isinstance(claimed, Won) else None
        for copy in edition.copies if edition else ():
            if self.one.book.claim_copy(copy.id, self.one.now, self.one.now + 15 * MINUTE):
                return copy.id
        return None

    def ends(self, run: str) -> None:
        self.living.remove(run)
        self.one.becomes(run, dg.DagsterEventType.RUN_FAILURE)

    def see(self) -> None:
        for run in self.dead:
            self.one.becomes(run, dg.DagsterEventType.RUN_FAILURE)
        self.dead.clear()

    def send(self, run: str) -> None:
        """As a run does it, which asks the gate itself."""
        if not self.is_open:
            self.ends(run)
            return
        self.sent += self.one.sends(run, self.occasion)
        self.living.remove(run)

    def ends_well(self) -> None:
        """All that people and machines have to do is done: it is sent in the time of a few tries."""
        self.happens("the gate opens")
        self.see()
        for _ in range(120):
            self.one.now += MINUTE
            self.round()
            for run in list(self.living):
                self.send(run)
            edition = self.edition
            if edition is not None and edition.state == "doubtful":
                self.one.book.settle(edition.copies[0].id, False, "ann", self.one.now)
            elif edition is not None and edition.state == "sent":
                return
        raise AssertionError("it was never sent")


def test_no_two_runs_at_once_and_one_copy_in_the_end(tmp_path: Path) -> None:
    days, book = count(), team_with(tmp_path)
    # Six o'clock is the same instant in summer.
    book = replace(book, team=book.team.model_copy(update={"timezone": "UTC"}))
    with office(tmp_path, book=book) as one:

        @settings(max_examples=100, deadline=None)
        @given(steps)
        def timeline(happening: list[tuple[float, str]]) -> None:
            # Far enough from the one before that none looks after the other's.
            line = Timeline(one, DUE + next(days) * timedelta(days=8))
            told = len(one.notices())
            line.begin()
            line.round()
            for minutes, what in happening:
                one.now += minutes * MINUTE
                line.happens(what)
                line.round()
            early = line.due - one.now
            one.now = max(one.now, line.due)
            line.ends_well()
            assert 1 == line.sent
            for _ in range(3):
                one.now += 20 * MINUTE
                line.round()
            assert [] == one.book.holds()
            titles = Counter(
                notice.title.partition(line.period)[2].strip()
                for notice in one.notices()[told:]
                if notice.to.key == "metric_owner.profit"
            )
            late = titles["will be late"] + titles["is late"]
            event(f"{late} delays told")
            event("ended before it was due" if early > timedelta(0) else "ended later")
            assert bool(late) == titles["is there now"]

        timeline()
