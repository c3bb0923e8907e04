"""The runbooks on the sample company: quiet on healthy days, and loud by name where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from oncall_assets.checks.rules import Evidence, Verdict, judge
from oncall_assets.handbook import load_handbook
from oncall_assets.handbook.runbook import Check
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.sample import Company, parse_fault
from oncall_assets_tests.checks.world import Change, World, landed

COMPANY = Company(accounts=400, days=13, seed=7, first_day=date(2026, 9, 1))
DAYS = COMPANY.calendar
TWO_MONTHS = Company(accounts=400, days=61, seed=7, first_day=date(2026, 9, 1))
# A Tuesday: busy, and a week and its month old.
BAD_DAY = date(2026, 9, 8)
# A Tuesday with seven weeks before it, which is enough to have a trend.
LATE_DAY = date(2026, 10, 20)
YOUNG = {
    "matches_total", "agrees_with", "cross_check", "coverage", "no_overlap", "late_share", "final_after",
    "sample_ratio", "within_trend",
}  # fmt: skip
# They ask the machine, the reporting database or Dagster's records, which have tests of their own.
NOT_OF_TABLES = {
    "arrived_by", "duration", "stale_upstream", "definition_changed", "published_matches", "grants", "headroom",
    "environment", "own",
}  # fmt: skip
ROOT = Path(__file__).parents[2]
# Those of the online shop have rows of their own.
FOLDERS = [ROOT / "runbooks", *sorted(set((ROOT / "examples").iterdir()) - {ROOT / "examples" / "online-retail"})]


def of_tables(folder: Path) -> list[Check]:
    """The checks of a handbook that need nothing but tables to be judged."""
    checks = [check for _, _, check in load_handbook(folder, frozenset(LANDED)).checks()]
    return [check for check in checks if check.expect.rule not in NOT_OF_TABLES]


CHECKS = of_tables(ROOT / "runbooks")
# What several teams ask for in the same words is judged once.
EVERYBODYS = {
    (check.asset, check.expect.model_dump_json(exclude_defaults=True)): check
    for folder in FOLDERS
    for check in of_tables(folder)
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return landed(COMPANY)


@pytest.fixture(scope="module")
def two_months() -> dict[str, pa.Table]:
    return landed(TWO_MONTHS)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, two_months: dict[str, pa.Table]) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("healthy"), TWO_MONTHS.calendar, two_months)
    yield world
    world.close()


def judged(check: Check, world: World, days: Days = DAYS) -> Verdict:
    return judge(check.expect, Evidence(check.asset, days, world.read))


def failing(world: World) -> set[str]:
    """The checks with one of the newer rules that fail on the company's days."""
    young = [check for check in CHECKS if check.expect.rule in YOUNG]
    failed = {check.name for check in young if not judged(check, world).passed}
    world.close()
    return failed


@pytest.mark.parametrize("check", EVERYBODYS.values(), ids=lambda check: f"{check.asset}-{check.name}")
def test_a_healthy_company_raises_no_alarm_in_two_months(check: Check, healthy: World) -> None:
    verdict = judged(check, healthy, TWO_MONTHS.calendar)
    assert verdict.passed, verdict.sentence


def test_every_rule_is_used() -> None:
    assert YOUNG <= {check.expect.rule for check in CHECKS}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("missing-revenue", {"revenue_total_as_filed", "figure_as_filed"}),
        ("inflated-revenue", {"revenue_total_as_filed", "figure_as_filed"}),
        ("duplicate-revenue", {"revenue_total_as_filed", "figure_as_filed"}),
        ("unattributed-revenue", set()),
        ("missing-expenses", {"expenses_total_as_filed"}),
        # What was late already comes so much later still.
        (
            "late-events",
            {"events_in_time", "events_like_the_log", "no_events_of_final_days", "usage_events_as_filed"},
        ),
        ("duplicate-events", {"duplicates_as_usual", "events_like_the_log", "usage_events_as_filed"}),
        ("no-events", {"events_like_the_log", "usage_events_as_filed"}),
    ],
)
def test_a_fault_is_found_by_the_checks_made_for_it(fault: str, expected: set[str], tmp_path: Path) -> None:
    spoilt = landed(COMPANY, [parse_fault(f"{fault}@{BAD_DAY}")])
    assert expected == failing(World(tmp_path, DAYS, spoilt))


def one_more(column: str) -> Change:
    """The table with one more in every row of a column."""

    def change(table: pa.Table) -> pa.Table:
        return table.set_column(table.column_names.index(column), column, pc.add(table[column], 1))

    return change


def set_all(column: str, value: object) -> Change:
    def change(table: pa.Table) -> pa.Table:
        values = pa.array([value] * len(table), table[column].type)
        return table.set_column(table.column_names.index(column), column, values)

    return change


