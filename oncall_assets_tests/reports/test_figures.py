"""Figures are what the table says, to the cent, beside the right periods, and never a number nobody measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.handbook import HandbookError
from oncall_assets.handbook.reports import Grain
from oncall_assets.metrics.contract import Column
from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days, bounds
from oncall_assets.reports.cadence import Planned, planned
from oncall_assets.reports.checked import check_reports
from oncall_assets.reports.edition import Figure, Value
from oncall_assets.reports.figures import figures_of, period_before, unit_of, year_before
from oncall_assets_tests.incidents.company import handbook

REPORTS = """severity: critical
reports:
  - {name: daily, title: Profit, period: day, due: {at: "06:00"}, of: aggregate_profit, to: [investors], figures: [
      {column: profit_cents, name: Profit, metric: profit}, {column: margin, name: Margin, metric: profit}]}
  - {name: weekly, title: Growth, period: week, due: {at: "07:00", on: monday}, of: aggregate_growth,
     to: [investors], figures: [{column: closing_accounts, name: Accounts, metric: profit}]}
  - {name: monthly, title: All, period: month, due: {at: "08:00", on: 1}, of: investor_report, to: [investors],
     figures: [{column: profit_per_account_cents, name: Per account, metric: profit},
               {column: sessions_per_user, name: Sessions, metric: profit},
               {column: active_users, name: Users, metric: profit}]}
"""
DAY = Days.parse("2026-10-06")
WEEK = Days.parse("2026-09-28", "2026-10-04")
MONTH = Days.parse("2026-09-01", "2026-09-30")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[Grain, Planned]:
    book = handbook(tmp_path_factory.mktemp("figures") / "book", front=REPORTS)
    return {one.report.period: one for one in planned(book)}


def row(grain: str, days: Days, **figures: Any) -> dict[str, Any]:
    """The row of a period's last day; all that is not named is 0, or empty where that may be."""
    start, end = bounds(days.first, grain)
    count = len(days.each)
    return {
        "day": days.last,
        "grain": grain,
        "period_start": start,
        "period_end": end,
        "is_complete": True,
        "days_with_data": count,
        "days_so_far": count,
        **figures,
    }


class Table:
    """A table of these rows, which counts how often it is read and of which days."""

    def __init__(self, name: str, rows: Iterable[Mapping[str, Any]], schema: pa.Schema | None = None) -> None:
        self.asked: list[tuple[str, Days]] = []
        contract = CONTRACTS[name]
        schema = contract.schema.to_pyarrow() if schema is None else schema
        optional = {column.name for column in contract.columns if column.nullable}
        zero = {field.name: None if field.name in optional else _zero(field.type) for field in schema}
        whole = [{**zero, **{key: value for key, value in one.items() if key in zero}} for one in rows]
        self._rows = pa.Table.from_pylist(whole, schema=schema)

    def __call__(self, table: str, days: Days) -> ibis.Table:
        self.asked.append((table, days))
        rows = ibis.memtable(self._rows)
        return rows.filter(rows.day.between(days.first, days.last))


def _zero(kind: pa.DataType) -> Any:
    return pa.scalar(0).cast(kind).as_py() if pa.types.is_primitive(kind) and not pa.types.is_date(kind) else None


def figures(one: Planned, days: Days, *rows: Mapping[str, Any]) -> dict[str, Figure]:
    found = figures_of(one, days, Table(one.table, rows), CONTRACTS[one.table])
    return {figure.name: figure for figure in found}


def test_a_daily_figure_stands_beside_the_day_before_and_the_same_date_a_year_before(
    reports: dict[Grain, Planned],
) -> None:
    rows = [
        row("day", DAY, profit_cents=9_007_199_254_740_993),
        row("day", Days.parse("2026-10-05"), profit_cents=-200),
        row("day", Days.parse("2025-10-06"), profit_cents=150),
        # Of another grain, and of the same weekday a year before: neither is asked for.
        row("week", DAY, profit_cents=7),
        row("day", Days.parse("2025-10-07"), profit_cents=8),
    ]
    found = figures(reports["day"], DAY, *rows)["Profit"]
    assert "money" == found.unit
    # More than a double can hold.
    assert (9_007_199_254_740_993, -200, 150) == (found.now.amount, found.before.amount, found.year_ago.amount)
    assert ("what is left", "revenue - cost") == (found.means, found.calculation)


def test_the_series_are_the_last_fourteen_days_with_holes_where_there_is_nothing(
    reports: dict[Grain, Planned],
) -> None:
    rows = [row("day", Days.one(DAY.last - timedelta(days=back)), profit_cents=back) for back in (0, 1, 13, 14)]
    series = figures(reports["day"], DAY, *rows)["Profit"].series
    assert [day for day, _ in series] == Days(DAY.last - timedelta(days=13), DAY.last).each
    assert {date(2026, 9, 23): 13, date(2026, 10, 5): 1, DAY.last: 0} == {
        day: amount for day, amount in series if amount is not None
    }


