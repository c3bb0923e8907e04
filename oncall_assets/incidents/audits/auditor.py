"""The watchdog's round: look at all that pages rest on, tell what is broken, and vouch for it where nothing is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.audits.alarm import Alarm, Outcome
from oncall_assets.incidents.audits.book import Book
from oncall_assets.incidents.audits.finding import Finding, Sight
from oncall_assets.incidents.audits.heartbeat import beat
from oncall_assets.incidents.audits.instance import InstanceLook
from oncall_assets.incidents.audits.lookout import Look, Lookout, Post
from oncall_assets.incidents.audits.memory import Known, Told, load, save
from oncall_assets.incidents.audits.outbox import OutboxLook
from oncall_assets.incidents.audits.web import WebLook
from oncall_assets.incidents.audits.words import Words
from oncall_assets.incidents.delivery.channels import channels_of
from oncall_assets.notify.console import Console
from oncall_assets.notify.message import Page

# As long as it holds, a finding is told again each hour, and never sooner.
_AGAIN = timedelta(hours=1)

# Longer than any single request of a look may take.
_PATIENCE = timedelta(seconds=25)

_BOOK, _PLACES = ("handbook",), ("instance", "web", "ledger")

# A finding that is seen once may be a process that starts.
_LOOKS = 2


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look: `read` gives the handbook of a folder or raises HandbookError, `web` is the server's address.

    `state` is the folder for what the watchdog keeps, `heartbeat` the secret address of a monitor outside.
    """

    handbook: Path
    read: Callable[[Path], Handbook]
    web: str
    ledger: str
    state: Path
    heartbeat: str | None = None


