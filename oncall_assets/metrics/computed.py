"""What every figure promises its readers, so that a wrong column is never met in a report."""

from __future__ import annotations

from typing import Final

from oncall_assets.metrics.contract import OPTIONAL, Contract, columns

_PERIOD: Final = (
    ("day", "date", "Day the figures are as of (UTC)."),
    ("grain", "string", "day, week (Monday first) or month; the period that holds `day`."),
    ("period_start", "date", "First day of the period."),
    ("period_end", "date", "First day after the period."),
    ("is_complete", "boolean", "Whether `day` is the last day of the period."),
    ("days_with_data", "int64", "Days of the period so far that have rows upstream."),
    ("days_so_far", "int64", "Days of the period up to and with `day`."),
)

COMPUTED_CONTRACTS: Final = (
    Contract(
        "profit",
        "Profit of every account on every day it has records or holds seats.",
        columns(
            ("day", "date", "Day of booking (UTC)."),
            ("account_id", "string", "Account; empty for money no account explains.", OPTIONAL),
            ("revenue_records", "int64", "Revenue lines behind the row."),
            ("revenue_cents", "int64", "Revenue net of refunds, cents."),
            ("direct_cost_cents", "int64", "Expenses booked on the account, cents."),
            ("allocated_cost_cents", "int64", "Share of the day's shared expenses, by seats, cents."),
            ("profit_cents", "int64", "Revenue less direct and allocated cost, cents."),
        ),
    ),
    Contract(
        "unit_level_profit",
        "Profit by account for every experiment and variant the account is in.",
        columns(
            ("day", "date", "Day of booking (UTC)."),
            ("experiment_id", "string", "Experiment."),
            ("variant", "string", "Variant the account was first given."),
            ("account_id", "string", "Account."),
            ("revenue_cents", "int64", "Revenue net of refunds, cents."),
            ("cost_cents", "int64", "Direct and allocated cost, cents."),
            ("profit_cents", "int64", "Revenue less cost, cents."),
        ),
    ),
    Contract(
        "experiment_readout",
        "What each experiment has shown up to a day: effect, confidence, and whether the split is sound.",
        columns(
            ("day", "date", "Day the readout is as of (UTC)."),
            ("experiment_id", "string", "Experiment."),
            ("variant", "string", "Variant."),
            ("accounts", "int64", "Accounts assigned so far."),
            ("profit_cents", "int64", "Their profit since assignment, cents."),
            ("mean_profit_cents", "float64", "Profit per account, cents.", OPTIONAL),
            ("difference_cents", "float64", "Mean less the control's mean; empty for control.", OPTIONAL),
            (
                "ci_low_cents",
                "float64",
                "Lower end of its 95 % interval; empty below 4 degrees of freedom.",
                OPTIONAL,
            ),
            (
                "ci_high_cents",
                "float64",
                "Upper end of its 95 % interval; empty below 4 degrees of freedom.",
                OPTIONAL,
            ),
            (
                "sample_ratio_p",
                "float64",
                "p-value of an even split over the variants; empty for a single one.",
                OPTIONAL,
            ),
        ),
    ),
    Contract(
        "growth",
        "Every account that held seats at the start or the end of a day, and what changed.",
        columns(
            ("day", "date", "Day (UTC)."),
            ("account_id", "string", "Account."),
            ("opening_seats", "int64", "Seats at the start of the day."),
            ("closing_seats", "int64", "Seats at the end of the day."),
            (
                "transition",
                "string",
                "new, reactivated, expanded, contracted, churned, or retained when seats did not change.",
            ),
        ),
    ),
    Contract(
        "daily_growth",
        "Growth of a day, for the company and for every variant of every experiment.",
        columns(
            ("day", "date", "Day (UTC)."),
            ("experiment_id", "string", "Experiment, or `company` for everybody."),
            ("variant", "string", "Variant, or `all`."),
            ("new_accounts", "int64", "Accounts with seats for the first time."),
            ("reactivated_accounts", "int64", "Accounts that came back."),
            ("churned_accounts", "int64", "Accounts that gave up their last seat."),
            ("expanded_accounts", "int64", "Accounts that took more seats."),
            ("contracted_accounts", "int64", "Accounts that gave up some seats."),
            ("opening_accounts", "int64", "Accounts with seats at the start of the day."),
            ("closing_accounts", "int64", "Accounts with seats at the end of the day."),
            ("opening_seats", "int64", "Seats at the start of the day."),
            ("closing_seats", "int64", "Seats at the end of the day."),
        ),
    ),
    Contract(
        "engagement",
        "What each user did on a day, each event once, late ones admitted for 48 hours.",
        columns(
            ("day", "date", "Day the events occurred (UTC)."),
            ("account_id", "string", "Account of the user."),
            ("user_id", "string", "User."),
            ("events", "int64", "Distinct events."),
            ("sessions", "int64", "Sessions begun; 30 minutes without an event end one."),
            ("active_seconds", "int64", "Time between events of one session, on the day of the later one."),
            ("features", "int64", "Distinct features used."),
            ("late_events", "int64", "Distinct events that reached us after the day they occurred."),
            ("duplicate_events", "int64", "Repeats of an event that were admitted and dropped."),
        ),
    ),
    Contract(
        "aggregate_profit",
        "Profit of the company by day, week and month to date.",
        columns(
            *_PERIOD,
            ("accounts", "int64", "Accounts with revenue in the period so far."),
            ("revenue_cents", "int64", "Revenue net of refunds, cents."),
            ("direct_cost_cents", "int64", "Expenses booked on accounts, cents."),
            ("allocated_cost_cents", "int64", "Shared expenses, cents."),
            ("profit_cents", "int64", "Revenue less all cost, cents."),
            ("margin", "float64", "Profit over revenue, a ratio; empty unless revenue is above 0.", OPTIONAL),
        ),
    ),
    Contract(
        "aggregate_growth",
        "Growth of the company by day, week and month to date.",
        columns(
            *_PERIOD,
            (
                "opening_accounts",
                "int64",
                "Accounts with seats at the start of the period; 0 without rows for its first day.",
            ),
            ("closing_accounts", "int64", "Accounts with seats at the end of `day`."),
            ("new_accounts", "int64", "Accounts with seats for the first time."),
            ("reactivated_accounts", "int64", "Accounts that came back."),
            ("churned_accounts", "int64", "Accounts that gave up their last seat."),
            ("closing_seats", "int64", "Seats at the end of `day`."),
            ("growth_ratio", "float64", "Net change over opening accounts; empty without any.", OPTIONAL),
            ("churn_ratio", "float64", "Churned over opening accounts; empty without any.", OPTIONAL),
        ),
    ),
    Contract(
        "aggregate_engagement",
        "Engagement of all users by day, week and month to date, beside what they said.",
        columns(
            *_PERIOD,
            ("active_accounts", "int64", "Accounts with an event in the period so far."),
            ("active_users", "int64", "Users with an event in the period so far."),
            ("events", "int64", "Distinct events."),
            ("sessions", "int64", "Sessions begun."),
            ("active_seconds", "int64", "Time in sessions, seconds."),
            ("feedback_forms", "int64", "Feedback forms received."),
            ("sessions_per_user", "float64", "Sessions over active users; empty without any.", OPTIONAL),
            ("mean_score", "float64", "Mean feedback score, 0 to 10; empty without forms.", OPTIONAL),
        ),
    ),
    Contract(
        "investor_report",
        "The figures investors are told, from profit, growth and engagement, by day, week and month.",
        columns(
            *_PERIOD[:5],
            ("revenue_cents", "int64", "Revenue net of refunds, cents.", OPTIONAL),
            ("profit_cents", "int64", "Profit, cents.", OPTIONAL),
            ("margin", "float64", "Profit over revenue, a ratio.", OPTIONAL),
            ("closing_accounts", "int64", "Accounts with seats at the end of `day`.", OPTIONAL),
            ("growth_ratio", "float64", "Net change of accounts over opening accounts.", OPTIONAL),
            ("churn_ratio", "float64", "Churned over opening accounts.", OPTIONAL),
            ("active_users", "int64", "Users with an event.", OPTIONAL),
            ("sessions_per_user", "float64", "Sessions over active users.", OPTIONAL),
            ("profit_per_account_cents", "float64", "Profit over closing accounts, cents.", OPTIONAL),
            ("coverage", "float64", "Least share of days with data over the three parts, 0 to 1."),
        ),
    ),
)
