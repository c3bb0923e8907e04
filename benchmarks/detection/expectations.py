"""A rival: what a careful engineer would write down for the same tables in pandera, by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import pandas as pd
import pandera.pandas as pandera
import pyarrow.compute as pc

from benchmarks.detection.detector import PANDERA, WITH_FILING, Detector
from benchmarks.detection.nights import Night
from oncall_assets.metrics.days import Days

_FILING: Final = "rows and cents as filed"
_INSTANT: Final = "datetime64[us, UTC]"
_ACCOUNT: Final = r"^acct-\d{6}$"
_SAME_WEEKDAYS: Final = 4
_MANY: Final = 1_000

_Columns = dict[str, pandera.Column]
_Frame = Callable[[pd.DataFrame], Any]


def expectations() -> list[Detector]:
    """As written by hand, once without the accounting filing and once with a check against it in code."""
    tables = frozenset(_COLUMNS)
    return [
        Detector(PANDERA, PANDERA, tables, lambda night, table: bool(broken(night, table) - {_FILING}), each=True),
        Detector(WITH_FILING, WITH_FILING, tables, lambda night, table: bool(broken(night, table)), each=True),
    ]


@lru_cache(maxsize=8)
def broken(night: Night, table: str) -> frozenset[str]:
    """The expectations that the night's table does not meet, by name."""
    schema = pandera.DataFrameSchema(_COLUMNS[table](night), _checks(night, table), strict=True)
    try:
        schema.validate(night.tonight(table).to_pandas(), lazy=True)
    except pandera.errors.SchemaErrors as found:
        return frozenset(str(name) for name in found.failure_cases["check"])
    return frozenset()


def _checks(night: Night, table: str) -> list[pandera.Check]:
    named = dict(_OVER_ROWS.get(table, {}))
    if table in _LANDED:
        least, most = _usual(night, table)
        named["as many rows as usual"] = lambda rows: least <= len(rows) <= most
        named[_FILING] = _as_filed(night, table)
    return [pandera.Check(check, name=name) for name, check in named.items()]


def _usual(night: Night, table: str) -> tuple[float, float]:
    """Bounds of the row count: a fifth less or a quarter more than on the four same weekdays before."""
    days = [night.day - timedelta(weeks=week + 1) for week in range(_SAME_WEEKDAYS)]
    counts = [night.past.tables[table][day].num_rows for day in days]
    # Of few rows, chance alone makes many more or fewer.
    below, above = (0.8, 1.25) if min(counts) >= _MANY else (0.5, 2.0)
    return below * min(counts), above * max(counts)


def _as_filed(night: Night, table: str) -> _Frame:
    filed = night.past.read("control_totals", Days.one(night.day))
    (total,) = filed.filter(pc.equal(filed["source"], table)).to_pylist()

    def check(rows: pd.DataFrame) -> bool:
        cents = int(rows["amount_cents"].sum()) if "amount_cents" in rows else 0
        return (len(rows), cents) == (total["rows"], total["amount_cents"])

    return check


def _text(*values: str) -> pandera.Column:
    return pandera.Column(str, pandera.Check.isin(values) if values else None)


def _key() -> pandera.Column:
    return pandera.Column(str, unique=True)


def _account(*, mostly: bool = False) -> pandera.Column:
    """Filled, or filled in 99 % of the rows."""
    checks = [pandera.Check.str_matches(_ACCOUNT)]
    if mostly:
        filled = pandera.Check(lambda column: column.isna().mean() <= 0.01, ignore_na=False, name="mostly filled")
        checks.append(filled)
    return pandera.Column(str, checks, nullable=mostly)


def _number(at_least: float | None = None, at_most: float | None = None, kind: type = int) -> pandera.Column:
    checks = [pandera.Check.ge(at_least)] if at_least is not None else []
    checks += [pandera.Check.le(at_most)] if at_most is not None else []
    return pandera.Column(kind, checks, nullable=kind is float)


def _tonight(night: Night) -> pandera.Column:
    start, end = pd.Timestamp(night.days.start), pd.Timestamp(night.days.end)
    return pandera.Column(_INSTANT, [pandera.Check.ge(start), pandera.Check.lt(end)])


def _revenue(night: Night) -> _Columns:
    return {
        "record_id": _key(),
        "account_id": _account(mostly=True),
        "booked_at": _tonight(night),
        "kind": _text("subscription", "upgrade", "refund"),
        "amount_cents": _number(-1_000_000, 1_000_000),
        "currency": _text("USD"),
    }


def _expenses(night: Night) -> _Columns:
    return {
        "record_id": _key(),
        "booked_on": pandera.Column(object, pandera.Check.eq(night.day)),
        "category": _text("salaries", "infrastructure", "licences"),
        "account_id": pandera.Column(str, pandera.Check.str_matches(_ACCOUNT), nullable=True),
        "amount_cents": _number(-50_000_000, 50_000_000),
        "currency": _text("USD"),
    }


