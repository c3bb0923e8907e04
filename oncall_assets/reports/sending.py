"""One edition on its way out: judged, composed, kept and only then sent, in this order and never another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from dagster import DagsterInstance
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.audiences import AUDIENCE
from oncall_assets.incidents.ledger.edition_records import (
    Busy,
    CopyRecord,
    Done,
    EditionRecord,
    NewEdition,
    ReleaseRecord,
)
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.notify.message import in_utc
from oncall_assets.reports.cadence import Occasion
from oncall_assets.reports.composing import as_listed, compose
from oncall_assets.reports.edition import Edition
from oncall_assets.reports.figures import figures_of
from oncall_assets.reports.gate import Hold, Judgement, judge
from oncall_assets.reports.office import EditionOffice, published
from oncall_assets.reports.post import CLAIM, copies_for, send
from oncall_assets.reports.rendering import archive, as_mail

# Whoever fills a year of partitions does not mean to write to investors hundreds of times.
LATEST: Final = timedelta(days=7)

NO_CHANNEL: Final = "team.yaml names no `email` under `channels`, so it is kept in the archive only"
# From whom a copy is that no server is there for.
NOBODY: Final = "editions@localhost"


class NotSentError(Exception):
    """The edition is not sent, or not to everybody; the message says why and what to do, without figures."""


@dataclass(frozen=True, slots=True)
class NotWanted:
    """Nothing is to be sent now, and nothing is wrong; `late` if it was to be sent long ago."""

    why: str
    late: bool = False


@dataclass(frozen=True)
class Sending:
    """A run that is to send the edition of `occasion`, by the handbook as it is now."""

    office: EditionOffice
    handbook: Handbook
    instance: DagsterInstance
    graph: BaseAssetGraph[Any]
    occasion: Occasion
    run_id: str

    def send(self, *, late: bool) -> EditionRecord | NotWanted:
        """Send it once, or go on with it; nothing is sent that was.

        Nothing is sent before it is due. One that was due more than a week ago, and that nobody held, released or
        began to send, is history: it is sent only where that is meant, which `late` says. Raises NotSentError.
        """
        with self.office.ledger() as ledger:
            book = EditionBook(ledger)
            begun = book.edition(*self._name)
            if begun is not None and begun.state != "sending":
                return begun
            release = book.released(*self._name)
            history = not (begun or release or book.hold_of(*self._name))
            if begun is None and (not_now := self._not_now(history and not late)):
                return not_now
            now = self.office.now()
            judgement = judge(self.instance, self.graph, self.handbook, self.occasion, ledger, now)
            if judgement.holds and release is None:
                reasons = [hold.text for hold in judgement.holds]
                # The desk, which ends holds, looks after no history.
                if not history or now <= self.occasion.due + LATEST:
                    book.hold(*self._name, reasons, self.occasion.due, now)
                raise NotSentError(self._held(judgement.holds))
            return self._sent(book, judgement, release)

    @property
    def _name(self) -> tuple[str, str]:
        return self.occasion.planned.key, self.occasion.period

    def _not_now(self, history: bool) -> NotWanted | None:
        now, due = self.office.now(), self.occasion.due
        if now < due:
            return NotWanted(f"it is due {in_utc(due)}, and goes out then by itself")
        if history and now > due + LATEST:
            return NotWanted(f"it was due {in_utc(due)}, more than {LATEST.days} days ago", late=True)
        return None

    def _sent(self, book: EditionBook, judgement: Judgement, release: ReleaseRecord | None) -> EditionRecord:
        mailer = self.office.mailer(self.handbook.team)
        new = self._composed(book, judgement, release, NOBODY if mailer is None else mailer.sender)
        now = self.office.now()
        claimed = book.begin(new, self.run_id, now, now + CLAIM)
        if isinstance(claimed, Done):
            return claimed.edition
        if isinstance(claimed, Busy):
            raise NotSentError(
                f"{self._words} is being sent by run {claimed.run_id}, whose word on it is waited for until "
                f"{in_utc(claimed.until)}; what it leaves is sent by a run after that"
            )
        # What the first try composed, where this run goes on with another's.
        edition = Edition.model_validate_json(claimed.edition.content)
        self._archive(book, claimed.edition, edition)
        if mailer is None:
            record = _kept_only(book, claimed.edition, self.office.now)
        else:
            mail = partial(self._mail, edition, mailer.sender)
            record = send(book, claimed.edition, mail, mailer, self.office.now)
        if record.state != "sending":
            book.listed(_told_in(edition, book), record.id, self.office.now())
            book.over(*self._name, self.office.now())
        return record

    def _composed(
        self, book: EditionBook, judgement: Judgement, release: ReleaseRecord | None, sender: str
    ) -> NewEdition:
        planned, days, now = self.occasion.planned, self.occasion.days, self.office.now()
        figures = figures_of(planned, days, published(self.handbook), CONTRACTS[planned.table])
        restated = book.restatements(planned.key)
        edition = compose(self.handbook, self.occasion, figures, judgement, restated, release, now)
        # Of the handbook's audiences: nothing else can be a recipient.
        copies = copies_for(
            self.handbook.team,
            planned.report.to,
            report=planned.key,
            period=str(days),
            repeat=edition.repeat,
            sender=sender,
        )
        return NewEdition(*self._name, self.occasion.due, edition.model_dump_json(), now, copies)

    def _mail(self, edition: Edition, sender: str, copy: CopyRecord) -> bytes:
        # A recipient's key is `audience.<name>.<address>`, and either may hold dots.
        name = copy.recipient.removeprefix(f"{AUDIENCE}.").removesuffix(f".{copy.address}")
        return as_mail(edition, sender, name, copy.address, copy.message_id).as_bytes()

    def _archive(self, book: EditionBook, record: EditionRecord, edition: Edition) -> None:
        try:
            archive(edition, self.office.archive_folder)
        except OSError as error:
            # The claim ends here, so that the next run need not wait for it.
            book.finish(record.id, self.office.now())
            where = self.office.archive_folder
            raise NotSentError(
                f"{self._words} is not sent, as it cannot be kept in {where}: {error.strerror}; make it a folder "
                "of Dagster's own, with room on it"
            ) from None

    @property
    def _words(self) -> str:
        return f"{self.occasion.planned.report.title} for {self.occasion.period}"

    def _held(self, holds: Sequence[Hold]) -> str:
        key, period = self._name
        return "\n".join(
            (
                f"{self._words} is held, and nobody is sent it:",
                *(f"- {hold.text}" for hold in holds),
                "Mend that, and it goes out by itself. Who may answer for it as it is lets it go with "
                f"`oncall release --edition {key} --period {period} --because …`.",
            )
        )


def _told_in(edition: Edition, book: EditionBook) -> list[int]:
    """The restatements that the edition lists, as long as they are what it says."""
    return [one.id for one in book.restatements(edition.report) if as_listed(one) in edition.restatements]


def unfinished(record: EditionRecord) -> str | None:
    """What is left to do about an edition that a run was to send, without figures; None if nothing is."""
    waiting = [copy for copy in record.copies if copy.state in ("waiting", "sending")]
    doubtful = [copy for copy in record.copies if copy.state == "doubtful"]
    refused = [copy for copy in record.copies if copy.state == "refused" and copy.last_error != NO_CHANNEL]
    lines = []
    if waiting:
        lines.append(
            f"{_of(waiting, record)} wait to be sent, as {record.last_error}; the next run goes on with them."
        )
    if doubtful:
        lines.append(
            f"{_of(doubtful, record)} may have arrived or not, and are not sent again: look for "
            f"{', '.join(copy.message_id for copy in doubtful)} at the mail server or with the recipients, and "
            "say with `oncall settle` what became of it."
        )
    if refused:
        answers = "; ".join(dict.fromkeys(str(copy.last_error) for copy in refused))
        lines.append(
            f"{_of(refused, record)} were refused for good ({answers}): correct the address in `audiences` of "
            "team.yaml or what the mail server says, and send them with `oncall resend`."
        )
    return "\n".join(lines) or None


def _of(some: Sequence[CopyRecord], record: EditionRecord) -> str:
    return f"{len(some)} of {len(record.copies)} copies of {record.report} for {record.period}"


def _kept_only(book: EditionBook, record: EditionRecord, clock: Callable[[], datetime]) -> EditionRecord:
    """The edition as done with, though nobody has got it: there is nothing to send it by."""
    for copy in record.copies:
        if book.claim_copy(copy.id, clock(), clock() + CLAIM):
            book.copy_refused(copy.id, NO_CHANNEL, clock())
    return book.finish(record.id, clock())
