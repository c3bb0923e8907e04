from __future__ import annotations

import math
from statistics import mean, variance

import pytest

from oncall_assets.metrics.days import Days
from oncall_assets.metrics.experiments import experiment_readout, unit_level_profit
from oncall_assets_tests.metrics.tables import Row, Run, at, of, on, table

INTERVAL = ("difference_cents", "ci_low_cents", "ci_high_cents")


def assigned(account: str, variant: str, when: str = "2026-03-01 12:00", experiment: str = "x") -> Row:
    return {"experiment_id": experiment, "account_id": account, "variant": variant, "assigned_at": at(when)}


def earned(account: str, cents: int, day: str = "2026-03-01", experiment: str = "x") -> Row:
    return {"day": on(day), "experiment_id": experiment, "account_id": account, "profit_cents": cents}


def readout(
    run: Run, profits: list[Row], assignments: list[Row], first: str, last: str | None = None
) -> list[Row]:
    return run(
        experiment_readout(
            table("unit_level_profit", profits),
            table("experiment_assignments", assignments),
            Days.parse(first, last),
        )
    )


def arms(run: Run, profits: dict[str, list[int]], first: str = "2026-03-01") -> dict[str, Row]:
    """The readout of one day, an account per given profit, by variant."""
    accounts = [
        (f"{variant}-{n}", variant, cents) for variant, all_ in profits.items() for n, cents in enumerate(all_)
    ]
    rows = readout(
        run,
        [earned(account, cents) for account, _, cents in accounts],
        [assigned(account, variant) for account, variant, _ in accounts],
        first,
    )
    return {row["variant"]: row for row in rows}


def test_profit_counts_for_the_first_variant_from_the_day_of_assignment(run: Run) -> None:
    rows = [
        {
            "day": on(f"2026-03-0{day}"),
            "account_id": account,
            "revenue_cents": 100 * day,
            "direct_cost_cents": 20,
            "allocated_cost_cents": 3,
            "profit_cents": 100 * day - 23,
        }
        for day in (1, 2, 3)
        for account in ("a", "b", None)
    ]
    assignments = [
        assigned("a", "bold", "2026-03-02 23:00"),
        assigned("a", "control", "2026-03-03 00:00"),
        assigned("a", "control", "2026-03-03 00:00", "y"),
    ]
    found = run(
        unit_level_profit(
            table("profit", rows),
            table("experiment_assignments", assignments),
            Days.parse("2026-03-01", "2026-03-03"),
        )
    )
    assert [
        (on("2026-03-02"), "x", "bold", "a", 200, 23, 177),
        (on("2026-03-03"), "x", "bold", "a", 300, 23, 277),
        (on("2026-03-03"), "y", "control", "a", 300, 23, 277),
    ] == [tuple(row.values()) for row in found]


def test_two_assignments_at_one_instant_go_by_variant(run: Run) -> None:
    rows = readout(run, [], [assigned("a", "control"), assigned("a", "bold")], "2026-03-01")
    assert [("bold", 1)] == [of(row, "variant", "accounts") for row in rows]


def test_the_interval_is_welchs(run: Run) -> None:
    control, bold = [100, 250, 300, 420, 90, 160, 333, 275], [500, 120, 640, 700, 380, 410, 220]
    found = arms(run, {"control": control, "bold": bold})
    spread = variance(bold) / 7 + variance(control) / 8
    freedom = spread**2 / ((variance(bold) / 7) ** 2 / 6 + (variance(control) / 8) ** 2 / 7)
    difference = mean(bold) - mean(control)
    # Student's quantile at 9.083 degrees, by integrating the density: between 2.262 at 9 and 2.228 at 10.
    half = 2.259003 * math.sqrt(spread)
    assert 9.0832 == pytest.approx(freedom, abs=1e-4)
    assert (7, sum(bold), sum(bold) / 7) == of(found["bold"], "accounts", "profit_cents", "mean_profit_cents")
    assert difference == pytest.approx(found["bold"]["difference_cents"], rel=1e-12)
    assert (difference - half, difference + half) == pytest.approx(of(found["bold"], *INTERVAL[1:]), abs=0.05)
    assert (None, None, None) == of(found["control"], *INTERVAL)


