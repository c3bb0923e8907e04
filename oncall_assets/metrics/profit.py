"""Profit by account and day and for the company to date, in whole cents that add up."""

from __future__ import annotations

from typing import Final

import ibis

from oncall_assets.metrics.allocation import allocate
from oncall_assets.metrics.contracts import COMPUTED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.exact import total
from oncall_assets.metrics.periods import distinct_to_date, to_date

_CENTS: Final = ("revenue_cents", "direct_cost_cents", "allocated_cost_cents")
_MEASURES: Final = ("revenue_records", *_CENTS)


def profit(revenue_records: ibis.Table, expense_records: ibis.Table, growth: ibis.Table, days: Days) -> ibis.Table:
    """A row per day and account that has records or ends the day with seats, per contract `profit`.

    Costs without an account are shared by the accounts' closing seats of the day, from `growth`. On a
    day when nobody holds seats they go on the row without an account, as does revenue nobody is named
    for. All amounts are taken to be in one currency: that is for the sources' checks to see to.
    """
    revenue = revenue_records.filter(
        revenue_records.booked_at >= days.start, revenue_records.booked_at < days.end
    ).mutate(day=ibis._.booked_at.date(), revenue_records=1, revenue_cents=ibis._.amount_cents)
    expenses = expense_records.filter(expense_records.booked_on.between(days.first, days.last)).mutate(
        day=ibis._.booked_on
    )
    direct = expenses.filter(expenses.account_id.notnull()).mutate(direct_cost_cents=ibis._.amount_cents)
    holders = growth.filter(growth.day.between(days.first, days.last), growth.closing_seats > 0).select(
        "day", "account_id", seats=growth.closing_seats
    )
    lines = ibis.union(*(_line(part) for part in (revenue, direct, *_shared(expenses, holders), holders)))
    booked = lines.group_by("day", "account_id").aggregate(**{name: total(lines[name]) for name in _MEASURES})
    return COMPUTED["profit"].shape(booked.mutate(profit_cents=_profit_cents(booked)))


def aggregate_profit(profit: ibis.Table, days: Days) -> ibis.Table:
    """A row per day and grain of `days`, also without data, per contract `aggregate_profit`.

    `profit` holds the days from the start of the earliest week or month on (37 days before always do).
    """
    daily = profit.group_by("day").aggregate(**{name: total(profit[name]) for name in _CENTS})
    paying = profit.filter(profit.revenue_records > 0, profit.account_id.notnull())
    accounts = distinct_to_date(paying, ["account_id"], days, "accounts")
    periods = to_date(daily, days).join(accounts, ["day", "grain"])
    sums = periods.mutate(profit_cents=_profit_cents(periods))
    earned = (sums.revenue_cents > 0).ifelse(sums.revenue_cents, ibis.null("int64"))
    return COMPUTED["aggregate_profit"].shape(sums.mutate(margin=sums.profit_cents / earned))


def _shared(expenses: ibis.Table, holders: ibis.Table) -> tuple[ibis.Table, ibis.Table]:
    """The shares of those who hold seats, and the whole amount of the days when nobody does."""
    shared = expenses.filter(expenses.account_id.isnull())
    amounts = shared.group_by("day").aggregate(amount_cents=total(shared.amount_cents))
    held = allocate(amounts, holders).rename(allocated_cost_cents="allocated_cents")
    unheld = amounts.anti_join(holders, "day").select(
        "day", account_id=ibis.null("string"), allocated_cost_cents=amounts.amount_cents
    )
    return held, unheld


def _line(part: ibis.Table) -> ibis.Table:
    """The part as (day, account_id, measures), 0 for a measure it says nothing about."""
    measures = {name: part[name] if name in part.columns else ibis.literal(0) for name in _MEASURES}
    return part.select("day", "account_id", **{name: value.cast("int64") for name, value in measures.items()})


def _profit_cents(table: ibis.Table) -> ibis.Value:
    return table.revenue_cents - table.direct_cost_cents - table.allocated_cost_cents
