"""An edition put together from what was read, judged and decided, so that all who show it show the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from oncall_assets.handbook import Handbook
from oncall_assets.reports.edition import Edition, Figure, Override, Restatement, Value

if TYPE_CHECKING:
    from oncall_assets.incidents.ledger.edition_records import ReleaseRecord, RestatementRecord
    from oncall_assets.reports.cadence import Occasion
    from oncall_assets.reports.gate import Judgement


def compose(
    handbook: Handbook,
    occasion: Occasion,
    figures: Sequence[Figure],
    judgement: Judgement,
    restatements: Sequence[RestatementRecord],
    release: ReleaseRecord | None,
    now: datetime,
) -> Edition:
    """The edition of the occasion, composed at `now` (UTC).

    A release is printed where something holds the edition at that moment, with all that does: a release of
    what nothing holds any more was not needed.
    """
    planned, days = occasion.planned, occasion.days
    team, company = handbook.team, handbook.team.company
    return Edition(
        report=planned.key,
        title=planned.report.title,
        pipeline=planned.pipeline,
        team=team.team,
        table=planned.table,
        grain=planned.report.period,
        first=days.first,
        last=days.last,
        zone=team.timezone,
        currency=company.currency,
        locale=company.locale,
        due=occasion.due,
        composed_at=now,
        computed_at=judgement.computed_at,
        coverage=judgement.coverage,
        figures=tuple(figures),
        caveats=judgement.caveats,
        restatements=tuple(as_listed(one) for one in restatements),
        provisional=judgement.provisional,
        override=_override(release, judgement) if release else None,
    )


def as_listed(record: RestatementRecord) -> Restatement:
    """A restatement as an edition prints it; its figure's name and unit are those of the edition as sent."""
    edition = Edition.model_validate_json(record.edition.content)
    figure = next(figure for figure in edition.figures if figure.column == record.column)
    return Restatement(
        figure=figure.name,
        column=record.column,
        unit=figure.unit,
        first=edition.first,
        last=edition.last,
        sent=Value.model_validate_json(record.sent),
        now=Value.model_validate_json(record.now),
        cause=record.cause,
    )


def _override(release: ReleaseRecord, judgement: Judgement) -> Override | None:
    holds = tuple(hold.text for hold in judgement.holds)
    return Override(by=release.by, at=release.at, because=release.because, holds=holds) if holds else None
