"""What every table promises, so that a wrong column is refused at the door and not met in a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import ibis

Kind = Literal["string", "int64", "float64", "boolean", "date", "timestamp"]

# Ibis writes a UTC instant with its zone; a bare "timestamp" would be naive.
_IBIS: Final[dict[Kind, str]] = {
    "string": "string",
    "int64": "int64",
    "float64": "float64",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp('UTC')",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: money is int64 cents, an instant is UTC, a ratio is float64 and may be null."""

    name: str
    kind: Kind
    description: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """A table's name, columns and, for a landed one, the column that says which day a row lands on."""

    name: str
    description: str
    columns: tuple[Column, ...]
    lands_by: str = "day"

    @property
    def schema(self) -> ibis.Schema:
        return ibis.schema({column.name: _IBIS[column.kind] for column in self.columns})

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def _columns(*rows: tuple[str, Kind, str] | tuple[str, Kind, str, bool]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


_OPTIONAL = True

_LANDED: Final = (
    Contract(
        "revenue_records",
        "Money booked, a row per ledger line; refunds and credits are negative.",
        _columns(
            ("record_id", "string", "Identity of the ledger line."),
            ("account_id", "string", "Account that pays; empty where the source does not say.", _OPTIONAL),
            ("booked_at", "timestamp", "Instant of booking, UTC."),
            ("kind", "string", "What was booked: subscription, upgrade, refund …"),
            ("amount_cents", "int64", "Amount in cents, negative for money given back."),
            ("currency", "string", "ISO 4217 code."),
        ),
        lands_by="booked_at",
    ),
    Contract(
        "expense_records",
        "Money spent, a row per ledger line; a line without an account is shared by all.",
        _columns(
            ("record_id", "string", "Identity of the ledger line."),
            ("booked_on", "date", "Day of booking."),
            ("category", "string", "What was paid for: salaries, infrastructure, licences …"),
            ("account_id", "string", "Account the cost belongs to; empty for a shared cost.", _OPTIONAL),
            ("amount_cents", "int64", "Amount in cents, positive for money spent."),
            ("currency", "string", "ISO 4217 code."),
        ),
        lands_by="booked_on",
    ),
    Contract(
        "account_events",
        "What happened to an account's subscription.",
        _columns(
            ("event_id", "string", "Identity of the event."),
            ("account_id", "string", "Account concerned."),
            ("occurred_at", "timestamp", "Instant it took effect, UTC."),
            ("kind", "string", "signup, renewal, cancellation, reactivation or seat_change."),
            ("seats", "int64", "Seats held after the event; 0 after a cancellation."),
        ),
        lands_by="occurred_at",
    ),
    Contract(
        "experiment_assignments",
        "Which variant of an experiment an account was given.",
        _columns(
            ("experiment_id", "string", "Experiment."),
            ("account_id", "string", "Account assigned."),
            ("variant", "string", "control, or the name of the treatment."),
            ("assigned_at", "timestamp", "Instant of the assignment, UTC."),
        ),
        lands_by="assigned_at",
    ),
    Contract(
        "usage_events",
        "What users did, as received; may hold duplicates and late arrivals.",
        _columns(
            ("event_id", "string", "Identity given by the client; repeats when it sends twice."),
            ("account_id", "string", "Account of the user."),
            ("user_id", "string", "User who acted."),
            ("occurred_at", "timestamp", "Instant of the action by the client's clock, UTC."),
            ("ingested_at", "timestamp", "Instant the event reached us, UTC."),
            ("feature", "string", "Feature used."),
            ("platform", "string", "web, ios, android or api."),
        ),
        lands_by="ingested_at",
    ),
    Contract(
        "feedback",
        "What users said of the product.",
        _columns(
            ("feedback_id", "string", "Identity of the form."),
            ("account_id", "string", "Account of the writer."),
            ("submitted_at", "timestamp", "Instant of submission, UTC."),
            ("score", "int64", "0 (worst) to 10 (best)."),
            ("comment", "string", "Free text; never trusted, always escaped.", _OPTIONAL),
        ),
        lands_by="submitted_at",
    ),
    Contract(
        "control_totals",
        "What the accounting filing says each source should hold for a day.",
        _columns(
            ("source", "string", "Landed table the total is about."),
            ("day", "date", "Day by the source's landing column."),
            ("rows", "int64", "Rows in the filing."),
            ("amount_cents", "int64", "Sum in cents; 0 for a source without money."),
        ),
    ),
)

_PERIOD: Final = (
    ("day", "date", "Day the figures are as of (UTC)."),
    ("grain", "string", "day, week (Monday first) or month; the period that holds `day`."),
    ("period_start", "date", "First day of the period."),
    ("period_end", "date", "First day after the period."),
    ("is_complete", "boolean", "Whether `day` is the last day of the period."),
    ("days_with_data", "int64", "Days of the period so far that have rows upstream."),
    ("days_so_far", "int64", "Days of the period up to and with `day`."),
)

_COMPUTED: Final = (
    Contract(
        "profit",
        "Profit of every account on every day it has records or holds seats.",
        _columns(
            ("day", "date", "Day of booking (UTC)."),
            ("account_id", "string", "Account; empty for money no account explains.", _OPTIONAL),
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
        _columns(
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
        _columns(
            ("day", "date", "Day the readout is as of (UTC)."),
            ("experiment_id", "string", "Experiment."),
            ("variant", "string", "Variant."),
            ("accounts", "int64", "Accounts assigned so far."),
            ("profit_cents", "int64", "Their profit since assignment, cents."),
            ("mean_profit_cents", "float64", "Profit per account, cents.", _OPTIONAL),
            ("difference_cents", "float64", "Mean less the control's mean; empty for control.", _OPTIONAL),
            ("ci_low_cents", "float64", "Lower end of the 95 % interval of the difference.", _OPTIONAL),
            ("ci_high_cents", "float64", "Upper end of the 95 % interval of the difference.", _OPTIONAL),
            ("sample_ratio_p", "float64", "p-value of an even split over the variants.", _OPTIONAL),
        ),
    ),
    Contract(
        "growth",
        "Every account that held seats at the start or the end of a day, and what changed.",
        _columns(
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
        _columns(
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
        _columns(
            ("day", "date", "Day the events occurred (UTC)."),
            ("account_id", "string", "Account of the user."),
            ("user_id", "string", "User."),
            ("events", "int64", "Distinct events."),
            ("sessions", "int64", "Sessions begun; 30 minutes without an event end one."),
            ("active_seconds", "int64", "Time between events of one session, on the day of the later one."),
            ("features", "int64", "Distinct features used."),
            ("late_events", "int64", "Distinct events that reached us after the day they occurred."),
            ("duplicate_events", "int64", "Repeats that were dropped."),
        ),
    ),
    Contract(
        "aggregate_profit",
        "Profit of the company by day, week and month to date.",
        _columns(
            *_PERIOD,
            ("accounts", "int64", "Accounts with revenue in the period so far."),
            ("revenue_cents", "int64", "Revenue net of refunds, cents."),
            ("direct_cost_cents", "int64", "Expenses booked on accounts, cents."),
            ("allocated_cost_cents", "int64", "Shared expenses, cents."),
            ("profit_cents", "int64", "Revenue less all cost, cents."),
            ("margin", "float64", "Profit over revenue, a ratio; empty without revenue.", _OPTIONAL),
        ),
    ),
    Contract(
        "aggregate_growth",
        "Growth of the company by day, week and month to date.",
        _columns(
            *_PERIOD,
            ("opening_accounts", "int64", "Accounts with seats at the start of the period."),
            ("closing_accounts", "int64", "Accounts with seats at the end of `day`."),
            ("new_accounts", "int64", "Accounts with seats for the first time."),
            ("reactivated_accounts", "int64", "Accounts that came back."),
            ("churned_accounts", "int64", "Accounts that gave up their last seat."),
            ("closing_seats", "int64", "Seats at the end of `day`."),
            ("growth_ratio", "float64", "Net change over opening accounts; empty without any.", _OPTIONAL),
            ("churn_ratio", "float64", "Churned over opening accounts; empty without any.", _OPTIONAL),
        ),
    ),
    Contract(
        "aggregate_engagement",
        "Engagement of all users by day, week and month to date, beside what they said.",
        _columns(
            *_PERIOD,
            ("active_accounts", "int64", "Accounts with an event in the period so far."),
            ("active_users", "int64", "Users with an event in the period so far."),
            ("events", "int64", "Distinct events."),
            ("sessions", "int64", "Sessions begun."),
            ("active_seconds", "int64", "Time in sessions, seconds."),
            ("feedback_forms", "int64", "Feedback forms received."),
            ("sessions_per_user", "float64", "Sessions over active users; empty without any.", _OPTIONAL),
            ("mean_score", "float64", "Mean feedback score, 0 to 10; empty without forms.", _OPTIONAL),
        ),
    ),
    Contract(
        "investor_report",
        "The figures investors are told, over profit, growth and engagement, by day, week and month to date.",
        _columns(
            *_PERIOD[:5],
            ("revenue_cents", "int64", "Revenue net of refunds, cents.", _OPTIONAL),
            ("profit_cents", "int64", "Profit, cents.", _OPTIONAL),
            ("margin", "float64", "Profit over revenue, a ratio.", _OPTIONAL),
            ("closing_accounts", "int64", "Accounts with seats at the end of `day`.", _OPTIONAL),
            ("growth_ratio", "float64", "Net change of accounts over opening accounts.", _OPTIONAL),
            ("churn_ratio", "float64", "Churned over opening accounts.", _OPTIONAL),
            ("active_users", "int64", "Users with an event.", _OPTIONAL),
            ("sessions_per_user", "float64", "Sessions over active users.", _OPTIONAL),
            ("profit_per_account_cents", "float64", "Profit over closing accounts, cents.", _OPTIONAL),
            ("coverage", "float64", "Least share of days with data over the three parts, 0 to 1."),
        ),
    ),
)


def _by_name(contracts: Iterable[Contract]) -> dict[str, Contract]:
    return {contract.name: contract for contract in contracts}


LANDED: Final[dict[str, Contract]] = _by_name(_LANDED)
COMPUTED: Final[dict[str, Contract]] = _by_name(_COMPUTED)
CONTRACTS: Final[dict[str, Contract]] = LANDED | COMPUTED
