"""An edition says what was read, what it rests on, what changed since the last, and who answers for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.ledger.edition_records import EditionRecord, ReleaseRecord, RestatementRecord
from oncall_assets.metrics.days import Days
from oncall_assets.reports.cadence import Occasion, planned
from oncall_assets.reports.composing import as_listed, compose
from oncall_assets.reports.edition import Edition, Figure, Override, Restatement, Value
from oncall_assets.reports.gate.judgement import Hold, Judgement
from oncall_assets_tests.incidents.company import handbook

DUE = datetime(2026, 1, 7, 6, tzinfo=UTC)
NOW = datetime(2026, 1, 7, 6, 1, tzinfo=UTC)
COMPUTED = datetime(2026, 1, 7, 2, tzinfo=UTC)
REPORT = """severity: critical
reports:
  - {name: daily, title: Aggregate profit, period: day, due: {at: "06:00"}, of: aggregate_profit, to: [investors],
     figures: [{column: profit_cents, name: Profit, metric: profit}]}
"""
PROFIT = Figure(
    name="Profit",
    column="profit_cents",
    unit="money",
    means="what is left",
    calculation="revenue - cost",
    now=Value(amount=1_234),
    before=Value(amount=1_000),
    year_ago=Value(why="no figures before 2026-01-01"),
    series=((date(2026, 1, 5), 1_000), (date(2026, 1, 6), 1_234)),
)
SOUND = Judgement((), 1.0, COMPUTED, "Events may come until Friday.", ("An incident is open.",))
HELD = Judgement((Hold("incident", "Incident 7 is open: resolve it."),), 0.5, None, None, ())
RELEASE = ReleaseRecord("profit_daily", "2026-01-06", "ann", DUE, "the filing agrees", ("Something else.",))


@pytest.fixture
def book(tmp_path: Path) -> Handbook:
    return handbook(tmp_path / "book", front=REPORT, team="company: {region: GB, currency: GBP, locale: en_GB}\n")


def occasion(book: Handbook) -> Occasion:
    (one,) = planned(book)
    return Occasion(one, Days.parse("2026-01-06"), DUE)


def record(edition: Edition) -> EditionRecord:
    content = edition.model_dump_json()
    return EditionRecord(
        4, edition.report, "2026-01-06", 0, "sent", DUE, content, NOW, "run", None, None, None, NOW
    )


def test_an_edition_has_all_that_its_readers_need(book: Handbook) -> None:
    edition = compose(book, occasion(book), [PROFIT], SOUND, [], None, NOW)
    assert (
        Edition(
            report="profit_daily",
            title="Aggregate profit",
            pipeline="profit",
            team="data",
            table="aggregate_profit",
            grain="day",
            first=date(2026, 1, 6),
            last=date(2026, 1, 6),
            zone="Europe/London",
            currency="GBP",
            locale="en_GB",
            due=DUE,
            composed_at=NOW,
            computed_at=COMPUTED,
            coverage=1.0,
            figures=(PROFIT,),
            caveats=("An incident is open.",),
            provisional="Events may come until Friday.",
        )
        == edition
    )
    assert edition == Edition.model_validate_json(edition.model_dump_json())


def test_a_held_edition_that_was_released_says_who_answers_for_it_and_for_what(book: Handbook) -> None:
    edition = compose(book, occasion(book), [PROFIT], HELD, [], RELEASE, NOW)
    # What holds it as it goes out, whatever held it when it was released.
    holds = ("Incident 7 is open: resolve it.",)
    assert Override(by="ann", at=DUE, because="the filing agrees", holds=holds) == edition.override


def test_a_release_that_was_not_needed_in_the_end_is_not_printed(book: Handbook) -> None:
    assert None is compose(book, occasion(book), [PROFIT], SOUND, [], RELEASE, NOW).override


def test_a_restatement_is_listed_in_the_words_in_which_the_figure_was_sent(book: Handbook) -> None:
    sent = compose(book, occasion(book), [PROFIT], SOUND, [], None, NOW)
    old, new = Value(amount=1_234).model_dump_json(), Value(why="not computed").model_dump_json()
    changed = RestatementRecord(1, record(sent), "profit_cents", old, new, "a late invoice", NOW, None, None, None)
    expected = Restatement(
        figure="Profit",
        column="profit_cents",
        unit="money",
        first=date(2026, 1, 6),
        last=date(2026, 1, 6),
        sent=Value(amount=1_234),
        now=Value(why="not computed"),
        cause="a late invoice",
    )
    assert expected == as_listed(changed)
    assert (expected,) == compose(book, occasion(book), [PROFIT], SOUND, [changed], None, NOW).restatements
