"""Reports that are held, that may have arrived or not, and that said what is so no more: what the ledger knows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.audiences import AUDIENCE
from oncall_assets.handbook.labels import EDITIONS
from oncall_assets.incidents.ledger.edition_records import (
    ANNOUNCED,
    CopyRecord,
    EditionRecord,
    HoldRecord,
    RestatementRecord,
)
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.incidents.signals.kinds import HELD, Trouble, bounded
from oncall_assets.notify.message import in_utc, oneline

# Enough of them to begin with; the rest is in the ledger.
_LISTED = 5
_SENTENCE = 300


def held_editions(book: EditionBook, handbook: Handbook) -> list[Trouble]:
    """One for each edition that is held, as long as the handbook promises it and it was not sent."""
    reports = {report.key(runbook.pipeline): (runbook, report) for runbook, _, report in handbook.reports()}
    found = []
    for hold in book.holds():
        if hold.report not in reports:
            continue
        sent = book.edition(hold.report, hold.period)
        if sent is None or sent.state == "sending":
            runbook, report = reports[hold.report]
            found.append(_held(hold, report.title, runbook.pipeline))
    return found


def doubtful_editions(book: EditionBook) -> list[Trouble]:
    """One for each edition of which nobody knows whether a copy arrived."""
    return [
        _in_doubt(edition, [one for one in edition.copies if one.state == "doubtful"])
        for edition in book.doubtful()
    ]


def restated_figures(book: EditionBook) -> list[Trouble]:
    """One for each edition of which a figure has changed since it was sent, and nobody was told so yet.

    What the edition announced itself is no trouble: its readers expect it, and the next edition lists it.
    """
    changed: dict[int, list[RestatementRecord]] = defaultdict(list)
    for record in book.restatements():
        if not record.cause.startswith(ANNOUNCED):
            changed[record.edition.id].append(record)
    return [_restated(records, _readers(book, records[0].edition)) for records in changed.values()]


def _held(hold: HoldRecord, title: str, pipeline: str) -> Trouble:
    return Trouble(
        id=bounded(f"{HELD}{hold.report}/{hold.period}/{hold.held_at.isoformat()}"),
        at=hold.held_at,
        run_id="",
        partition=hold.period,
        kind="edition held",
        target=f"edition {hold.report}",
        assets=(_asset(hold.report),),
        title=f"Edition of {title} for {hold.period} is held",
        finding=_some([oneline(reason, _SENTENCE) for reason in hold.reasons], " "),
        observed=f"held since {in_utc(hold.held_at)}",
        threshold=f"due {in_utc(hold.due)}",
        pipeline=pipeline,
        whole=True,
        figures=False,
    )


def _in_doubt(edition: EditionRecord, copies: Sequence[CopyRecord]) -> Trouble:
    told = _Told.of(edition)
    tried_at = max(copy.tried_at or edition.composed_at for copy in copies)
    lines = [
        f"{_audience(copy)}: {oneline(copy.address, _SENTENCE)}, copy {copy.id}, Message-ID {copy.message_id}, "
        f"tried {in_utc(copy.tried_at or edition.composed_at)}."
        for copy in copies
    ]
    what = "a copy" if len(copies) == 1 else f"{len(copies)} copies"
    command = f"oncall settle --edition {edition.report} --period {edition.period} --copy {copies[0].id}"
    then = "`oncall resend` sends it" if edition.repeat else "it is sent"
    ask = (
        "Ask the mail server's log for the Message-ID. Where the server took the message: "
        f"`{command} --arrived`. Where it did not: `{command} --not-arrived`, and {then}."
    )
    return Trouble(
        id=bounded(f"doubt/{edition.id}/{edition.report}/{edition.period}/{tried_at.isoformat()}"),
        at=tried_at,
        run_id="",
        partition=edition.period,
        kind="edition in doubt",
        target=f"doubtful edition {_numbered(edition)}",
        assets=(_asset(edition.report),),
        title=f"Nobody knows whether {what} of {told.title} for {edition.period} arrived",
        finding=f"{ask} {_some(lines, ' ')}",
        observed=f"{what} in doubt of {len(edition.copies)}",
        threshold="every copy sent once",
        pipeline=told.pipeline,
        whole=True,
        figures=False,
    )


def _restated(records: Sequence[RestatementRecord], readers: str) -> Trouble:
    edition = records[0].edition
    told = _Told.of(edition)
    found_at = max(record.found_at for record in records)
    lines = [
        f"{told.name(record.column)} was {told.shown(record.column, record.sent)} and is "
        f"{told.shown(record.column, record.now)}: {oneline(record.cause, _SENTENCE)}."
        for record in records
    ]
    return Trouble(
        id=bounded(f"restated/{edition.id}/{edition.report}/{edition.period}/{found_at.isoformat()}"),
        at=found_at,
        run_id="",
        partition=edition.period,
        kind="figure restated",
        target=f"restated edition {_numbered(edition)}",
        assets=(_asset(edition.report),),
        title=f"{told.title} for {edition.period} was sent with figures that have changed",
        finding=f"{_some(lines, ' ')} {readers}",
        observed="changed since it was sent",
        threshold="as sent",
        pipeline=told.pipeline,
        severity="major",
        whole=True,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What the content of an edition says of itself; nothing where it is not what this program writes today."""

    title: str
    pipeline: str | None
    currency: str
    figures: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, edition: EditionRecord) -> _Told:
        content = json.loads(edition.content)
        figures = {one["column"]: one for one in content.get("figures", ())}
        title = oneline(content.get("title", edition.report), _SENTENCE)
        return cls(title, content.get("pipeline"), content.get("currency", ""), figures)

    def name(self, column: str) -> str:
        return oneline(str(self.figures.get(column, {}).get("name", column)), _SENTENCE)

    def shown(self, column: str, value: str) -> str:
        """A value in plain digits, exact where it is: this is for engineers, and no report."""
        said = json.loads(value)
        amount, unit = said.get("amount"), self.figures.get(column, {}).get("unit")
        if amount is None:
            return f"n/a ({oneline(str(said.get('why') or 'no reason is known'), _SENTENCE)})"
        if unit == "money" and isinstance(amount, int):
            sign, cents = "-" if amount < 0 else "", abs(amount)
            return f"{sign}{cents // 100:,}.{cents % 100:02} {self.currency}".rstrip()
        return f"{amount:,}"


def _readers(book: EditionBook, edition: EditionRecord) -> str:
    """Which audiences got it, and when."""
    kept = book.edition(edition.report, edition.period, edition.repeat)
    got: dict[str, datetime | None] = {}
    for copy in kept.copies if kept else ():
        if copy.state in ("sent", "doubtful"):
            got.setdefault(_audience(copy), copy.sent_at)
    who = (f"{audience} {'at ' + in_utc(at) if at else 'perhaps'}" for audience, at in got.items())
    return f"It was sent to {_listed(who)}." if got else "Nobody has got it."


def _audience(copy: CopyRecord) -> str:
    """The audience in a recipient's key."""
    return copy.recipient.removeprefix(f"{AUDIENCE}.").removesuffix(f".{copy.address}")


def _asset(report: str) -> str:
    return f"{EDITIONS}/{report}"


def _numbered(edition: EditionRecord) -> str:
    return f"{edition.report}, repeat {edition.repeat}" if edition.repeat else edition.report


def _some(lines: Sequence[str], between: str) -> str:
    """The first of them, and how many more there are."""
    more = len(lines) - _LISTED
    return between.join([*lines[:_LISTED], *([f"And {more} more."] if more > 0 else [])])


def _listed(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
