"""Shared cost is split by largest remainder, so that the parts add up to the cent on every engine."""

from __future__ import annotations

import ibis

from oncall_assets.metrics.exact import WIDE, quotient, short_quotient, total


def allocate(amounts: ibis.Table, holders: ibis.Table) -> ibis.Table:
    """Split each day's amount over that day's holders in proportion to their seats.

    Takes (day, amount_cents), a row per day, and (day, account_id, seats), a row per account with
    seats above 0. Gives (day, account_id, allocated_cents) for the days that have both; over a day
    they add up to the amount exactly, and each is within one cent of its proportional share.

    The largest-remainder method (Hamilton's): everybody gets the whole cents of their share, and the
    cents left go one each to the largest remainders, equal ones in the order of account_id. A negative
    amount, as of a credit note, is split as its opposite. Amounts up to 2^62 cents and 2^31 seats a
    day are exact; beyond that the engine reports an overflow.
    """
    shares = _whole_shares(_portions(amounts, holders), holders)
    by_day = ibis.window(group_by=shares.day)
    by_remainder = ibis.window(group_by=shares.day, order_by=[shares.remainder.desc(), shares.account_id])
    ranked = shares.mutate(
        remainders=shares.remainder.sum().over(by_day).cast(WIDE).cast("int64"),
        place=ibis.row_number().over(by_remainder),
    )
    spare = short_quotient(ranked.remainders, ranked.total_seats)
    share = ranked.whole + (ranked.place < spare).ifelse(1, 0)
    return ranked.select("day", "account_id", allocated_cents=ranked.sign * share)


def _portions(amounts: ibis.Table, holders: ibis.Table) -> ibis.Table:
    """Per day: total_seats, the sign, the cents every seat gets, and the cents left after that."""
    seats = holders.group_by("day").aggregate(total_seats=total(holders.seats))
    sized = amounts.join(seats, "day").mutate(size=ibis._.amount_cents.abs())
    return sized.select(
        "day",
        "total_seats",
        sign=(sized.amount_cents < 0).ifelse(-1, 1),
        each=quotient(sized.size, sized.total_seats),
        left=sized.size % sized.total_seats,
    )


def _whole_shares(portions: ibis.Table, holders: ibis.Table) -> ibis.Table:
    """Per account: the whole cents of its share and the remainder, in parts of total_seats."""
    # left < total_seats, so this product fits where amount × seats would not.
    rows = holders.join(portions, "day").mutate(product=ibis._.left * ibis._.seats)
    return rows.select(
        "day",
        "account_id",
        "sign",
        "total_seats",
        whole=rows.each * rows.seats + short_quotient(rows["product"], rows.total_seats),
        remainder=rows["product"] % rows.total_seats,
    )
