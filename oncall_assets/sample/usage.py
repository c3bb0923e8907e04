"""Usage as clients really send it: in sessions, by season, some of it twice and some of it late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from oncall_assets.sample.changes import AccountDay, Change
from oncall_assets.sample.company import SESSIONS_PER_USER_DAY, Company
from oncall_assets.sample.landing import HOUR, MICROSECONDS, Landing, instants, midnight, rows
from oncall_assets.sample.seasons import season
from oncall_assets.sample.spelling import Integers, account_ids, record_ids, spell

# Shares of the distinct events; an event meets at most one of the three fates.
DUPLICATE_SHARE: Final = 0.010
LATE_SHARE: Final = 0.020
TOO_LATE_SHARE: Final = 0.001
# Of the duplicates, those sent again the next day; the others follow within minutes.
NEXT_DAY_SHARE: Final = 0.10
# Ingested so long after they occurred; everything else arrives within minutes.
LATE: Final = (1 * HOUR, 47 * HOUR)
TOO_LATE: Final = (49 * HOUR, 120 * HOUR)

FEATURES: Final = ("editor", "search", "dashboard", "comments", "share", "export", "integrations", "settings")
FEATURE_SHARES: Final = (0.34, 0.18, 0.16, 0.12, 0.08, 0.06, 0.04, 0.02)
PLATFORMS: Final = ("web", "ios", "android", "api")
PLATFORM_SHARES: Final = (0.62, 0.16, 0.14, 0.08)

ACTIVE_SHARE: Final = 0.50
"""Of the users of an account of average keenness, on an ordinary working day."""
PAUSE: Final = 150 * MICROSECONDS
"""Mean time between two events of a session."""
# A session may run past midnight, but not into the hours when accounts change.
LATEST_EVENT: Final = 26 * HOUR


@dataclass(frozen=True, slots=True)
class Acts:
    """What users did on a day, one entry per event."""

    account: Integers
    user: Integers
    """Place in the list of the day's users."""
    at: Integers
    """Microseconds since midnight UTC."""
    platform: Integers

    def where(self, chosen: npt.NDArray[np.bool_]) -> Acts:
        return Acts(self.account[chosen], self.user[chosen], self.at[chosen], self.platform[chosen])


