"""Figures that changed after they were sent: found, compared to the cent, and with the cause in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.incidents.ledger.edition_records import ANNOUNCED, CopyRecord, NewCopy
from oncall_assets.reports.edition import Value
from oncall_assets.reports.restating import Looked, same
from oncall_assets_tests.reports.changing import PROFIT, USAGE, Company, company, days, utc

OCT_6 = date(2026, 10, 6)
DAY = days("2026-10-06")
WEEK = days("2026-09-28", "2026-10-04")
MONTH = days("2026-09-01", "2026-09-30")
SENT = utc("2026-10-07T10:00")
AGAIN = utc("2026-10-08T03:12")
LATER = utc("2026-10-08T03:15")
TABLE = "aggregate_profit"


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Company]:
    with company(tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite'}") as found:
        found.rows[TABLE, "profit_cents", OCT_6] = 12_345_67
        found.rows[TABLE, "margin", OCT_6] = 0.25
        yield found


def sent_and_computed_again(team: Company, profit: int = 12_345_68) -> str:
    """The night of the 6th is computed, sent, and computed again from its records with another profit."""
    team.computes(utc("2026-10-07T06:00"), DAY, *PROFIT)
    team.sends("profit_daily", DAY, SENT)
    (run,) = team.computes(AGAIN, DAY, *PROFIT)
    team.rows[TABLE, "profit_cents", OCT_6] = profit
    return run


def test_a_figure_that_changed_by_a_cent_is_restated_with_what_it_was_and_why(team: Company) -> None:
    run = sent_and_computed_again(team)
    (found,) = team.looks(LATER)
    assert ("profit_daily", "2026-10-06") == (found.edition.report, found.edition.period)
    assert "profit_cents" == found.column
    assert [Value(amount=12_345_67), Value(amount=12_345_68)] == [
        Value.model_validate_json(text) for text in (found.sent, found.now)
    ]
    landed = f"2026-10-06 landed again at 2026-10-08 03:12 UTC, run {run[:8]}"
    assert f"expense_records {landed}; revenue_records {landed}" == found.cause
    assert LATER == found.found_at


def test_what_was_found_once_is_no_news_again(team: Company) -> None:
    sent_and_computed_again(team)
    assert 1 == len(team.looks(LATER))
    assert [] == team.looks(utc("2026-10-08T03:16"))
    assert 1 == len(team.book.restatements())


def test_a_second_change_is_news(team: Company) -> None:
    sent_and_computed_again(team)
    team.looks(LATER)
    team.computes(utc("2026-10-09T03:00"), DAY, *PROFIT)
    team.rows[TABLE, "profit_cents", OCT_6] = -5
    (found,) = team.looks(utc("2026-10-09T03:05"))
    assert [Value(amount=12_345_67), Value(amount=-5)] == [
        Value.model_validate_json(text) for text in (found.sent, found.now)
    ]


def test_a_figure_that_is_as_sent_again_is_over(team: Company) -> None:
    sent_and_computed_again(team)
    team.looks(LATER)
    team.computes(utc("2026-10-09T03:00"), DAY, *PROFIT)
    team.rows[TABLE, "profit_cents", OCT_6] = 12_345_67
    assert [] == team.looks(utc("2026-10-09T03:05"))
    assert [] == team.book.restatements()


def test_what_was_listed_is_compared_with_the_listing(team: Company) -> None:
    sent_and_computed_again(team)
    (found,) = team.looks(LATER)
    team.book.listed([found.id], found.edition.id, LATER)
    assert [] == team.looks(utc("2026-10-08T03:20"))
    team.computes(utc("2026-10-09T03:00"), DAY, *PROFIT)
    team.rows[TABLE, "profit_cents", OCT_6] = 12_345_67
    (back,) = team.looks(utc("2026-10-09T03:05"))
    assert [Value(amount=12_345_68), Value(amount=12_345_67)] == [
        Value.model_validate_json(text) for text in (back.sent, back.now)
    ]


def test_a_figure_that_is_missing_now_is_restated(team: Company) -> None:
    sent_and_computed_again(team)
    del team.rows[TABLE, "profit_cents", OCT_6], team.rows[TABLE, "margin", OCT_6]
    found = {one.column: Value.model_validate_json(one.now) for one in team.looks(LATER)}
    assert {"profit_cents", "margin"} == found.keys()
    assert {None} == {value.amount for value in found.values()}


def test_a_ratio_added_up_in_another_order_is_the_same(team: Company) -> None:
    sent_and_computed_again(team, profit=12_345_67)
    team.rows[TABLE, "margin", OCT_6] = math.nextafter(0.25, 1)
    assert [] == team.looks(LATER)
    team.computes(utc("2026-10-09T03:00"), DAY, *PROFIT)
    team.rows[TABLE, "margin", OCT_6] = 0.2500001
    assert ["margin"] == [one.column for one in team.looks(utc("2026-10-09T03:05"))]


def test_nothing_computed_since_reads_no_table(team: Company) -> None:
    team.computes(utc("2026-10-07T06:00"), DAY, *PROFIT)
    team.sends("profit_daily", DAY, SENT)
    team.computes(AGAIN, days("2026-10-07"), *PROFIT)
    team.rows[TABLE, "profit_cents", OCT_6] = 1
    assert [] == team.looks(LATER)
    assert [] == team.reads


def test_what_was_computed_while_the_edition_was_composed_counts(team: Company) -> None:
    team.computes(utc("2026-10-07T06:00"), DAY, *PROFIT)
    team.computes(utc("2026-10-07T09:59"), DAY, *PROFIT)
    team.sends("profit_daily", DAY, SENT)
    team.rows[TABLE, "profit_cents", OCT_6] = 1
    assert ["profit_cents"] == [one.column for one in team.looks(LATER)]


def test_a_repeat_is_not_compared_beside_its_first(team: Company) -> None:
    sent_and_computed_again(team)
    (last,) = team.book.sent("profit_daily")
    again = team.book.again(last.report, last.period, _named(last.copies), LATER, LATER, "by hand")
    for copy in again.edition.copies:  # type: ignore[union-attr]
        team.book.claim_copy(copy.id, LATER, LATER)
        team.book.copy_sent(copy.id, LATER)
    assert [last.id] == [one.edition.id for one in team.looks(utc("2026-10-08T04:00"))]


def test_who_quotes_a_figure_of_two_years_ago_knows_that_it_is_old(team: Company) -> None:
    sent_and_computed_again(team)
    assert [] == team.looks(utc("2027-11-12T10:01"))
    assert 1 == len(team.looks(utc("2027-11-11T09:59")))


def test_a_month_is_compared_when_any_of_its_days_was_computed_again(team: Company) -> None:
    last = date(2026, 9, 30)
    team.rows[TABLE, "profit_cents", last] = 100
    team.computes(utc("2026-10-01T06:00"), days("2026-09-29", "2026-09-30"), *PROFIT)
    team.sends("profit_monthly", MONTH, utc("2026-10-01T12:00"))
    team.computes(utc("2026-10-02T06:00"), days("2026-09-29", "2026-09-30"), *PROFIT[2:])
    team.rows[TABLE, "profit_cents", last] = 101
    (found,) = team.looks(utc("2026-10-02T07:00"))
    assert ("profit_monthly", "2026-09-01…2026-09-30") == (found.edition.report, found.edition.period)
    assert found.cause.startswith("profit 2026-09-29…2026-09-30 was computed again at 2026-10-02 06:00 UTC, run ")


def test_another_version_of_the_code_is_the_cause(team: Company) -> None:
    team.computes(utc("2026-10-07T06:00"), DAY, *PROFIT)
    team.sends("profit_daily", DAY, SENT)
    (run,) = team.computes(AGAIN, DAY, *PROFIT[3:], version="2")
    team.rows[TABLE, "profit_cents", OCT_6] = 1
    (found,) = team.looks(LATER)
    when = f"2026-10-06 was computed again at 2026-10-08 03:12 UTC, run {run[:8]}"
    assert f"code version of aggregate_profit changed: {when}" == found.cause


def test_records_and_code_that_both_changed_are_both_named(team: Company) -> None:
    team.computes(utc("2026-10-07T06:00"), DAY, *PROFIT)
    team.sends("profit_daily", DAY, SENT)
    team.computes(AGAIN, DAY, *PROFIT[1:], version="2")
    team.rows[TABLE, "profit_cents", OCT_6] = 1
    (found,) = team.looks(LATER)
    first, second = found.cause.split("; ")
    assert first.startswith("expense_records 2026-10-06 landed again")
    assert second.startswith("code version of aggregate_profit changed: 2026-10-06 was computed again")


def test_what_landed_after_the_figure_was_computed_again_is_not_its_cause(team: Company) -> None:
    team.computes(utc("2026-10-07T06:00"), DAY, *PROFIT)
    team.sends("profit_daily", DAY, SENT)
    team.computes(AGAIN, DAY, *PROFIT[2:])
    team.computes(utc("2026-10-08T04:00"), DAY, "revenue_records")
    team.rows[TABLE, "profit_cents", OCT_6] = 1
    (found,) = team.looks(utc("2026-10-08T05:00"))
    assert found.cause.startswith("profit 2026-10-06 was computed again at 2026-10-08 03:12 UTC")


def test_records_of_other_days_are_not_the_cause(team: Company) -> None:
    team.computes(utc("2026-10-07T06:00"), DAY, *PROFIT)
    team.sends("profit_daily", DAY, SENT)
    team.computes(utc("2026-10-08T02:00"), days("2026-10-07"), *PROFIT)
    team.computes(AGAIN, DAY, *PROFIT[3:])
    team.rows[TABLE, "profit_cents", OCT_6] = 1
    (found,) = team.looks(LATER)
    assert found.cause.startswith("aggregate_profit 2026-10-06 was computed again at 2026-10-08 03:12 UTC")


def _named(copies: tuple[CopyRecord, ...]) -> list[NewCopy]:
    return [NewCopy(copy.recipient, copy.address, f"<again-{copy.id}>") for copy in copies]


def late_usage(team: Company, provisional: str | None) -> None:
    """Users of a week are told; then two more days of events land, and the week's last day is computed again."""
    last = days("2026-10-04")
    team.rows["aggregate_engagement", "active_users", last.last] = 40
    team.computes(utc("2026-10-05T06:00"), last, "usage_events", *USAGE)
    team.sends("profit_usage", WEEK, utc("2026-10-05T11:00"), provisional=provisional)
    team.computes(utc("2026-10-06T06:00"), days("2026-10-05"), "usage_events")
    team.computes(utc("2026-10-06T07:00"), last, *USAGE)
    team.rows["aggregate_engagement", "active_users", last.last] = 41


