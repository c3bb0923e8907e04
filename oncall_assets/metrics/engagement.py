"""Engagement from events as received: each counted once, on its day, however late or often it came."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import ibis

from oncall_assets.metrics.contracts import COMPUTED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.exact import short_quotient, total
from oncall_assets.metrics.periods import distinct_to_date, to_date

_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
SESSION_GAP: Final = 30 * _MINUTE
LATEST: Final = 48 * _HOUR
EARLIEST: Final = 14 * _HOUR


def engagement(usage_events: ibis.Table, days: Days) -> ibis.Table:
    """A row per day, account and user with an event, per contract `engagement`.

    `usage_events` holds at least what was ingested from the day before `days` to two days after; more
    changes nothing. The rules, each tested by that name:

    - An event is admitted up to and with 48 hours after it occurred by the client's clock. A clock that
      is ahead is trusted up to 14 hours, the widest offset of a time zone; beyond that it is broken.
    - Of several admitted events with one identity the first to reach us counts (of two at one instant,
      the one that occurred first). A copy that came before the day before is out of reach and does not
      count against it (for the last half-hour of a day, which the next day's sessions read: before the
      day itself), since a day must not depend on how much else was loaded.
    - A session is a user's events with at most 30 minutes, equality included, from one to the next. It
      belongs to the day it begins, also across midnight; its seconds belong to the day of the later
      event of each pair.
    - A repeat is booked on the day and user it names itself, a row of 0 events where that is all.
    """
    marked = _mark_repeats(_admitted(usage_events))
    timed = _time_since_last(marked.filter(marked.occurred_at >= days.start - timedelta(minutes=30)))
    within = timed.filter(timed.occurred_at >= days.start, timed.occurred_at < days.end).mutate(
        day=ibis._.occurred_at.date(), arrived_on=ibis._.ingested_at.date()
    )
    first = ~within.repeat
    begins = within.gap.isnull() | (within.gap > SESSION_GAP)
    users = within.mutate(active=(first & ~begins).ifelse(within.gap, 0), begins=first & begins)
    counted = users.group_by("day", "account_id", "user_id").aggregate(
        events=users.count(where=~users.repeat),
        sessions=users.count(where=users.begins),
        active_seconds=short_quotient(total(users.active), ibis.literal(_SECOND)),
        features=users.feature.nunique(where=~users.repeat),
        late_events=users.count(where=~users.repeat & (users.arrived_on > users.day)),
        duplicate_events=users.count(where=users.repeat),
    )
    return COMPUTED["engagement"].shape(counted)


def aggregate_engagement(engagement: ibis.Table, feedback: ibis.Table, days: Days) -> ibis.Table:
    """A row per day and grain of `days`, also without data, per contract `aggregate_engagement`.

    Both tables hold the days from the start of the earliest week or month on. A user is one of their
    account. Feedback belongs to the day it was submitted; it makes no day one with data.
    """
    sums = ("events", "sessions", "active_seconds")
    daily = engagement.group_by("day").aggregate(**{name: total(engagement[name]) for name in sums})
    dated = feedback.mutate(day=feedback.submitted_at.date())
    forms = dated.group_by("day").aggregate(feedback_forms=dated.count(), score=total(dated.score))
    active = engagement.filter(engagement.events > 0)
    periods = to_date(daily, days)
    for part in (
        distinct_to_date(active, ["account_id"], days, "active_accounts"),
        distinct_to_date(active, ["account_id", "user_id"], days, "active_users"),
        to_date(forms, days).select("day", "grain", "feedback_forms", "score"),
    ):
        periods = periods.join(part, ["day", "grain"])
    return COMPUTED["aggregate_engagement"].shape(
        periods.mutate(
            sessions_per_user=periods.sessions / periods.active_users.nullif(0),
            mean_score=periods.score / periods.feedback_forms.nullif(0),
        )
    )


def _admitted(events: ibis.Table) -> ibis.Table:
    delay = events.ingested_at.delta(events.occurred_at, unit="microsecond")
    return events.filter(delay.between(-EARLIEST, LATEST))


def _mark_repeats(events: ibis.Table) -> ibis.Table:
    """The events with `repeat`: whether one of the same identity reached us before, and in reach."""
    arrival = ibis.window(
        group_by=events.event_id,
        order_by=[
            events.ingested_at,
            events.occurred_at,
            events.account_id,
            events.user_id,
            events.feature,
            events.platform,
        ],
    )
    previous = events.ingested_at.lag().over(arrival)
    # An event shortly before midnight matters to the next day's sessions, whose reach is a day shorter:
    # hence half an hour less than the day that leads to the day before.
    reach = (events.occurred_at - ibis.interval(minutes=23 * 60 + 30)).date()
    return events.mutate(repeat=(previous.date() >= reach).fill_null(False))


def _time_since_last(events: ibis.Table) -> ibis.Table:
    """The events with `gap`: microseconds since the user's last one, null at the first; repeats apart."""
    user = ibis.window(group_by=[events.account_id, events.user_id, events.repeat], order_by=events.occurred_at)
    return events.mutate(gap=events.occurred_at.delta(events.occurred_at.lag().over(user), unit="microsecond"))
