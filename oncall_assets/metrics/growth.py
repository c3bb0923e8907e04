"""Growth: which accounts came, grew, shrank, left and came back, by day and to date."""

from __future__ import annotations

from typing import Final

import ibis

from oncall_assets.metrics.assignments import first_assignments
from oncall_assets.metrics.contracts import COMPUTED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.exact import total
from oncall_assets.metrics.periods import each_day, to_date

_TALLIED: Final = {
    "new_accounts": "new",
    "reactivated_accounts": "reactivated",
    "churned_accounts": "churned",
    "expanded_accounts": "expanded",
    "contracted_accounts": "contracted",
}
_GROUP: Final = ("day", "experiment_id", "variant")


def growth(account_events: ibis.Table, days: Days) -> ibis.Table:
    """A row per day and account with seats at its start or its end, per contract `growth`.

    `account_events` is the full history; events after `days` change nothing. An account holds what its
    latest event says, of two at one instant the one with the later event_id, and nothing after a
    cancellation whatever that says. Only the start and the end of a day count: an account that comes
    and goes within a day has no row, but is `reactivated`, not `new`, when it comes another day.
    """
    spells = _spells(account_events, days)
    calendar = each_day(days)
    covered = calendar.join(spells, [spells.since <= calendar.day, calendar.day < spells.until])
    held = covered.select(
        "day",
        "account_id",
        "first_on",
        opening_seats=(covered.day == covered.since).ifelse(covered.before, covered.seats),
        closing_seats=covered.seats,
    )
    rows = held.filter((held.opening_seats > 0) | (held.closing_seats > 0))
    return COMPUTED["growth"].shape(rows.mutate(transition=_transition(rows)))


def daily_growth(growth: ibis.Table, experiment_assignments: ibis.Table, days: Days) -> ibis.Table:
    """A row per day for the company and for every variant so far, also empty, per `daily_growth`.

    An account counts for the variant it was first given, from the day of the assignment on.
    """
    first = first_assignments(experiment_assignments, days)
    assigned = growth.join(first, "account_id")
    everybody = growth.mutate(experiment_id=ibis.literal("company"), variant=ibis.literal("all"))
    members = ibis.union(
        everybody, assigned.filter(assigned.assigned_on <= assigned.day).select(everybody.columns)
    )
    tally = _tally(members, _GROUP)
    rows = _groups(first, days).left_join(tally, list(_GROUP))
    counts = {name: rows[name].fill_null(0) for name in tally.columns if name not in _GROUP}
    return COMPUTED["daily_growth"].shape(rows.select(*_GROUP, **counts))


def aggregate_growth(growth: ibis.Table, days: Days) -> ibis.Table:
    """A row per day and grain of `days`, also without data, per contract `aggregate_growth`.

    `growth` holds the days from the start of the earliest week or month on. What the period opened
    with is what its first day did; without rows for that day it is 0 and the ratios are empty. Net
    change is accounts new and back less those gone, which is closing less opening when no day is
    missing and stays sensible when one is.
    """
    tally = _tally(growth, ("day",))
    flows = tally.select("day", "new_accounts", "reactivated_accounts", "churned_accounts")
    opening = tally.select("day", "opening_accounts")
    closing = tally.select("day", "closing_accounts", "closing_seats")
    periods = to_date(flows, days)
    opened = periods.left_join(opening, periods.period_start == opening.day).drop("day_right")
    rows = opened.left_join(closing, "day").drop("day_right")
    stocks = ("opening_accounts", "closing_accounts", "closing_seats")
    known = rows.mutate(**{name: rows[name].fill_null(0) for name in stocks})
    held = known.opening_accounts.nullif(0)
    net = known.new_accounts + known.reactivated_accounts - known.churned_accounts
    return COMPUTED["aggregate_growth"].shape(
        known.mutate(growth_ratio=net / held, churn_ratio=known.churned_accounts / held)
    )


def _spells(account_events: ibis.Table, days: Days) -> ibis.Table:
    """(account_id, since, until, before, seats, first_on): the days an account ends with the same seats.

    `until` is the day after the last, `before` the seats held when the spell began, `first_on` the
    account's first day with seats. A spell without seats is cut to the day it begins, so that accounts
    long gone are not carried through every day.
    """
    events = account_events.filter(account_events.occurred_at < days.end).mutate(
        since=ibis._.occurred_at.date(),
        seats=(ibis._.kind == "cancellation").ifelse(0, ibis._.seats),
    )
    seated_on = (events.seats > 0).ifelse(events.since, ibis.null("date"))
    latest_first = ibis.window(
        group_by=[events.account_id, events.since],
        order_by=[events.occurred_at.desc(), events.event_id.desc()],
    )
    ranked = events.mutate(
        place=ibis.row_number().over(latest_first),
        first_on=seated_on.min().over(group_by=events.account_id),
    )
    closings = ranked.filter(ranked.place == 0)
    history = ibis.window(group_by=closings.account_id, order_by=closings.since)
    next_since = closings.since.lead().over(history).fill_null(days.end.date())
    spells = closings.select(
        "account_id",
        "since",
        "seats",
        "first_on",
        before=closings.seats.lag().over(history).fill_null(0),
        until=(closings.seats > 0).ifelse(next_since, closings.since + ibis.interval(days=1)),
    )
    return spells.filter(spells.until > days.first)


def _transition(rows: ibis.Table) -> ibis.Value:
    before, after = rows.opening_seats, rows.closing_seats
    return ibis.cases(
        ((before <= 0) & (rows.first_on == rows.day), "new"),
        (before <= 0, "reactivated"),
        (after <= 0, "churned"),
        (after > before, "expanded"),
        (after < before, "contracted"),
        else_="retained",
    )


def _tally(rows: ibis.Table, keys: tuple[str, ...]) -> ibis.Table:
    return rows.group_by(*keys).aggregate(
        **{name: rows.count(where=rows.transition == word) for name, word in _TALLIED.items()},
        opening_accounts=rows.count(where=rows.opening_seats > 0),
        closing_accounts=rows.count(where=rows.closing_seats > 0),
        opening_seats=total(rows.opening_seats),
        closing_seats=total(rows.closing_seats),
    )


def _groups(first: ibis.Table, days: Days) -> ibis.Table:
    """(day, experiment_id, variant) for the company and each variant that has had an assignment."""
    variants = first.group_by("experiment_id", "variant").aggregate(since=first.assigned_on.min())
    calendar = each_day(days)
    company = calendar.mutate(experiment_id=ibis.literal("company"), variant=ibis.literal("all"))
    begun = calendar.join(variants, variants.since <= calendar.day)
    return ibis.union(company, begun.select(*_GROUP))