def test_a_week_stands_beside_the_week_before_and_the_one_fifty_two_weeks_before(
    reports: dict[Grain, Planned],
) -> None:
    before, year_ago = Days.parse("2026-09-21", "2026-09-27"), Days.parse("2025-09-29", "2025-10-05")
    rows = [row("week", days, closing_accounts=days.last.day) for days in (WEEK, before, year_ago)]
    found = figures(reports["week"], WEEK, *rows)["Accounts"]
    assert ("count", 4, 27, 5) == (found.unit, found.now.amount, found.before.amount, found.year_ago.amount)
    assert (date(2026, 7, 13), 12) == (found.series[0][0], len(found.series))


def test_a_month_stands_beside_the_month_before_and_the_same_one_a_year_before(
    reports: dict[Grain, Planned],
) -> None:
    before, year_ago = Days.parse("2026-08-01", "2026-08-31"), Days.parse("2025-09-01", "2025-09-30")
    rows = [row("month", days, active_users=days.last.day, coverage=1.0) for days in (MONTH, before)]
    found = figures(reports["month"], MONTH, *rows, row("month", year_ago, active_users=7, coverage=1.0))["Users"]
    assert (30, 31, 7) == (found.now.amount, found.before.amount, found.year_ago.amount)
    assert (date(2025, 10, 1), 12) == (found.series[0][0], len(found.series))


def test_the_day_after_february_in_a_leap_year_is_compared_with_its_last_day() -> None:
    assert Days.parse("2027-02-28") == year_before("day", Days.parse("2028-02-29"))
    assert Days.parse("2027-03-01") == year_before("day", Days.parse("2028-03-01"))


@settings(max_examples=120, deadline=None)
@given(st.dates(date(2001, 1, 1), date(2090, 1, 1)), st.sampled_from(["day", "week", "month"]))
def test_the_periods_beside_one_are_whole_ones_of_its_kind(day: date, grain: Grain) -> None:
    first, after = bounds(day, grain)
    days = Days(first, after - timedelta(days=1))
    before, year_ago = period_before(grain, days), year_before(grain, days)
    assert days.first - timedelta(days=1) == before.last
    for one in (before, year_ago):
        assert bounds(one.first, grain) == (one.first, one.last + timedelta(days=1))
    assert timedelta(days=360) < days.first - year_ago.first < timedelta(days=370)


def test_the_table_is_read_once_and_no_further_back_than_a_year_and_a_month(
    reports: dict[Grain, Planned],
) -> None:
    for grain, days in (("day", DAY), ("week", WEEK), ("month", MONTH)):
        one = reports[grain]  # type: ignore[index]
        table = Table(one.table, [])
        figures_of(one, days, table, CONTRACTS[one.table])
        ((name, read),) = table.asked
        assert one.table == name
        assert days.last == read.last
        assert timedelta(days=390) < days.last - read.first < timedelta(days=400)


def test_what_is_before_the_first_figure_says_so_and_a_hole_says_that_it_was_not_computed(
    reports: dict[Grain, Planned],
) -> None:
    first = Days.parse("2026-09-01")
    found = figures(reports["day"], DAY, row("day", first), row("day", DAY))["Profit"]
    assert Value(why="not computed") == found.before
    assert Value(why="no figures before 2026-09-01") == found.year_ago
    # Known to have begun before that day a year ago, so its absence is a hole.
    found = figures(reports["day"], DAY, row("day", Days.parse("2025-09-20")), row("day", DAY))["Profit"]
    assert Value(why="not computed") == found.year_ago


def test_with_no_row_at_all_every_figure_is_empty(reports: dict[Grain, Planned]) -> None:
    found = figures(reports["day"], DAY)["Profit"]
    assert {Value(why="not computed")} == {found.now, found.before, found.year_ago}
    assert {None} == {amount for _, amount in found.series}


def test_an_empty_cell_has_the_contract_s_reason(reports: dict[Grain, Planned]) -> None:
    found = figures(reports["day"], DAY, row("day", DAY, margin=None))
    assert Value(why="empty unless revenue is above 0") == found["Margin"].now
    found = figures(reports["month"], MONTH, row("month", MONTH, coverage=1.0))
    assert Value(why="nothing to divide by") == found["Sessions"].now
    assert Value(why="not measured") == found["Users"].now


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_never_told(reports: dict[Grain, Planned], amount: float) -> None:
    rows = (row("day", DAY, margin=amount), row("day", Days.parse("2026-10-05"), margin=amount))
    found = figures(reports["day"], DAY, *rows)["Margin"]
    assert {Value(why="no number")} == {found.now, found.before}
    assert {None} == {amount for _, amount in found.series}


