"""Editions as people may get them: an ordinary day, a month with everything in it, and one of strange texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from oncall_assets.reports.edition import Amount, Edition, Figure, Override, Restatement, Unit, Value


def figure(
    name: str,
    unit: Unit,
    series: list[tuple[date, Amount | None]],
    year_ago: Value | None = None,
    *,
    means: str = "What is left of revenue after all costs of the period.",
    calculation: str = "Sum of revenue less direct cost less allocated cost.",
) -> Figure:
    """A figure whose value and the one before are the last two of its series."""
    now, before = (
        Value(amount=amount) if amount is not None else Value(why="the period has no rows")
        for _, amount in (series[-1], series[-2])
    )
    return Figure(
        name=name, column=name.lower().replace(" ", "_"), unit=unit, means=means, calculation=calculation,
        now=now, before=before, year_ago=year_ago or Value(why="no data a year before"), series=tuple(series),
    )  # fmt: skip


def days(amounts: list[Amount | None], last: date = date(2026, 10, 6)) -> list[tuple[date, Amount | None]]:
    """The amounts of days in a row, up to `last`."""
    return [(last - timedelta(days=len(amounts) - 1 - number), amount) for number, amount in enumerate(amounts)]


def months(amounts: list[Amount | None]) -> list[tuple[date, Amount | None]]:
    """The amounts of months in a row, up to October 2026."""
    ends = 2026 * 12 + 9
    firsts = range(ends - len(amounts) + 1, ends + 1)
    return [(date(at // 12, at % 12 + 1, 1), amount) for at, amount in zip(firsts, amounts, strict=True)]


_WAVE = [0, 3, 5, 4, 6, -3, -4]
_PROFIT = [4_180_000_00 + _WAVE[n % 7] * 91_234_56 + n * 9_871_13 for n in range(30)]
_REVENUE = [9_310_000_00 + _WAVE[n % 7] * 181_234_51 + n * 12_871_13 for n in range(30)]

DAILY = Edition(
    report="aggregate_profit_daily",
    title="Aggregate profit",
    pipeline="aggregate_profit",
    team="Data engineering",
    table="aggregate_profit",
    grain="day",
    first=date(2026, 10, 6),
    last=date(2026, 10, 6),
    zone="America/New_York",
    currency="USD",
    locale="en_US",
    due=datetime(2026, 10, 7, 10, tzinfo=UTC),
    composed_at=datetime(2026, 10, 7, 10, 0, 4, tzinfo=UTC),
    computed_at=datetime(2026, 10, 7, 6, 12, tzinfo=UTC),
    coverage=1.0,
    figures=(
        figure(
            "Profit",
            "money",
            days([*_PROFIT]),
            Value(amount=3_402_117_09),
        ),
        figure(
            "Revenue",
            "money",
            days([*_REVENUE]),
            Value(amount=8_120_402_33),
            means="Money booked in the period, net of refunds and credits.",
            calculation="Sum of the amounts of all revenue records booked on the period's days.",
        ),
        figure(
            "Margin",
            "ratio",
            days([profit / revenue for profit, revenue in zip(_PROFIT, _REVENUE, strict=True)]),
            Value(amount=0.419),
            means="The share of revenue that is left as profit.",
            calculation="Profit divided by revenue.",
        ),
        figure(
            "Paying accounts",
            "count",
            days([18_204 + n * 17 for n in range(30)]),
            Value(amount=15_880),
            means="Accounts with a paid subscription at the end of the period.",
            calculation="Accounts of the day before plus sign-ups and reactivations less cancellations.",
        ),
    ),
)

MONTHLY = DAILY.model_copy(
    update={
        "report": "investor_report_monthly",
        "title": "Investor report",
        "pipeline": "investor_report",
        "grain": "month",
        "first": date(2026, 10, 1),
        "last": date(2026, 10, 31),
        "due": datetime(2026, 11, 2, 13, tzinfo=UTC),
        "composed_at": datetime(2026, 11, 3, 2, 30, tzinfo=UTC),
        "computed_at": datetime(2026, 11, 1, 6, 12, tzinfo=UTC),
        "coverage": 0.99961,
        "figures": (
            figure("Profit", "money", months([81_200_00, 12_110_00, -44_310_05, None, 6_000_00, -120_334_19])),
            figure(
                "Revenue from subscriptions, services and marketplace, net of refunds, credits and chargebacks",
                "money",
                months([n * 1_310_457_313_99 for n in range(1, 14)]),
                Value(amount=1_310_457_313_99),
            ),
            figure("Churn", "ratio", months([0.031, 0.0305, None, 0.029, 0.0312, 0.0286]), Value(amount=0.033)),
            figure("Sessions per user", "number", months([3.1, 3.4, None]), Value(amount=3.9)),
            figure("Accounts won", "count", months([None, 412])),
        ),
        "caveats": (
            "Open incident 41 (minor): freshness of feedback is late by 3 hours; engagement is not affected",
            "Open incident 43 (minor): volume of usage_events is 12 % above what is usual for a Saturday",
        ),
        "restatements": (
            Restatement(
                figure="Profit", column="profit_cents", unit="money",
                first=date(2026, 9, 1), last=date(2026, 9, 30),
                sent=Value(amount=7_113_00), now=Value(amount=6_000_00),
                cause="expense_records of 2026-09-28 arrived on 2026-10-05, after the edition was sent",
            ),
            Restatement(
                figure="Churn", column="churn", unit="ratio",
                first=date(2026, 8, 1), last=date(2026, 8, 31),
                sent=Value(why="no accounts to compare with"), now=Value(amount=0.0312),
                cause="account_events of August were loaded again with the code of 2026-10-12",
            ),
        ),
        "provisional": "Late events are admitted until 2 November 2026, 00:00 UTC; engagement may still change.",
        "override": Override(
            by="Alice Johnson (alice)",
            at=datetime(2026, 11, 3, 2, 28, tzinfo=UTC),
            because="the board meets at 09:00 and has been told of the open check",
            holds=(
                "Check completeness of aggregate_profit failed for 2026-10-14: 99.31 % of the filing's total; "
                "expected at least 99.5 %.",
                "Incident 39 (critical) is open on aggregate_profit; resolve it or release the edition.",
            ),
        ),
    }
)  # fmt: skip

_UNITS: tuple[Unit, ...] = ("money", "count", "ratio", "number")

LARGE = MONTHLY.model_copy(
    update={
        "figures": tuple(
            figure(
                f"Figure number {number}",
                _UNITS[number % 4],
                months([(n + number) * 1003 if number % 4 < 2 else (n + number) / 37 for n in range(13)]),
                Value(amount=number * 10),
            )
            for number in range(24)
        )
    }
)


def strange(text: str, edition: Edition = MONTHLY) -> Edition:
    """`edition` with `text` wherever people or data may write, and without series, which take long to draw."""
    figures = (
        one.model_copy(
            update={
                "name": text,
                "column": text,
                "means": text,
                "calculation": text,
                "series": (),
                "now": one.now if number else Value(why=text),
                "year_ago": Value(why=text),
            }
        )
        for number, one in enumerate(edition.figures)
    )
    restated = (
        one.model_copy(update={"figure": text, "cause": text, "sent": Value(why=text)})
        for one in edition.restatements
    )
    override = edition.override and edition.override.model_copy(
        update={"by": text, "because": text, "holds": (text, text)}
    )
    texts = dict.fromkeys(("report", "title", "pipeline", "team", "table", "currency", "provisional"), text)
    found = {"figures": tuple(figures), "restatements": tuple(restated), "override": override, "caveats": (text,)}
    return edition.model_copy(update={**texts, **found})