class Auditor:
    """Looks, and tells what it found; `say` hears a line for each change, `stop` ends a round early."""

    def __init__(self, places: Places, say: Callable[[str], None], stop: Event, *, looks: int = _LOOKS) -> None:
        self._places = places
        self._say = say
        self._stop = stop
        self._looks = looks
        self._path = places.state / "watch.json"
        self._book = Book(places.read, places.handbook, places.state / "watch-handbook")
        self._lookout = Lookout(_posts(self._book, places), _PATIENCE, stop)
        self._memory = load(self._path, say)
        # Said once, and again only when it has changed.
        self._said: dict[str, str | None] = {}
        self._unreached: set[str] = set()

    def interrupt(self) -> None:
        """Wake up a round that waits for its looks, after `stop` was set."""
        self._lookout.interrupt()

    def look(self, now: datetime) -> Sight | None:
        """What is wrong now; None if it was stopped."""
        # The handbook first: it says how long is too long.
        first = self._lookout.look(_BOOK, self._book.watch, now)
        then = self._lookout.look(_PLACES, self._book.watch, now)
        if first is None or then is None:
            return None
        return Sight(first.findings + then.findings, first.blind | then.blind)

    def round(self, now: datetime) -> tuple[Finding, ...]:
        """Look, tell whoever is to be told, remember that, and give the heartbeat if nothing is wrong."""
        sight = self.look(now)
        if sight is None:
            return ()
        self._book.keep()
        self._say_change("book", self._book.trouble)
        new, over = self._memory.see(sight, now)
        for finding in new:
            self._say(f"found: {finding.title}. {finding.detail}")
        for key in over:
            self._say(f"over: {self._memory.findings[key].title}.")
        self._tell(sight, now)
        self._memory.forget(now, _AGAIN)
        self._save()
        if not sight.findings and self._places.heartbeat:
            self._say_change("heartbeat", beat(self._places.heartbeat))
        return sight.findings

    def _tell(self, sight: Sight, now: datetime) -> None:
        due = {key: known for key, known in self._memory.findings.items() if self._due(key, known, sight, now)}
        ended = {key: known for key, known in self._memory.findings.items() if not known.holds and known.told}
        if not due and not ended:
            return
        alarm = self._alarm(set(self._unreached))
        if alarm is None:
            self._say_change("nobody", "nobody can be told: no handbook has been read that says whom and how")
            return
        for key, known in due.items():
            if not self._stop.is_set():
                self._page(alarm, key, known, sight, now)
        for key, known in ended.items():
            if not self._stop.is_set():
                self._over(alarm, key, known, now)

    def _due(self, key: str, known: Known, sight: Sight, now: datetime) -> bool:
        """Whether it is to be told: seen often enough, not for an hour, and not the effect of another finding."""
        found = {finding.key: finding for finding in sight.findings}
        if key not in found or known.looks < self._looks:
            return False
        if any(cause in found for cause in found[key].explained_by):
            return False
        return known.paged_at is None or now - known.paged_at >= _AGAIN

    def _page(self, alarm: Alarm, key: str, known: Known, sight: Sight, now: datetime) -> None:
        others = tuple(finding.title for finding in sight.findings if key in finding.explained_by)
        repeat = known.begun_at is not None
        known.begun_at = known.begun_at or now
        # Written before anything is sent: whoever is killed now sends it again, and says that it may be a repeat.
        self._save()
        outcome = alarm.page(key, known, others, repeat, now)
        if outcome.told:
            known.paged_at, known.begun_at = now, None
            known.told = _joined(known.told, outcome.told)
            self._unreached.discard(key)
            whom = ", ".join(f"{one.person} over {one.channel}" for one in outcome.told)
            self._report(key, outcome, f"told {whom}: {known.title}.")
        else:
            known.begun_at = known.begun_at if outcome.doubtful else None
            self._unreached.add(key)
            self._report(key, outcome, f"NOBODY WAS REACHED, to be tried at each round: {known.title}.")
        self._save()

    def _over(self, alarm: Alarm, key: str, known: Known, now: datetime) -> None:
        outcome = alarm.over(key, known, now)
        known.told = tuple(one for one in known.told if one not in outcome.told)
        self._report(key, outcome, f"told that it is over: {known.title}." if outcome.told else None)
        self._save()

    def _report(self, key: str, outcome: Outcome, news: str | None) -> None:
        lines = [*outcome.troubles, *([news] if news else [])]
        self._say_change(f"telling {key}", "\n".join(lines) or None)

    def _alarm(self, printed: set[str]) -> Alarm | None:
        """None without a handbook. It prints no page whose key is in `printed`."""
        if self._book.known is None:
            return None
        handbook, rota = self._book.known
        console = Console(self._say)
        found = channels_of(handbook.team, console, lambda text: self._say_change(f"warning {text}", text))
        channels = [channel for channel in found if channel is not console]
        words = Words(handbook, rota, self._places.web)

        def print_page(page: Page) -> None:
            if page.key not in printed:
                console.send(page, page.to.key, None)

        return Alarm(handbook, rota, channels, words, print_page)

    def _save(self) -> None:
        trouble = None
        try:
            save(self._path, self._memory)
        except OSError as error:
            trouble = f"{self._path} cannot be written ({error}); after a restart a page may be repeated"
        self._say_change("memory", trouble)

    def _say_change(self, about: str, text: str | None) -> None:
        if text is not None and self._said.get(about) != text:
            self._say(text)
        self._said[about] = text


def _posts(book: Book, places: Places) -> Mapping[str, Post]:
    looks: tuple[tuple[str, Look, str, set[str]], ...] = (
        ("handbook", book, "the handbook", {"handbook"}),
        ("instance", InstanceLook(), "Dagster's storage", {"storage", "daemon", "pager", "events"}),
        ("web", WebLook(places.web), "Dagster's web server", {"web", "location"}),
        ("ledger", OutboxLook(places.ledger), "the ledger", {"ledger", "outbox"}),
    )
    return {name: Post(look, at, frozenset(groups)) for name, look, at, groups in looks}


def _joined(before: Iterable[Told], now: Iterable[Told]) -> tuple[Told, ...]:
    """Everybody once for each channel, by the receipt of the first message there."""
    return tuple({(one.person, one.channel): one for one in (*now, *before)}.values())
