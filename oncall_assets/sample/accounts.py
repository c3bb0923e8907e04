"""The life of every account, day by day, so that money, usage and growth tell one story."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from oncall_assets.sample.changes import AccountDay, Change, Changes, Traits
from oncall_assets.sample.company import Company
from oncall_assets.sample.landing import HOUR
from oncall_assets.sample.seasons import season, weekly
from oncall_assets.sample.spelling import Integers

# Fees are due every thirty days from the anniversary: calendar months would put twice the revenue on
# the 30th of a short month, and a check of day over day would call at every month's end.
CYCLE_DAYS: Final = 30
MOST_SEATS: Final = 99

# Changes take effect in these hours, so that a session running past midnight still finds its seats.
EARLIEST_CHANGE: Final = 6 * HOUR
LATEST_CHANGE: Final = 22 * HOUR

# Chances a day, but for churn, which is the chance at each renewal.
SIGNUPS: Final = 0.0016
CHURN: Final = 0.022
MID_TERM_CANCELLATION: Final = 0.0001
COMEBACK: Final = 0.003
EXPANSION: Final = 0.006
CONTRACTION: Final = 0.002

_PLANS: Final = np.array([1_200, 2_500, 4_900])
_PLAN_SHARES: Final = (0.50, 0.35, 0.15)
_UTC_OFFSETS: Final = np.array([-8, -5, 0, 1, 8])
_UTC_OFFSET_SHARES: Final = (0.20, 0.30, 0.20, 0.25, 0.05)


class Accounts:
    """All accounts that ever were, advanced a day at a time, in order of days."""

    def __init__(self, company: Company) -> None:
        chance = company.chance("opening stock", company.first_day)
        self._company = company
        self._traits = _traits(chance, company.accounts)
        self._seats = _first_seats(chance, company.accounts)
        self._last_seats = self._seats.copy()
        self._anniversary = company.first_day.toordinal() - chance.integers(0, CYCLE_DAYS, company.accounts)

    def live(self, day: date) -> AccountDay:
        """Let `day` pass. On the first day the stock's sign-ups land at 00:00, without a fee."""
        chance = self._company.chance("accounts", day)
        morning = self._seats
        changes = self._changes_of_holders(chance, day)
        arrivals = self._arrivals(chance, day)
        if day == self._company.first_day:
            arrivals = _opening(self._seats).joined(arrivals)
        evening = np.concatenate([morning, np.zeros(len(self._traits.keenness) - len(morning), np.int64)])
        evening[arrivals.account] = arrivals.after
        evening[changes.account] = changes.after
        self._remember(day, evening, changes)
        together = arrivals.joined(changes)
        ordered = together.where(np.argsort(together.at, kind="stable"))
        before = np.concatenate([morning, np.zeros(len(evening) - len(morning), np.int64)])
        return AccountDay(day, self._traits, before, evening, ordered)

    def _changes_of_holders(self, chance: np.random.Generator, day: date) -> Changes:
        """At most one change a day for each account already known."""
        seats, count = self._seats, len(self._seats)
        days_in = (day.toordinal() - self._anniversary) % CYCLE_DAYS
        fate, turn = chance.random(count), chance.random(count) / weekly(day)
        steps = chance.geometric(0.5, count)
        held = seats > 0
        due = held & (days_in == 0)
        leaves = held & (fate < np.where(due, CHURN, MID_TERM_CANCELLATION))
        returns = ~held & (fate < COMEBACK)
        settled = held & ~due & ~leaves
        grows = settled & (turn < EXPANSION) & (seats < MOST_SEATS)
        shrinks = settled & (turn >= EXPANSION) & (turn < EXPANSION + CONTRACTION) & (seats > 1)
        stays = due & ~leaves
        cases = [leaves, returns, grows, shrinks, stays]
        smaller, larger = np.maximum(seats - steps, 1), np.minimum(seats + steps, MOST_SEATS)
        after = np.select(cases, [np.zeros_like(seats), self._last_seats, larger, smaller, seats])
        kinds = [Change.CANCELLATION, Change.REACTIVATION, Change.SEAT_CHANGE, Change.SEAT_CHANGE, Change.RENEWAL]
        kind = np.select(cases, [np.full(count, int(kind)) for kind in kinds])
        everyone = Changes(
            account=np.arange(count),
            at=_hours(chance, count),
            kind=kind,
            before=seats,
            after=after,
            pays=stays | returns,
            days_left=CYCLE_DAYS - days_in,
        )
        return everyone.where(np.flatnonzero(leaves | returns | grows | shrinks | stays))

    def _arrivals(self, chance: np.random.Generator, day: date) -> Changes:
        known = len(self._seats)
        count = int(chance.poisson(self._company.accounts * SIGNUPS * season(day)))
        seats = _first_seats(chance, count)
        self._traits = self._traits.joined(_traits(chance, count))
        self._last_seats = np.concatenate([self._last_seats, seats])
        self._anniversary = np.concatenate([self._anniversary, np.full(count, day.toordinal())])
        return _signups(np.arange(known, known + count), _hours(chance, count), seats, pays=True)

    def _remember(self, day: date, evening: Integers, changes: Changes) -> None:
        back = changes.account[changes.kind == Change.REACTIVATION]
        self._anniversary[back] = day.toordinal()
        self._last_seats = np.where(evening > 0, evening, self._last_seats)
        self._seats = evening


def _traits(chance: np.random.Generator, count: int) -> Traits:
    return Traits(
        seat_price=_PLANS[chance.choice(len(_PLANS), count, p=_PLAN_SHARES)],
        utc_offset=_UTC_OFFSETS[chance.choice(len(_UTC_OFFSETS), count, p=_UTC_OFFSET_SHARES)],
        keenness=0.4 + 1.2 * chance.beta(3, 3, count),
    )


def _first_seats(chance: np.random.Generator, count: int) -> Integers:
    """Mostly small teams: half have five seats or fewer, the mean is near seven."""
    return np.clip(np.rint(chance.lognormal(np.log(5), 0.8, count)), 1, 60).astype(np.int64)


def _hours(chance: np.random.Generator, count: int) -> Integers:
    return chance.integers(EARLIEST_CHANGE, LATEST_CHANGE, count)


def _opening(seats: Integers) -> Changes:
    return _signups(np.arange(len(seats)), np.zeros(len(seats), np.int64), seats, pays=False)


def _signups(account: Integers, at: Integers, seats: Integers, *, pays: bool) -> Changes:
    none = np.zeros(len(account), np.int64)
    kind = np.full(len(account), int(Change.SIGNUP))
    return Changes(account, at, kind, none, seats, np.full(len(account), pays), none)
