"""The round that looks after all reports: which edition is held, which is sent now, and who is told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from dagster import AssetKey, DagsterInstance

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.problem import first_line
from oncall_assets.incidents.ledger.edition_records import EditionRecord
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.policy.recipients import name_of as name_of_person
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.reporting.assets import PREFIX
from oncall_assets.reports.attempts import Attempts, Request, name_of
from oncall_assets.reports.cadence import Occasion, Planned, due_of, next_due, occasions, planned
from oncall_assets.reports.countdown import countdown, nothing_further, today
from oncall_assets.reports.delays import Delays
from oncall_assets.reports.gate.judgement import Hold, Judgement
from oncall_assets.reports.place import Place
from oncall_assets.reports.usual import usual_duration

# What was due longer ago and never held is history: nobody waits for it any more.
_BACK: Final = timedelta(days=7)
# A gate is asked at most so often about one edition, and a table how long it takes.
_ASKED: Final = timedelta(minutes=1)
_MEASURED: Final = timedelta(hours=1)


@dataclass
class Memory:
    """What one process need not ask again at once; to lose it costs time only.

    By edition what held it when the gate was asked last, by table how long it usually takes, and the editions
    whose readers know that they were sent.
    """

    judged: dict[str, tuple[datetime, tuple[Hold, ...]]] = field(default_factory=dict)
    took: dict[str, tuple[datetime, timedelta]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Round:
    """What a round found: the place to go on from, the runs to ask for, and what went wrong, a line each."""

    place: Place
    requests: tuple[Request, ...]
    said: str
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """Everything a round needs but the time.

    `assets` are the keys of those of the reports that the code location has, `judge` is the gate, and `restated`
    looks for figures that changed since they were sent and gives those that are new.
    """

    instance: DagsterInstance
    handbook: Handbook
    ledger: Ledger
    assets: frozenset[str]
    judge: Callable[[Occasion, datetime], Judgement]
    restated: Callable[[datetime], Sized]
    memory: Memory = field(default_factory=Memory)

    def round(self, place: Place | None, now: datetime) -> Round:
        """Look after every report, of its editions the oldest first; what goes wrong with one stops no other.

        Without a place this is the first round ever, and what was due before it is history. Raises what the ledger
        raises where it cannot be read.
        """
        book = EditionBook(self.ledger)
        work = _Work(self, book, place or Place(now), now, {(one.report, one.period) for one in book.holds()})
        for one in planned(self.handbook):
            with work.noting(f"report {one.key}"):
                work.report(one)
        work.forget()
        work.restatements()
        return Round(work.place, work.in_order, work.said, tuple(work.troubles))


@dataclass
class _Work:
    """One round: `held` are report and period of the editions whose holds are open as it begins."""

    desk: Desk
    book: EditionBook
    place: Place
    now: datetime
    held: set[tuple[str, str]]
    requests: list[tuple[Occasion, Request]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def in_order(self) -> tuple[Request, ...]:
        return tuple(request for _, request in sorted(self.requests, key=lambda pair: pair[0].days.first))

    @property
    def said(self) -> str:
        counted = ", ".join(f"{count} {what}" for what, count in self.counts.items() if count)
        return "; ".join([counted or "nothing to do", *self.notes])

    @contextmanager
    def noting(self, what: str) -> Iterator[None]:
        """A fault inside is a line of the log and ends only what is inside."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - no fault in one report may hold up another
            self.troubles.append(f"{what}: {type(error).__name__}: {first_line(error)}")

    def report(self, one: Planned) -> None:
        if one.asset not in self.desk.assets:
            self.troubles.append(
                f"{one.asset} is not in the code that Dagster has loaded; reload the code location"
            )
            return
        with self.noting(f"the countdown of {one.key}"):
            self._count_down(one)
        for occasion in self._occasions(one):
            with self.noting(f"edition {name_of(occasion)}"):
                self._look(occasion)

    def forget(self) -> None:
        """What no report promises any more is not held any more."""
        promised = {one.key for one in planned(self.desk.handbook)}
        for report, period in self.held:
            if report not in promised:
                self.book.over(report, period, self.now)

    def restatements(self) -> None:
        try:
            self.counts["restated"] += len(self.desk.restated(self.now))
        except Exception as error:  # noqa: BLE001 - what was sent is not in danger; what is due may not wait
            # Its text may hold a figure, and many may read this log.
            self.troubles.append(f"figures as sent could not be compared with the tables: {type(error).__name__}")

    def _count_down(self, one: Planned) -> None:
        if next_due(self.desk.handbook, one, self.now) is None:
            self.notes.append(f"{one.key}: {nothing_further(self.desk.handbook, one)}")
        on = today(self.desk.handbook, self.now)
        if self.place.counted_on.get(one.key) != on:
            self.desk.instance.report_runless_asset_event(countdown(self.desk.handbook, one, self.now))
            self.place = self.place.counted(one.key, on)

    def _occasions(self, one: Planned) -> list[Occasion]:
        """The editions to look after: due soon or lately, or held however long ago they were due."""
        start = max(self.place.since, self.now - _BACK)
        # The last instant belongs to them: who may warn at five may not wait for half a minute past.
        end = self.now + one.report.warn + self._usual(one) + timedelta(microseconds=1)
        found = {occasion.period: occasion for occasion in occasions(self.desk.handbook, one, start, end)}
        for report, period in self.held:
            if report == one.key and period not in found:
                days = Days.read(period)
                due = due_of(self.desk.handbook, one, days)
                if due is None:
                    self.book.over(report, period, self.now)
                else:
                    found[period] = Occasion(one, days, due)
        return sorted(found.values(), key=lambda occasion: occasion.due)

    def _usual(self, one: Planned) -> timedelta:
        """How long its published table takes; nothing is known of one that is new."""
        known = self.desk.memory.took.get(one.table)
        if known is None or not known[0] <= self.now < known[0] + _MEASURED:
            key = AssetKey([PREFIX, one.table])
            took = usual_duration(self.desk.instance, key, self.now) or timedelta(0)
            known = self.desk.memory.took[one.table] = (self.now, took)
        return known[1]

    def _look(self, occasion: Occasion) -> None:
        edition = self.book.edition(occasion.planned.key, occasion.period)
        if edition is not None and edition.state != "sending":
            self._done(occasion, edition)
        elif edition is not None and edition.claimed_until is not None and self.now < edition.claimed_until:
            self.counts["being sent"] += 1
        elif reasons := self._reasons(occasion):
            self.counts["held"] += 1
            self._delays.late(occasion, reasons, self.now)
        elif self.now >= occasion.due:
            self._send(occasion, edition)
        else:
            self._free(occasion)

    def _send(self, occasion: Occasion, edition: EditionRecord | None) -> None:
        attempts = Attempts.of(self.desk.instance, occasion, edition)
        if why := attempts.overdue(self.now):
            reasons = (Hold("not sent", why),)
            self._hold(occasion, reasons)
            self._delays.late(occasion, reasons, self.now)
        elif occasion.due >= self.now - _BACK:
            self._free(occasion)
        # An older one stays held until it is sent, or nobody would look after it.
        if request := attempts.next(self.now):
            self.requests.append((occasion, request))
        self.counts["requested" if request else "under way"] += 1

    def _done(self, occasion: Occasion, edition: EditionRecord) -> None:
        """It was sent: nothing holds it, and whoever was told that it is late hears of it."""
        name, key, period = name_of(occasion), occasion.planned.key, occasion.period
        self._free(occasion)
        self.desk.memory.judged.pop(name, None)
        if edition.state == "doubtful":
            self.counts["in doubt"] += 1
        elif edition.sent_at is not None and name not in self.desk.memory.told:
            if self.book.hold_of(key, period) is not None:
                release = self.book.released(key, period)
                by = name_of_person(release.by, self.desk.handbook) if release else None
                self._delays.there(occasion, edition.sent_at, by, self.now)
            self.desk.memory.told.add(name)

    def _reasons(self, occasion: Occasion) -> tuple[Hold, ...]:
        """What holds the edition by the gate's word of the last minute; nothing where somebody released it."""
        name, known = name_of(occasion), self.desk.memory.judged.get(name_of(occasion))
        if self.book.released(occasion.planned.key, occasion.period) is not None:
            return ()
        if known is not None and known[0] <= self.now < known[0] + _ASKED:
            return known[1]
        reasons = self._judge(occasion)
        if reasons:
            self._hold(occasion, reasons)
        self.desk.memory.judged[name] = (self.now, reasons)
        return reasons

    def _judge(self, occasion: Occasion) -> tuple[Hold, ...]:
        try:
            found = self.desk.judge(occasion, self.now).holds
        except Exception as error:  # noqa: BLE001 - what cannot be judged is held, and somebody hears of it
            words = f"{type(error).__name__}: {first_line(error)}"
            self.troubles.append(f"edition {name_of(occasion)} could not be judged: {words}")
            return (Hold("not judged", f"Whether it may be sent could not be judged: {words}; mend that first."),)
        return found

    def _hold(self, occasion: Occasion, reasons: Sequence[Hold]) -> None:
        texts = [reason.text for reason in reasons]
        self.book.hold(occasion.planned.key, occasion.period, texts, occasion.due, self.now)

    def _free(self, occasion: Occasion) -> None:
        if (occasion.planned.key, occasion.period) in self.held:
            self.book.over(occasion.planned.key, occasion.period, self.now)

    @property
    def _delays(self) -> Delays:
        return Delays(self.desk.handbook, self.desk.ledger)
