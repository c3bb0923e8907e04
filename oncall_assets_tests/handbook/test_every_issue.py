"""Every issue of the five plans stands in its team's runbooks, and something notices it or a person does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.runbook import Check, Issue, Runbook
from oncall_assets.metrics.contracts import LANDED

ROOT = Path(__file__).parents[2]
Place = tuple[str, str]


def every(key: str, *runbooks: str) -> list[Place]:
    """The issue by the same key in each of the runbooks."""
    return [(runbook, key) for runbook in runbooks]


AGGREGATES = ("aggregate_profit", "aggregate_growth", "aggregate_engagement")
FIVE = (*AGGREGATES, "unit_level_profit", "daily_growth")

# Demand and folder: what the plan says can go wrong, and where it stands.
DEMANDS: dict[tuple[str, str], dict[str, list[Place]]] = {
    ("T0.8", "examples/eight-pipelines"): {
        "data inconsistency between sources": every("data_inconsistency", *AGGREGATES),
        "ETL failure": every("etl_failure", *AGGREGATES),
        "missing data": every("missing_data", *AGGREGATES),
        "slow processing": every("slow_processing", *AGGREGATES),
        "unauthorised access": every("unauthorised_access", *AGGREGATES),
        "hardware failure": every("hardware_failure", *AGGREGATES),
        "software bug": every("software_bug", *AGGREGATES),
        "human error": every("human_error", *AGGREGATES),
    },
    ("T1.7", "examples/regional-holidays"): {
        "source unavailable": every("source_unavailable", *AGGREGATES),
        "schema change": every("schema_change", *AGGREGATES),
        "processing failure": every("processing_failure", *AGGREGATES),
        "latency": every("latency", *AGGREGATES),
        "storage shortage": every("storage_shortage", *AGGREGATES),
    },
    ("T1.8", "examples/regional-holidays"): {
        "inaccurate revenue or cost": [("aggregate_profit", "inaccurate_revenue_or_cost")],
        "delayed unit-level data for experiments": [("aggregate_profit", "delayed_unit_level_data")],
        "wrong growth rate from incomplete data": [("aggregate_growth", "wrong_growth_rate")],
        "daily and aggregate growth disagree": [("aggregate_growth", "daily_and_aggregate_disagree")],
        "missing engagement events": [("aggregate_engagement", "missing_events")],
        "errors aggregating engagement over time": [("aggregate_engagement", "errors_over_time")],
    },
    ("T2.7", "examples/secondary-covers-holidays"): {
        "totals that do not match the accounting filing": [("profit", "mismatched_financial_data")],
        "stale expense records": [("profit", "stale_expenses")],
        "slowness at month-end": [("profit", "slow_at_month_end")],
        "missing entries giving zero or negative profit": [("profit", "missing_entries")],
        "missing status changes": [("growth", "missing_status_updates")],
        "old accounts overlapping new sign-ups": [("growth", "churned_and_new_overlap")],
        "late events": [("engagement", "late_events")],
        "event stream down": [("engagement", "stream_down")],
        "duplicate events": [("engagement", "duplicate_events")],
        "joins running out of memory": [("engagement", "out_of_memory"), ("aggregated_data", "join_failures")],
        "stale upstream outputs": [("aggregated_data", "stale_upstream")],
        "NaN, NULL or divide-by-zero in final metrics": [("aggregated_data", "missing_data")],
    },
    ("T3.7", "examples/two-week-rotation"): {
        "inconsistent or missing data": every("inconsistent_or_missing_data", *FIVE),
        "wrong format": every("wrong_format", *FIVE),
        "crash": every("crash", *FIVE),
        "upstream or downstream dependency": every("upstream_or_downstream_dependency", *FIVE),
        "volume": every("volume", *FIVE),
        "too few resources": every("too_few_resources", *FIVE),
        "unauthorised access": every("unauthorised_access", *FIVE),
        "leak": every("leak", *FIVE),
        "incompatible upstream change": every("incompatible_upstream_change", *FIVE),
        "library version conflict": every("library_version_conflict", *FIVE),
    },
    ("T4.5", "examples/annual-holiday-table"): {
        "data not updated": every("data_not_updated", *AGGREGATES),
        "nulls or foreign values": every("nulls_or_foreign_values", *AGGREGATES),
        "business-logic change not reflected": every("business_logic_not_reflected", *AGGREGATES),
        "integration problem": every("integration_problem", *AGGREGATES),
        "wrong values in dashboards": every("wrong_dashboard_values", *AGGREGATES),
        "data not appearing in visualisation tools": every("not_in_visualisation", *AGGREGATES),
        "duplicated values": every("duplicated_values", *AGGREGATES),
    },
    # What the plans fear, as far as it applies where all of them are joined.
    ("the default", "runbooks"): {
        "data inconsistency between sources": [
            ("aggregate_profit", "mismatch_with_filing"),
            ("aggregate_growth", "sources_disagree"),
            ("aggregate_engagement", "engagement_against_feedback"),
        ],
        "failure of extracting, processing, machines": every("run_failure", *FIVE, "investor_report"),
        "missing data": [
            ("aggregate_profit", "incomplete_records"),
            ("aggregate_growth", "incomplete_events"),
            ("aggregate_engagement", "missing_events"),
            ("investor_report", "missing_data"),
        ],
        "slow processing": [
            ("aggregate_profit", "late_report"),
            *every("slow_processing", "aggregate_growth", "aggregate_engagement", "investor_report"),
            ("daily_growth", "latency"),
            ("unit_level_profit", "delayed_data"),
        ],
        "unauthorised access": every("unauthorised_access", *AGGREGATES, "investor_report"),
        "software bug": every("software_bug", *AGGREGATES),
        "human error": every("human_error", *AGGREGATES, "investor_report"),
        "source unavailable": every("source_unavailable", *AGGREGATES, "unit_level_profit"),
        "schema change": every("schema_change", *AGGREGATES, "unit_level_profit", "investor_report"),
        "storage shortage": [("aggregate_profit", "full_disk")],
        "inaccurate revenue or cost": [("aggregate_profit", "inaccurate_amounts")],
        "wrong growth rate from incomplete data": [("daily_growth", "wrong_growth_rate")],
        "daily and aggregate growth disagree": [("aggregate_growth", "daily_and_aggregate_disagree")],
        "errors over time": every("errors_over_time", *AGGREGATES),
        "stale expense records": [("aggregate_profit", "stale_expenses")],
        "zero or negative profit": [("aggregate_profit", "zero_or_negative")],
        "missing status changes": [("aggregate_growth", "missing_status_changes")],
        "old accounts overlapping new sign-ups": [("aggregate_growth", "double_counting")],
        "late events": every("late_events", "aggregate_engagement"),
        "event stream down": every("missing_events", "aggregate_engagement"),
        "duplicate events": every("duplicate_events", "aggregate_engagement"),
        "joins running out of memory": [
            ("aggregate_engagement", "out_of_memory"),
            ("investor_report", "join_failure"),
        ],
        "stale upstream outputs": every("stale_upstream", *AGGREGATES, "investor_report", "unit_level_profit"),
        "NaN, NULL or divide-by-zero": every("broken_ratio", "aggregate_profit", "investor_report"),
        "leak": every("leak", "aggregate_profit", "aggregate_engagement"),
        "changed meaning": [*every("definition_changed", *AGGREGATES), ("investor_report", "upstream_change")],
        "library version conflict": every("library_conflict", *AGGREGATES),
        "wrong values in dashboards": every("wrong_in_dashboards", *AGGREGATES, "investor_report"),
        "not in visualisation tools": every("not_in_dashboards", *AGGREGATES, "investor_report"),
        "duplicated values": [
            ("aggregate_profit", "duplicate_records"),
            ("investor_report", "duplicated_values"),
        ],
    },
}
BOOKS = {folder: load_handbook(ROOT / folder, frozenset(LANDED)) for _, folder in DEMANDS}
ROWS = [
    pytest.param(folder, place, id=f"{demand}: {what}, {place[0]}")
    for (demand, folder), rows in DEMANDS.items()
    for what, places in rows.items()
    for place in places
]


def guarding(runbook: Runbook, issue: str) -> list[Check]:
    return [check for check in runbook.front.checks if issue in check.guards]


def is_noticed(runbook: Runbook, name: str, issue: Issue) -> bool:
    """Whether a detector opens an incident: a warning is told to nobody at once."""
    return bool(issue.detected_by) or any(check.severity == "error" for check in guarding(runbook, name))


@pytest.mark.parametrize(("folder", "place"), ROWS)
def test_an_issue_of_the_plan_stands_in_a_runbook_with_a_detector_or_by_hand(folder: str, place: Place) -> None:
    pipeline, name = place
    runbook = BOOKS[folder].runbooks[pipeline]
    issue = runbook.front.issues[name]
    assert is_noticed(runbook, name, issue) or issue.by_hand


def test_the_plans_list_as_many_issues_as_they_do() -> None:
    counted = {demand: len(rows) for (demand, _), rows in DEMANDS.items() if demand.startswith("T")}
    assert {"T0.8": 8, "T1.7": 5, "T1.8": 6, "T2.7": 12, "T3.7": 10, "T4.5": 7} == counted


def every_issue() -> Iterator[tuple[Handbook, Runbook, str, Issue]]:
    for book in BOOKS.values():
        for runbook in book.runbooks.values():
            for name, issue in runbook.front.issues.items():
                yield book, runbook, name, issue


def test_no_issue_is_left_to_warnings_alone() -> None:
    left = [
        f"{book.folder.name}: {runbook.pipeline}.{name}"
        for book, runbook, name, issue in every_issue()
        if not is_noticed(runbook, name, issue) and not issue.by_hand
    ]
    assert [] == left


def test_only_what_no_software_can_see_is_left_to_people_alone() -> None:
    by_hand = {
        (book.folder.name, f"{runbook.pipeline}.{name}")
        for book, runbook, name, issue in every_issue()
        if not is_noticed(runbook, name, issue)
    }
    tables_nobody_else_reads = {
        f"{pipeline}.{issue}"
        for pipeline in ("daily_growth", "unit_level_profit")
        for issue in ("unauthorised_access", "leak")
    }
    assert {("two-week-rotation", name) for name in tables_nobody_else_reads} == by_hand