def test_late_events_of_a_provisional_edition_are_as_announced(team: Company) -> None:
    late_usage(team, "Events are admitted until October 6.")
    (found,) = team.looks(utc("2026-10-06T08:00"))
    assert found.cause.startswith(
        f"{ANNOUNCED}late events with usage_events 2026-10-05 landed at 2026-10-06 06:00 UTC"
    )


def test_late_events_of_an_edition_that_was_final_were_not_announced(team: Company) -> None:
    late_usage(team, None)
    (found,) = team.looks(utc("2026-10-06T08:00"))
    assert found.cause.startswith("usage_events 2026-10-05 landed at 2026-10-06 06:00 UTC")


def test_a_provisional_week_whose_own_events_landed_again_was_not_announced(team: Company) -> None:
    late_usage(team, "Events are admitted until October 6.")
    team.computes(utc("2026-10-06T07:30"), days("2026-10-04"), "usage_events", *USAGE)
    (found,) = team.looks(utc("2026-10-06T08:00"))
    assert found.cause.startswith("usage_events 2026-10-04…2026-10-05 landed again")


def test_a_day_of_the_week_that_had_been_missing_was_not_announced(team: Company) -> None:
    late_usage(team, "Events are admitted until October 6.")
    team.computes(utc("2026-10-06T07:30"), days("2026-10-03"), "usage_events")
    team.computes(utc("2026-10-06T07:40"), days("2026-10-04"), *USAGE)
    (found,) = team.looks(utc("2026-10-06T08:00"))
    assert found.cause.startswith("usage_events 2026-10-03, 2026-10-05 landed at 2026-10-06 07:30 UTC")


