"""Which open incidents hold an edition, and which are told in it."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.policy.decide import decide
from oncall_assets.incidents.policy.grading import Grade
from oncall_assets.metrics.days import Days
from oncall_assets_tests.incidents.ledger.entries import CLOCKS, NOW, case, failed, passed, write
from oncall_assets_tests.reports.gate.gated import TABLES, WEEK, Gated


def opened(
    made: Gated, number: int, severity: Severity, asset: str = "profit", partition: str | None = "2026-10-06"
) -> None:
    """An incident of its own about a check of the asset; its title is `wrong <number>`."""
    signal = failed(number, asset, partition, check=f"check{number}")
    with made.ledger.writing() as pen:
        # As if nothing else were open, which it would join.
        decisions = decide([signal], [], {}, lambda _: frozenset())
        about = case(title=f"wrong {number}", severity=severity)
        pen.open(decisions[0], about, Grade(severity, "any_time", ()), CLOCKS, NOW)
        pen.record(decisions, NOW)


def test_an_open_incident_that_is_critical_holds_until_it_is_mended(week: Gated) -> None:
    opened(week, 1, "critical")
    expected = "Incident 1 (critical) is open on profit: wrong 1. It has to be resolved."
    assert [("incident", expected)] == week.held()
    write(week.ledger, passed(2, "profit", "2026-10-06", "check1"))
    assert [] == week.held()


def test_lesser_incidents_are_told_the_newest_first_and_hold_nothing(week: Gated) -> None:
    opened(week, 1, "minor")
    opened(week, 2, "major", "orders", "2026-10-05…2026-10-11")
    judged = week.judge()
    assert () == judged.holds
    assert ("Incident 2 (major): wrong 2", "Incident 1 (minor): wrong 1") == judged.caveats


@pytest.mark.parametrize("table", [*TABLES, "rates"])
def test_every_table_upstream_counts_with_or_without_days(week: Gated, table: str) -> None:
    opened(week, 1, "critical", table)
    assert ["incident"] == [kind for kind, _ in week.held()]


@pytest.mark.parametrize("asset", ["elsewhere", "editions/profit_week", "editions/profit_day"])
def test_what_is_not_upstream_holds_nothing_nor_does_the_edition_itself(week: Gated, asset: str) -> None:
    opened(week, 1, "critical", asset)
    assert ((), ()) == (week.judge().holds, week.judge().caveats)


@pytest.mark.parametrize(
    ("partition", "holds"),
    [
        ("2026-10-05", True),
        ("2026-10-11", True),
        ("2026-10-04", False),
        ("2026-10-12", False),
        ("2026-10-11…2026-10-20", True),
        ("2026-09-01…2026-10-04", False),
        (None, True),
    ],
)
def test_an_incident_counts_for_its_days_and_for_all_if_it_names_none(
    week: Gated, partition: str | None, holds: bool
) -> None:
    opened(week, 1, "critical", partition=partition)
    assert holds == bool(week.held())


def test_of_many_incidents_the_ten_newest_are_told_and_all_critical_ones_hold(week: Gated) -> None:
    for number, (table, day) in enumerate(product(TABLES, WEEK.keys), start=1):
        opened(week, number, "minor" if number <= 14 else "critical", table, day)
    judged = week.judge()
    assert [f"Incident {number} (minor): wrong {number}" for number in range(14, 4, -1)] == [*judged.caveats]
    assert 14 == len(judged.holds)
    assert "Incident 28 " in judged.holds[0].text


def test_incidents_come_after_all_else(week: Gated) -> None:
    opened(week, 1, "critical")
    week.say("priced", "2026-10-06", passed=False)
    week.compute("totals", Days.one(date(2026, 10, 6)))
    assert ["check", "stale", "incident"] == [kind for kind, _ in week.held()]
