"""What a runbook may promise as a report, and what the handbooks that come with the project promise."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from oncall_assets.handbook import HandbookError, load_handbook
from oncall_assets.handbook.reports import PlannedReport
from oncall_assets.handbook.runbook import Mechanism
from oncall_assets.handbook.team import House
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.reports.business import is_business_day
from oncall_assets.reports.cadence import planned
from oncall_assets.reports.checked import check_reports
from oncall_assets_tests.handbook.test_handbooks import HANDBOOKS, loaded, seen_by

BAD = Path(__file__).parents[1] / "handbooks" / "bad"
PROMISED = {
    "runbooks": {
        "aggregate_profit_daily": {"at": "06:00"},
        "aggregate_growth_weekly": {"on": "monday", "at": "07:00"},
        "aggregate_engagement_monthly": {"on": 1, "at": "08:00"},
        "investor_report_monthly": {"business_days": 2, "before": "investor_presentation", "at": "17:00"},
    },
    "examples/eight-pipelines": {
        "aggregate_profit_daily": {"at": "06:00"},
        "aggregate_growth_weekly": {"on": "monday", "at": "07:00"},
        "aggregate_engagement_monthly": {"on": 1, "at": "08:00"},
    },
    "examples/secondary-covers-holidays": {
        "profit_monthly": {"business_days": 2, "before": "investor_presentation", "at": "17:00"},
        "growth_monthly": {"business_days": 2, "before": "executive_meeting", "at": "12:00"},
        "engagement_monthly": {"on": 3, "at": "09:00"},
        "aggregated_data_monthly": {"business_days": 2, "before": "executive_meeting", "at": "17:00"},
    },
}
PROFIT = {"column": "profit_cents", "name": "Profit", "metric": "Profit"}


def a_report(**changed: Any) -> dict[str, Any]:
    report = {"name": "daily", "title": "Profit", "period": "day", "due": {"at": "06:00"}, "to": ["investors"]}
    return {**report, "figures": [PROFIT], **changed}


@pytest.mark.parametrize("name", PROMISED)
def test_t0_5_to_t0_7_and_t2_5_reports_are_promised_for_when_the_plan_says(name: str) -> None:
    due = {one.key: one.report.due.model_dump(exclude_none=True) for one in planned(loaded(name))}
    assert PROMISED[name] == due


@pytest.mark.parametrize("name", HANDBOOKS)
def test_every_handbook_promises_investors_reports_whose_figures_its_tables_have(name: str) -> None:
    check_reports(loaded(name))
    reports = planned(loaded(name))
    assert len(reports) >= 3
    assert {("investors",)} == {tuple(one.report.to) for one in reports}
    assert {("stakeholders",)} == {tuple(one.report.delays_to) for one in reports}


@pytest.mark.parametrize("name", HANDBOOKS)
def test_who_fears_for_a_report_promises_one_and_who_promises_one_fears_for_it(name: str) -> None:
    handbook = loaded(name)
    fears: tuple[Mechanism, ...] = ("edition held", "edition in doubt", "figure restated")
    promising = {one.pipeline for one in planned(handbook)}
    for mechanism in fears:
        assert promising == {book.pipeline for book in handbook.runbooks.values() if seen_by(book, mechanism)}


@pytest.mark.parametrize("name", HANDBOOKS)
def test_meetings_are_on_business_days_and_every_calendar_has_a_report(name: str) -> None:
    handbook = loaded(name)
    calendars = handbook.team.calendars
    off = [str(day) for days in calendars.values() for day in days if not is_business_day(handbook, day)]
    assert [] == off
    assert {*calendars} == {one.report.due.before for one in planned(handbook)} - {None}


def test_the_shop_tells_no_figure_that_its_data_does_not_have() -> None:
    reports = planned(loaded("examples/online-retail"))
    columns = {figure.column for one in reports for figure in one.report.figures}
    assert not columns & {"profit_cents", "margin", "active_users", "churn_ratio", "profit_per_account_cents"}
    house = loaded("examples/online-retail").team.company
    assert ("GB-ENG", "GBP", "en_GB") == (house.region, house.currency, house.locale)


def test_what_a_report_leaves_out_is_as_the_documentation_says() -> None:
    report = PlannedReport.model_validate(a_report())
    assert ("wait", 0.99, timedelta(hours=1), []) == (
        report.late_events,
        report.coverage,
        report.warn,
        report.delays_to,
    )
    assert "aggregate_profit" == report.table("aggregate_profit")
    assert "a_b_c_daily" == report.key("a-b.c")
    assert House(region=None, currency="USD", locale="en_US") == House()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"due": {"at": "06:00", "on": True}}, "True does not say on which day"),
        ({"due": {"at": "06:00", "on": 29}}, "29 does not say on which day"),
        ({"due": {"at": "06:00", "before": "board", "business_days": 2}}, "is of a day and so due every day"),
        ({"period": "week"}, "is of a week; expected a weekday"),
        (
            {"period": "week", "due": {"at": "06:00", "before": "board", "business_days": 2}},
            "is of a week; expected a weekday",
        ),
        ({"period": "month"}, "is of a month and due on None"),
        ({"due": {"at": "06:00", "business_days": 2}}, "needs `before` and `business_days` together"),
        (
            {"figures": [{**PROFIT, "column": f"c{n}", "name": f"n{n}"} for n in range(25)]},
            "has 25 figures; expected 24 at most",
        ),
        ({"figures": [PROFIT, {**PROFIT, "column": "margin"}]}, "has two figures of the name 'Profit'"),
    ],
)
def test_a_report_that_cannot_be_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("{", r"\{")):
        PlannedReport.model_validate(a_report(**changed))


@pytest.mark.parametrize("locale", ["de_DE", "en", "zh_Hant_TW", "fr_CA"])
def test_locales_that_are_known_are_taken(locale: str) -> None:
    assert locale == House(locale=locale).locale


@pytest.mark.parametrize("locale", ["", "EN_us", "de_US", "../en", "en_US\n", "xx_XX"])
def test_locales_that_are_not_known_are_refused(locale: str) -> None:
    with pytest.raises(ValidationError, match="is not a locale that is known"):
        House(locale=locale)


def test_a_week_may_be_due_at_the_hour_at_which_it_is_over(tmp_path: Path) -> None:
    folder = shutil.copytree(BAD.parent / "good", tmp_path / "early", dirs_exist_ok=True)
    shutil.copytree(BAD / "report-before-its-week-is-over", folder, dirs_exist_ok=True)
    book = folder / "aggregate_profit.md"
    book.write_text(book.read_text(encoding="utf-8").replace('at: "06:00"', 'at: "11:00"'), encoding="utf-8")
    assert ["aggregate_profit_weekly"] == [one.key for one in planned(load_handbook(folder, frozenset(LANDED)))]


def test_a_column_its_table_does_not_have_is_told_with_its_place() -> None:
    handbook = loaded("runbooks")
    book = handbook.runbooks["aggregate_profit"]
    (report,) = book.front.reports
    wrong = report.model_copy(
        update={"figures": [report.figures[0].model_copy(update={"column": "revenue_cent"}), *report.figures[1:]]}
    )
    changed = book.front.model_copy(update={"reports": [wrong]})
    runbooks = {**handbook.runbooks, "aggregate_profit": replace(book, front=changed)}
    with pytest.raises(HandbookError) as refused:
        check_reports(replace(handbook, runbooks=runbooks))
    (problem,) = refused.value.problems
    assert "reports[0].figures[0].column" == problem.field
    assert "did you mean revenue_cents?" in problem.message