def _events(night: Night) -> _Columns:
    return {
        "event_id": _key(),
        "account_id": _account(),
        "occurred_at": _tonight(night),
        "kind": _text("signup", "renewal", "cancellation", "reactivation", "seat_change"),
        "seats": _number(0, 100_000),
    }


def _assignments(night: Night) -> _Columns:
    return {
        "experiment_id": _text("premium-support", "new-onboarding"),
        "account_id": _account(),
        "variant": _text("control", "treatment"),
        "assigned_at": _tonight(night),
    }


def _usage(night: Night) -> _Columns:
    return {
        "event_id": pandera.Column(str),
        "account_id": _account(),
        "user_id": pandera.Column(str, pandera.Check.str_matches(r"^user-\d{6}-\d{2}$")),
        "occurred_at": pandera.Column(_INSTANT),
        "ingested_at": _tonight(night),
        "feature": pandera.Column(str),
        "platform": _text("web", "ios", "android", "api"),
    }


def _feedback(night: Night) -> _Columns:
    return {
        "feedback_id": _key(),
        "account_id": _account(),
        "submitted_at": _tonight(night),
        "score": _number(0, 10),
        "comment": pandera.Column(str, nullable=True),
    }


def _period(night: Night) -> _Columns:
    return {
        "day": pandera.Column(object, pandera.Check.eq(night.day)),
        "grain": pandera.Column(str, pandera.Check.isin(["day", "week", "month"]), unique=True),
        "period_start": pandera.Column(object),
        "period_end": pandera.Column(object),
        "is_complete": pandera.Column(bool),
    }


def _figures(counts: str, ratios: str, at_most: float) -> Callable[[Night], _Columns]:
    """A period's counts, none of them negative but profit, and its ratios."""

    def columns(night: Night) -> _Columns:
        least = {name: None if name == "profit_cents" else 0 for name in counts.split()}
        floats = {name: _number(-at_most, at_most, float) for name in ratios.split()}
        return _period(night) | {name: _number(low) for name, low in least.items()} | floats

    return columns


_DAYS: Final = "days_with_data days_so_far "
_LANDED: Final[dict[str, Callable[[Night], _Columns]]] = {
    "revenue_records": _revenue,
    "expense_records": _expenses,
    "account_events": _events,
    "experiment_assignments": _assignments,
    "usage_events": _usage,
    "feedback": _feedback,
}
_COLUMNS: Final[dict[str, Callable[[Night], _Columns]]] = _LANDED | {
    "aggregate_profit": _figures(
        _DAYS + "accounts revenue_cents direct_cost_cents allocated_cost_cents profit_cents", "margin", 100
    ),
    "aggregate_growth": _figures(
        _DAYS
        + "opening_accounts closing_accounts new_accounts reactivated_accounts churned_accounts closing_seats",
        "growth_ratio churn_ratio",
        1,
    ),
    "aggregate_engagement": _figures(
        _DAYS + "active_accounts active_users events sessions active_seconds feedback_forms",
        "sessions_per_user mean_score",
        100,
    ),
    "investor_report": _figures(
        "revenue_cents profit_cents closing_accounts active_users",
        "margin growth_ratio churn_ratio sessions_per_user profit_per_account_cents coverage",
        1_000_000,
    ),
}
# What the columns of one row, or all rows of a table, must be to one another.
_OVER_ROWS: Final[dict[str, dict[str, _Frame]]] = {
    "experiment_assignments": {
        "an account once in an experiment": lambda t: ~t.duplicated(["experiment_id", "account_id"]),
    },
    "usage_events": {
        "occurred before it came": lambda t: t["occurred_at"] <= t["ingested_at"],
        "at most 5 % after 48 hours": lambda t: (
            (t["ingested_at"] - t["occurred_at"] > timedelta(hours=48)).mean() <= 0.05
        ),
        "at most 2 % twice": lambda t: t["event_id"].duplicated().mean() <= 0.02,
    },
    "aggregate_profit": {
        "profit is revenue less cost": lambda t: (
            t["profit_cents"] == t["revenue_cents"] - t["direct_cost_cents"] - t["allocated_cost_cents"]
        ),
    },
    "aggregate_growth": {
        "closing is opening and what changed": lambda t: (
            t["closing_accounts"]
            == t["opening_accounts"] + t["new_accounts"] + t["reactivated_accounts"] - t["churned_accounts"]
        ),
    },
    "aggregate_engagement": {"sessions have events": lambda t: t["sessions"] <= t["events"]},
    "investor_report": {
        "profit by account is a quotient": lambda t: (
            (t["profit_per_account_cents"] * t["closing_accounts"] - t["profit_cents"]).abs() < 0.5
        ),
    },
}
