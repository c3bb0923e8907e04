"""Usage comes from people with seats, by season, in sessions, with as many flaws as promised."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from oncall_assets.sample import Company, tables
from oncall_assets.sample.seasons import WEEK
from oncall_assets.sample.usage import DUPLICATE_SHARE, LATE_SHARE, NEXT_DAY_SHARE, TOO_LATE_SHARE

HOUR = pd.Timedelta(hours=1)


@pytest.fixture(scope="module")
def deliveries(landed: dict[str, pa.Table]) -> pd.DataFrame:
    usage: pd.DataFrame = landed["usage_events"].to_pandas()
    return usage.assign(delay=usage.ingested_at - usage.occurred_at, day=usage.occurred_at.dt.floor("D"))


@pytest.fixture(scope="module")
def events(deliveries: pd.DataFrame, company: Company) -> pd.DataFrame:
    """Distinct events, of days early enough for every late one to have landed."""
    settled = deliveries[deliveries.day < company.calendar.end - pd.Timedelta(days=7)]
    return settled.drop_duplicates("event_id")


def test_every_act_is_by_somebody_who_has_a_seat_at_that_instant(landed: dict[str, pa.Table]) -> None:
    usage = landed["usage_events"].to_pandas().sort_values("occurred_at")
    changes = landed["account_events"].to_pandas().sort_values("occurred_at")
    held = pd.merge_asof(usage, changes[["occurred_at", "account_id", "seats"]], on="occurred_at", by="account_id")
    assert (held.seats > held.user_id.str[-2:].astype(int)).all()
    assert (held.user_id.str[5:11] == held.account_id.str[5:]).all()


def test_events_are_sent_twice_at_the_known_rate(deliveries: pd.DataFrame, events: pd.DataFrame) -> None:
    copies = deliveries[deliveries.event_id.isin(events.event_id)]
    again = copies[copies.duplicated("event_id")]
    assert DUPLICATE_SHARE == pytest.approx(len(again) / len(events), rel=0.1)
    assert NEXT_DAY_SHARE == pytest.approx((again.delay > 12 * HOUR).mean(), rel=0.2)
    assert 29 * HOUR > again.delay.max()
    assert 1 == copies.groupby("event_id")[["user_id", "occurred_at", "feature", "platform"]].nunique().max().max()


def test_events_are_late_at_the_known_rates(events: pd.DataFrame) -> None:
    admitted = events.delay.between(HOUR, 47 * HOUR)
    refused = events.delay > 48 * HOUR
    assert LATE_SHARE == pytest.approx(admitted.mean(), rel=0.1)
    assert TOO_LATE_SHARE == pytest.approx(refused.mean(), rel=0.3)
    assert not events.delay.between(47 * HOUR, 49 * HOUR, inclusive="neither").any()
    assert (events.delay > pd.Timedelta(0)).all()


def test_the_week_shows_in_the_events(events: pd.DataFrame) -> None:
    by_day = events.groupby("day").size()
    by_weekday = by_day.groupby(pd.DatetimeIndex(by_day.index).day_of_week).mean()
    ratios = by_weekday / by_weekday[0]
    assert [pytest.approx(ratio, abs=0.1) for ratio in WEEK] == ratios.to_list()


def test_the_year_shows_in_the_events() -> None:
    def events_of_a_week(first_day: str) -> int:
        company = Company(accounts=200, days=7, first_day=pd.Timestamp(first_day).date())
        return len(tables(company)["usage_events"])

    assert events_of_a_week("2026-12-21") < 0.8 * events_of_a_week("2026-11-23")


def test_events_come_in_sessions_as_many_as_asked(events: pd.DataFrame) -> None:
    ordered = events.sort_values(["user_id", "occurred_at"])
    gaps = ordered.groupby("user_id").occurred_at.diff()
    sessions = (gaps.isna() | (gaps > 0.5 * HOUR)).sum()
    user_days = ordered.groupby(["user_id", "day"]).ngroups
    assert 1.2 < sessions / user_days < 1.6
    assert 6.0 == pytest.approx(len(ordered) / user_days, rel=0.1)


def test_some_sessions_run_past_midnight(events: pd.DataFrame) -> None:
    ordered = events.sort_values(["user_id", "occurred_at"])
    close = ordered.groupby("user_id").occurred_at.diff() < 0.5 * HOUR
    assert (close & (ordered.day != ordered.groupby("user_id").day.shift())).any()


def test_twice_the_events_per_user_are_twice_the_events() -> None:
    few, many = (
        tables(Company(accounts=100, days=3, events_per_user_day=rate))["usage_events"].num_rows
        for rate in (5, 10)
    )
    assert 2.0 == pytest.approx(many / few, rel=0.1)