def test_text_in_the_place_of_a_number_is_none(reports: dict[Grain, Planned]) -> None:
    schema = CONTRACTS["aggregate_profit"].schema.to_pyarrow()
    schema = schema.set(schema.get_field_index("margin"), pa.field("margin", pa.string()))
    table = Table("aggregate_profit", [row("day", DAY, margin="high")], schema)
    found = figures_of(reports["day"], DAY, table, CONTRACTS["aggregate_profit"])
    assert Value(why="no number") == found[1].now


def test_a_column_that_was_never_published_is_empty(reports: dict[Grain, Planned]) -> None:
    schema = CONTRACTS["aggregate_profit"].schema.to_pyarrow()
    schema = schema.remove(schema.get_field_index("margin"))
    table = Table("aggregate_profit", [row("day", DAY)], schema)
    found = figures_of(reports["day"], DAY, table, CONTRACTS["aggregate_profit"])
    assert Value(why="not published") == found[1].now


def test_a_row_of_zeros_for_a_period_without_data_is_no_figure(reports: dict[Grain, Planned]) -> None:
    found = figures(reports["day"], DAY, row("day", DAY, days_with_data=0, profit_cents=0))["Profit"]
    assert Value(why="no data in the period") == found.now
    assert (DAY.last, None) == found.series[-1]


def test_a_period_stored_twice_is_no_figure(reports: dict[Grain, Planned]) -> None:
    found = figures(reports["day"], DAY, row("day", DAY, profit_cents=1), row("day", DAY, profit_cents=2))
    assert Value(why="stored 2 times") == found["Profit"].now


def test_a_period_with_days_missing_is_compared_with_nothing(reports: dict[Grain, Planned]) -> None:
    before = Days.parse("2026-09-21", "2026-09-27")
    rows = [row("week", WEEK, days_with_data=6), row("week", before, days_with_data=6)]
    found = figures(reports["week"], WEEK, *rows)["Accounts"]
    # Of this one the gate has judged already, or somebody has answered for it.
    assert 0 == found.now.amount
    assert Value(why="only 6 of 7 days have data") == found.before
    assert None is found.series[-2][1]
    august = Days.parse("2026-08-01", "2026-08-31")
    rows = [row("month", MONTH, coverage=0.5, active_users=1), row("month", august, coverage=0.5, active_users=1)]
    users = figures(reports["month"], MONTH, *rows)["Users"]
    assert (1, "only 50% of its days have data") == (users.now.amount, users.before.why)


@pytest.mark.parametrize(("cents", "whole"), [(2.5, 2), (3.5, 4), (-2.5, -2), (2.500001, 3), (-0.5, 0)])
def test_parts_of_a_cent_are_rounded_to_the_even_cent_and_that_is_said(
    reports: dict[Grain, Planned], cents: float, whole: int
) -> None:
    values = {"profit_per_account_cents": cents, "coverage": 1.0}
    found = figures(reports["month"], MONTH, row("month", MONTH, **values))["Per account"]
    assert (whole, int) == (found.now.amount, type(found.now.amount))
    assert "revenue - cost; rounded to whole cents, a half to the even one" == found.calculation


def test_units_follow_names_and_kinds() -> None:
    units = {
        column.name: unit_of(column)
        for table in ("aggregate_profit", "aggregate_growth", "aggregate_engagement", "investor_report")
        for column in CONTRACTS[table].columns
        if column.kind == "float64"
    }
    assert {
        "margin": "ratio",
        "growth_ratio": "ratio",
        "churn_ratio": "ratio",
        "sessions_per_user": "number",
        "mean_score": "number",
        "profit_per_account_cents": "money",
        "coverage": "ratio",
    } == units
    assert "money" == unit_of(Column("revenue_cents", "int64", ""))
    assert "count" == unit_of(Column("active_users", "int64", ""))


def test_a_figure_that_its_table_does_not_have_is_refused_with_its_line(tmp_path: Path) -> None:
    text = REPORTS.replace("column: profit_cents", "column: profit_cent").replace("column: margin", "column: day")
    book = handbook(tmp_path / "book", front=text)
    with pytest.raises(HandbookError) as refused:
        check_reports(book)
    wrong = [problem.message.split(";")[0] for problem in refused.value.problems]
    assert ["'profit_cent' is no figure of aggregate_profit", "'day' is no figure of aggregate_profit"] == wrong
    assert {"reports[0].figures[0].column", "reports[0].figures[1].column"} == {
        problem.field for problem in refused.value.problems
    }
    assert {f"{book.folder}/profit.md"} == {problem.path for problem in refused.value.problems}
    assert "did you mean profit_cents?" in refused.value.problems[0].message