def sign_up_again(events: pa.Table) -> pa.Table:
    """A customer of the first day signs up once more, as an old account that overlaps a new one does."""
    again = set_all("kind", "signup")(events.slice(0, 1))
    at = Days.one(BAD_DAY).start + timedelta(hours=9)
    return pa.concat_tables([events, set_all("event_id", "again")(set_all("occurred_at", at)(again))])


def assign_again(assignments: pa.Table) -> pa.Table:
    """Somebody in a control group is given the treatment too."""
    one = assignments.filter(pc.equal(assignments["variant"], "control")).slice(0, 1)
    return pa.concat_tables([assignments, set_all("variant", "treatment")(one)])


def lose_controls(assignments: pa.Table) -> pa.Table:
    """Two of three assignments to a control group are lost."""
    kept = pa.array([number % 3 == 0 for number in range(len(assignments))])
    return assignments.filter(pc.or_(kept, pc.equal(assignments["variant"], "treatment")))


def replay(events: pa.Table) -> pa.Table:
    """An event of a day that was final long ago is sent again."""
    old = events.slice(0, 1)
    at = old["occurred_at"][0].as_py() + timedelta(days=9)
    return pa.concat_tables([events, set_all("event_id", "old")(set_all("ingested_at", at)(old))])


def lose_a_day(table: pa.Table) -> pa.Table:
    return table.filter(pc.not_equal(table["day"], pa.scalar(BAD_DAY)))


def flood(forms: pa.Table) -> pa.Table:
    return pa.concat_tables([forms] * 500)


CHANGES: dict[str, tuple[dict[str, list[Change]], set[str]]] = {
    "aggregates that their parts do not add up to": (
        {
            "aggregate_growth": [one_more("new_accounts"), one_more("churned_accounts")],
            "aggregate_profit": [one_more("profit_cents"), one_more("revenue_cents")],
            "aggregate_engagement": [one_more("events")],
            "daily_growth": [one_more("churned_accounts")],
        },
        {
            "new_accounts_agree",
            "churned_accounts_agree",
            "figure_as_filed",
            "month_agrees_with_its_days",
            "agrees_with_growth",
            "day_agrees_with_its_users",
            "day_agrees_with_its_accounts",
            "revenue_of_the_month_agrees",
        },
    ),
    "a report that its parts do not say": (
        {
            "investor_report": [one_more("profit_cents"), one_more("closing_accounts"), one_more("active_users")],
            "daily_growth": [one_more("closing_accounts")],
        },
        {
            "profit_cents_as_profit_says",
            "closing_accounts_as_growth_says",
            "active_users_as_engagement_says",
            "company_line_agrees",
        },
    ),
    "one row too many in what landed": (
        {
            "account_events": [sign_up_again],
            "experiment_assignments": [assign_again],
            "usage_events": [replay],
        },
        {
            "no_sign_up_of_a_customer",
            "one_variant_per_account",
            "no_events_of_final_days",
            "usage_events_as_filed",
        },
    ),
    "far too few and far too many rows": (
        {"experiment_assignments": [lose_controls], "feedback": [flood]},
        {"assigned_evenly", "forms_like_users", "feedback_as_filed"},
    ),
    "growth lacks a day": ({"growth": [lose_a_day]}, {"growth_covered", "active_accounts_hold_seats"}),
    "profit lacks a day": ({"profit": [lose_a_day]}, {"profit_covered", "figure_as_filed"}),
    "engagement lacks a day": ({"engagement": [lose_a_day]}, {"engagement_covered", "events_like_the_log"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_found_by_the_checks_made_for_it(
    name: str, tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    changes, expected = CHANGES[name]
    assert expected == failing(World(tmp_path, DAYS, tables, changes))


def times(factor: float, *columns: str) -> Change:
    """The columns of the late day so many times as large."""

    def change(table: pa.Table) -> pa.Table:
        late = pc.equal(table["day"], pa.scalar(LATE_DAY))
        for column in columns:
            there = table[column]
            other = pc.cast(pc.round(pc.multiply(there, factor)), there.type)
            table = table.set_column(table.column_names.index(column), column, pc.if_else(late, other, there))
        return table

    return change


def test_a_day_unlike_its_past_is_found_by_the_trend(two_months: dict[str, pa.Table], tmp_path: Path) -> None:
    changes = {
        "aggregate_growth": [times(0.9, "closing_accounts"), times(1.2, "closing_seats")],
        "aggregate_engagement": [times(0.6, "events", "active_users")],
    }
    world = World(tmp_path, TWO_MONTHS.calendar, two_months, changes)
    trends = [check for check in CHECKS if check.expect.rule == "within_trend"]
    failed = {check.name for check in trends if not judged(check, world, Days.one(LATE_DAY)).passed}
    world.close()
    expected = {"accounts_like_the_past", "seats_like_the_past", "events_like_the_past", "users_like_the_past"}
    assert expected == failed
