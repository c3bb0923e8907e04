"""Rows of the fault matrix: what can be wrong with a day's data as it is delivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from oncall_assets_tests.faults.eves import MONTH_END
from oncall_assets_tests.faults.row import Row
from oncall_assets_tests.faults.world import World

MISCOUNTED: Final = "control_totals:usage_events_as_filed"
ON_PROFIT: Final = ("david: critical profit",)
ON_GROWTH: Final = ("david: major growth",)
ON_ENGAGEMENT: Final = ("david: major engagement",)
ON_EXPERIMENTS: Final = ("david: major unit_level_profit",)
FILED: Final = ("aggregate_profit.mismatch_with_filing", "aggregate_profit.inaccurate_amounts")


def planted(*faults: str) -> Callable[[World], None]:
    """The day comes with these faults of the sample company."""

    def happens(world: World) -> None:
        world.plant(*faults)
        world.night_and_tick()

    return happens


def garbled(world: World) -> None:
    path = world.file("usage_events")
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2] + bytes(100))
    world.night_and_tick()


ROWS: Final = (
    Row(
        "two in five ledger lines of revenue are missing",
        planted("missing-revenue"),
        ("revenue_records:revenue_complete", "revenue_records:revenue_total_as_filed"),
        ("aggregate_profit.incomplete_records", *FILED),
        ON_PROFIT,
    ),
    Row(
        "cents were taken for dollars",
        planted("inflated-revenue"),
        ("revenue_records:plausible_amounts", "revenue_records:revenue_total_as_filed"),
        FILED,
        ON_PROFIT,
    ),
    Row(
        "revenue is in a foreign currency",
        planted("foreign-currency"),
        ("revenue_records:revenue_in_dollars",),
        ("aggregate_profit.inaccurate_amounts",),
        ON_PROFIT,
    ),
    Row(
        "an expense is of a foreign category",
        planted("unknown-category"),
        ("expense_records:known_categories",),
        ("aggregate_profit.inaccurate_amounts",),
        ON_PROFIT,
    ),
    Row(
        "revenue carries no account",
        planted("unattributed-revenue"),
        ("revenue_records:revenue_has_account",),
        ("aggregate_profit.unexplained_revenue",),
        ON_PROFIT,
    ),
    Row(
        "revenue is booked twice",
        planted("duplicate-revenue"),
        ("revenue_records:revenue_records_unique", "revenue_records:revenue_total_as_filed"),
        ("aggregate_profit.duplicate_records", *FILED),
        ON_PROFIT,
    ),
    Row(
        "every amount of revenue is zero",
        planted("zero-amounts"),
        ("revenue_records:revenue_total_as_filed",),
        FILED,
        ON_PROFIT,
    ),
    Row("the rows come in another order", planted("reordered-revenue"), (), (), (), held=False),
    Row(
        "the expense file is empty",
        planted("missing-expenses"),
        ("expense_records:expenses_complete", "expense_records:expenses_total_as_filed"),
        ("aggregate_profit.incomplete_records", "aggregate_profit.stale_expenses", *FILED),
        ON_PROFIT,
    ),
    Row(
        "the expense file is empty at the end of a month",
        planted("missing-expenses"),
        ("expense_records:expenses_complete", "expense_records:expenses_total_as_filed"),
        ("aggregate_profit.incomplete_records", "aggregate_profit.stale_expenses", *FILED),
        ("carol: critical profit",),
        eve=MONTH_END,
    ),
    Row(
        "accounts do what nobody defined",
        planted("unknown-kind"),
        ("account_events:known_events",),
        ("aggregate_growth.unknown_event", "aggregate_growth.human_error"),
        ON_GROWTH,
    ),
    Row(
        "accounts do what nobody defined at the end of a month",
        planted("unknown-kind"),
        ("account_events:known_events",),
        ("aggregate_growth.unknown_event",),
        ("carol: critical growth",),
        eve=MONTH_END,
    ),
    Row(
        "accounts hold fewer seats than none",
        planted("negative-seats"),
        ("account_events:possible_seats",),
        ("aggregate_growth.impossible_seats",),
        ON_GROWTH,
    ),
    Row(
        "an old account overlaps a new sign-up",
        planted("second-sign-up"),
        ("growth:no_sign_up_of_a_customer",),
        ("aggregate_growth.double_counting",),
        ON_GROWTH,
    ),
    Row(
        "an account is in two variants",
        planted("two-variants"),
        ("experiment_assignments:one_variant_per_account", "experiment_assignments:assignments_unique"),
        ("unit_level_profit.two_variants",),
        ON_EXPERIMENTS,
        held=False,
    ),
    Row(
        "an experiment is not split evenly",
        planted("lopsided-assignments"),
        ("experiment_assignments:assigned_evenly", "experiment_readout:even_split"),
        ("unit_level_profit.broken_split",),
        ON_EXPERIMENTS,
        held=False,
    ),
    Row(
        "events say of no account whose they are",
        planted("null-accounts"),
        ("usage_events:usage_events_have_users",),
        ("aggregate_engagement.missing_events",),
        ON_ENGAGEMENT,
    ),
    Row(
        "clients send many events twice",
        planted("duplicate-events"),
        (
            "engagement:duplicates_as_usual",
            "aggregate_engagement:events_like_the_log",
            "control_totals:usage_events_as_filed",
        ),
        ("aggregate_engagement.duplicate_events",),
        ON_ENGAGEMENT,
        held=False,
    ),
    Row(
        "events come more than two days late",
        planted("straggling-events"),
        ("usage_events:events_in_time",),
        ("aggregate_engagement.late_events",),
        ON_ENGAGEMENT,
        held=False,
    ),
    Row(
        "a stream is replayed into days that were final",
        planted("replayed-events"),
        (
            "usage_events:no_events_of_final_days",
            "usage_events:events_in_time",
            "control_totals:usage_events_as_filed",
        ),
        ("aggregate_engagement.reopened_days", "aggregate_engagement.late_events"),
        ON_ENGAGEMENT,
        held=False,
    ),
    Row(
        "the event stream was down",
        planted("no-events"),
        ("usage_events:usage_events_complete",),
        ("aggregate_engagement.missing_events",),
        ON_ENGAGEMENT,
    ),
    Row(
        "scores are outside their range",
        planted("impossible-scores"),
        ("feedback:scores_in_range",),
        ("aggregate_engagement.engagement_against_feedback",),
        ON_ENGAGEMENT,
    ),
    Row(
        "amounts are not numbers",
        planted("not-a-number"),
        ("run failed",),
        ("aggregate_profit.schema_change", "aggregate_profit.source_unavailable"),
        ("david: major profit",),
    ),
    Row(
        "a column has another type",
        planted("retyped-column"),
        ("run failed",),
        ("aggregate_profit.schema_change", "aggregate_profit.source_unavailable"),
        ("david: major profit",),
    ),
    Row(
        "a column has another name",
        planted("renamed-column"),
        ("run failed",),
        ("aggregate_profit.schema_change", "aggregate_profit.source_unavailable"),
        ("david: major profit",),
    ),
    Row(
        "the file is yesterday's",
        planted("yesterdays-expenses"),
        ("run failed",),
        ("aggregate_profit.schema_change", "aggregate_profit.source_unavailable"),
        ("david: major profit",),
    ),
    Row(
        "a file is cut off",
        garbled,
        ("run failed",),
        ("aggregate_engagement.run_failure",),
        ON_ENGAGEMENT,
    ),
)