class Usage:
    """The stream of usage, day by day, in order of days; late events wait for the day they land on."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._landing = Landing("usage_events")

    def receive(self, life: AccountDay) -> pa.Table:
        """The `usage_events` ingested on the day, in order of arrival."""
        chance = self._company.chance("usage", life.day)
        account, seat = _users(chance, life)
        acts = self._acts(chance, life, account)
        sent, delay = _deliveries(chance, len(acts.at))
        ingested = acts.at[sent] + delay
        arrival = np.argsort(ingested)
        self._landing.add(_table(chance, life, acts, _names(account, seat), sent[arrival], ingested[arrival]))
        return self._landing.take(life.day)

    def _acts(self, chance: np.random.Generator, life: AccountDay, account: Integers) -> Acts:
        sessions = 1 + chance.poisson(SESSIONS_PER_USER_DAY - 1, len(account))
        user = np.repeat(np.arange(len(account)), sessions)
        start = _starts(chance, life.traits.utc_offset[account][user])
        platform = _pick(chance, PLATFORM_SHARES, len(user))
        length = chance.geometric(min(1.0, SESSIONS_PER_USER_DAY / self._company.events_per_user_day), len(user))
        session = np.repeat(np.arange(len(user)), length)
        pause = (chance.standard_exponential(len(session), dtype=np.float32) * PAUSE).astype(np.int64)
        elapsed = np.cumsum(pause)
        first = np.cumsum(length) - length
        at = start[session] + elapsed - elapsed[first][session]
        acts = Acts(account[user][session], user[session], at, platform[session])
        since, until = _open_hours(life)
        return acts.where((acts.at >= since[acts.account]) & (acts.at < until[acts.account]))


def _users(chance: np.random.Generator, life: AccountDay) -> tuple[Integers, Integers]:
    """Account and seat of everyone who comes that day; on a day of change, by the fewer seats."""
    both = (life.morning > 0) & (life.evening > 0)
    seats = np.where(both, np.minimum(life.morning, life.evening), np.maximum(life.morning, life.evening))
    account = np.repeat(np.arange(len(seats)), seats)
    seat = np.arange(len(account)) - np.repeat(np.cumsum(seats) - seats, seats)
    willing = np.minimum(ACTIVE_SHARE * season(life.day) * life.traits.keenness, 0.95)
    comes = chance.random(len(account)) < willing[account]
    return account[comes], seat[comes]


def _open_hours(life: AccountDay) -> tuple[Integers, Integers]:
    """Since and until when each account has seats, in microseconds since midnight."""
    changes = life.changes
    since = np.zeros(len(life.evening), np.int64)
    until = np.full(len(life.evening), LATEST_EVENT)
    opens = np.isin(changes.kind, (Change.SIGNUP, Change.REACTIVATION))
    closes = changes.kind == Change.CANCELLATION
    since[changes.account[opens]] = changes.at[opens]
    until[changes.account[closes]] = changes.at[closes]
    return since, until


def _starts(chance: np.random.Generator, utc_offset: Integers) -> Integers:
    """When sessions start: about half past ten or half past three, where the account is."""
    count = len(utc_offset)
    local = chance.standard_normal(count) * 2 + np.where(chance.random(count) < 0.6, 10.5, 15.5)
    return ((local - utc_offset) % 24 * HOUR).astype(np.int64)


def _deliveries(chance: np.random.Generator, count: int) -> tuple[Integers, Integers]:
    """(event, delay in microseconds) of every delivery of `count` events."""
    delay = (chance.standard_exponential(count, dtype=np.float32) * 20 * MICROSECONDS).astype(np.int64) + 1
    fate = chance.random(count)
    late = np.flatnonzero(fate < LATE_SHARE)
    too_late = np.flatnonzero((fate >= LATE_SHARE) & (fate < LATE_SHARE + TOO_LATE_SHARE))
    twice = np.flatnonzero(fate >= 1 - DUPLICATE_SHARE)
    delay[late] = chance.integers(*LATE, len(late))
    delay[too_late] = chance.integers(*TOO_LATE, len(too_late))
    soon = (chance.standard_exponential(len(twice)) * 90 * MICROSECONDS).astype(np.int64) + 1
    next_day = chance.integers(20 * HOUR, 28 * HOUR, len(twice))
    again = delay[twice] + np.where(chance.random(len(twice)) < NEXT_DAY_SHARE, next_day, soon)
    return np.concatenate([np.arange(count), twice]), np.concatenate([delay, again])


def _names(account: Integers, seat: Integers) -> pa.Array:
    return spell("user-", (account, 6), "-", (seat, 2))


def _table(
    chance: np.random.Generator, life: AccountDay, acts: Acts, names: pa.Array, sent: Integers, ingested: Integers
) -> pa.Table:
    start = midnight(life.day)
    features = _pick(chance, FEATURE_SHARES, len(acts.at))
    accounts = account_ids(np.arange(len(life.evening)))
    return rows(
        "usage_events",
        {
            "event_id": record_ids("event", life.day, sent),
            "account_id": accounts.take(pa.array(acts.account[sent])),
            "user_id": names.take(pa.array(acts.user[sent])),
            "occurred_at": instants(start + acts.at[sent]),
            "ingested_at": instants(start + ingested),
            "feature": pa.array(FEATURES).take(pa.array(features[sent])),
            "platform": pa.array(PLATFORMS).take(pa.array(acts.platform[sent])),
        },
    )


def _pick(chance: np.random.Generator, shares: tuple[float, ...], count: int) -> Integers:
    return np.searchsorted(np.cumsum(shares)[:-1], chance.random(count), side="right").astype(np.int64)