def test_accounts_without_profit_count_as_nothing_earned(run: Run) -> None:
    named = [assigned(f"{variant}-{n}", variant) for variant in ("control", "bold") for n in range(10)]
    (bold, _) = readout(run, [earned("bold-0", 1000)], named, "2026-03-01")
    assert (10, 1000, 100.0) == of(bold, "accounts", "profit_cents", "mean_profit_cents")
    assert 100.0 - 2.262157 * 100 == pytest.approx(bold["ci_low_cents"], abs=0.01)


def test_profit_adds_up_by_account_over_the_days(run: Run) -> None:
    named = [assigned(f"{variant}-{n}", variant) for variant in ("control", "bold") for n in range(10)]
    split = [earned("bold-0", 700), earned("bold-0", 500, "2026-03-02"), earned("bold-0", -200, "2026-03-03")]
    at_once = readout(run, [earned("bold-0", 1000)], named, "2026-03-03")
    in_parts = readout(run, split, named, "2026-03-01", "2026-03-04")
    assert at_once == [row for row in in_parts if row["day"] == on("2026-03-03")]
    assert [700, 1200, 1000, 1000] == [row["profit_cents"] for row in in_parts if row["variant"] == "bold"]


def test_no_digit_is_lost_to_large_profits(run: Run) -> None:
    small = {"control": [1, 2, 3, 4, 5, 6, 7, 8], "bold": [2, 3, 5, 7, 11, 13, 17, 19]}
    large = {variant: [10**15 + cents for cents in profits] for variant, profits in small.items()}
    few, many = arms(run, small)["bold"], arms(run, large)["bold"]
    assert (few["ci_high_cents"] - few["ci_low_cents"]) == pytest.approx(
        many["ci_high_cents"] - many["ci_low_cents"], abs=0.5
    )


@pytest.mark.parametrize(
    "profits",
    [
        {"control": [1], "bold": [2]},
        {"control": [1, 2], "bold": [2, 5]},
        {"control": [5] * 20, "bold": [5] * 20},
        {"control": [1, 2, 3, 4, 5, 6], "bold": [9]},
    ],
)
def test_there_is_no_interval_where_it_would_mean_nothing(run: Run, profits: dict[str, list[int]]) -> None:
    bold = arms(run, profits)["bold"]
    assert (None, None) == of(bold, *INTERVAL[1:])
    assert mean(profits["bold"]) - mean(profits["control"]) == bold["difference_cents"]


def test_there_is_no_difference_without_a_control(run: Run) -> None:
    found = arms(run, {"bold": [1, 2, 3, 4, 5, 6], "mild": [1, 2, 3, 4, 5, 6]})
    assert {(None, None, None)} == {of(row, *INTERVAL) for row in found.values()}


def test_the_split_is_tested_over_all_variants(run: Run) -> None:
    # 10, 20 and 30 over an even 20 each: chi-square 10 with two degrees of freedom, e^-5.
    found = arms(run, {"control": [0] * 10, "bold": [0] * 20, "mild": [0] * 30})
    assert [pytest.approx(math.exp(-5), rel=1e-9)] * 3 == [row["sample_ratio_p"] for row in found.values()]


def test_an_even_split_is_likely_and_a_lone_variant_is_no_split(run: Run) -> None:
    assert 1.0 == arms(run, {"control": [0] * 9, "bold": [0] * 9})["bold"]["sample_ratio_p"]
    assert arms(run, {"control": [0] * 9})["control"]["sample_ratio_p"] is None


def test_a_readout_knows_only_its_own_past(run: Run) -> None:
    assignments = [assigned("a", "control"), assigned("b", "bold", "2026-03-02 00:00")]
    profits = [earned("a", 5), earned("a", 7, "2026-03-02"), earned("b", 1), earned("c", 50)]
    rows = readout(run, profits, assignments, "2026-02-28", "2026-03-02")
    assert [
        (1, "control", 1, 5),
        (2, "bold", 1, 0),
        (2, "control", 1, 12),
    ] == [(row["day"].day, *of(row, "variant", "accounts", "profit_cents")) for row in rows]