def test_a_process_that_has_looked_reads_no_table_twice(team: Company) -> None:
    team.looked = Looked()
    sent_and_computed_again(team, profit=12_345_67)
    assert [] == team.looks(LATER)
    assert 1 == len(team.reads)
    assert [] == team.looks(LATER)
    assert [] == team.reads
    team.computes(utc("2026-10-08T05:00"), days("2026-10-07"), *PROFIT)
    assert [] == team.looks(utc("2026-10-08T05:01"))
    assert [] == team.reads
    team.computes(utc("2026-10-08T06:00"), DAY, *PROFIT)
    team.rows[TABLE, "profit_cents", OCT_6] = 1
    assert 1 == len(team.looks(utc("2026-10-08T06:01")))


def test_many_editions_are_compared_a_few_at_a_time_the_latest_first(team: Company) -> None:
    team.looked = Looked(at_most=2)
    october = days("2026-10-06", "2026-10-08")
    for on in october.each:
        team.rows[TABLE, "profit_cents", on] = 1
        team.sends("profit_daily", days(str(on)), utc(f"{on}T23:00"))
    team.computes(utc("2026-10-10T06:00"), october, *PROFIT[-1:])
    for on in october.each:
        team.rows[TABLE, "profit_cents", on] = 2
    now = utc("2026-10-10T07:00")
    assert ["2026-10-08", "2026-10-07"] == sorted((one.edition.period for one in team.looks(now)), reverse=True)
    assert ["2026-10-06"] == [one.edition.period for one in team.looks(now)]
    assert [] == team.looks(now)
    assert [] == team.reads


def test_a_table_that_cannot_be_read_is_looked_at_again(team: Company) -> None:
    team.looked = Looked()
    sent_and_computed_again(team)
    rows, team.rows = team.rows, None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        team.looks(LATER)
    team.rows = rows
    assert 1 == len(team.looks(LATER))


amounts = st.none() | st.integers(-(10**15), 10**15) | st.floats(-1e12, 1e12)


@given(one=amounts, other=amounts)
def test_being_the_same_has_no_direction_and_money_is_exact(
    one: int | float | None, other: int | float | None
) -> None:
    values = Value(amount=one, why="a"), Value(amount=other, why="b")
    for unit in ("money", "count", "ratio", "number"):
        assert same(unit, *values) == same(unit, *reversed(values))
        assert same(unit, values[0], values[0])
    assert same("money", *values) == (one == other)
