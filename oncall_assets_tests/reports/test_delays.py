"""Those who wait for a report hear in time that it is late and when to expect it, and later that it is there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook.team import Team
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.notify.layout import blocks
from oncall_assets.reports.delays import Delays
from oncall_assets.reports.gate.judgement import Hold, Kind
from oncall_assets_tests.incidents.conftest import new_database
from oncall_assets_tests.reports.desks import DUE, KEY, MINUTE, PERIOD, Office, office, rows, team_with

HOUR = 60 * MINUTE
MISSED = [Hold("missing", "17 rows")]
LATE = f"Aggregate profit for {PERIOD} will be late"
THERE = f"Aggregate profit for {PERIOD} is there now"
OWNER, AUDIENCE = "metric_owner.profit", "audience.stakeholders.all@example.com"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Office]:
    """Nothing is held yet."""
    with office(tmp_path) as made:
        yield made


def delays(one: Office) -> Delays:
    return Delays(one.handbook, one.ledger)


def late(one: Office, now: datetime, *kinds: Kind, held_at: datetime | None = None) -> bool:
    """Held, by what says so at `held_at`, and a look then whether somebody is to be told."""
    one.book.hold(KEY, PERIOD, ["profit has 17 rows and not 1234."], DUE, held_at or now)
    return delays(one).late(one.occasion, [Hold(kind, "17 rows") for kind in kinds or ("missing",)], now)


def there(one: Office, now: datetime, by: str | None = None) -> bool:
    one.book.over(KEY, PERIOD, now)
    return delays(one).there(one.occasion, now - MINUTE, by, now)


def expected(one: Office) -> list[str]:
    """What the metric owner was told to expect, each time."""
    return [
        rows(notice)["Expected"] for notice in one.notices() if notice.to.key == OWNER and notice.title != THERE
    ]


def test_nobody_is_told_more_than_half_an_hour_before_it_is_due(one: Office) -> None:
    assert not late(one, DUE - 30 * MINUTE - timedelta(seconds=1))
    assert [] == one.titles()
    assert late(one, DUE - 30 * MINUTE)
    assert [f"{OWNER}: {LATE}", f"{AUDIENCE}: {LATE}"] == one.titles()


def test_what_is_not_held_is_not_late(one: Office) -> None:
    assert not delays(one).late(one.occasion, MISSED, DUE)
    one.book.hold(KEY, PERIOD, ["profit is not there."], DUE, DUE - HOUR)
    one.book.over(KEY, PERIOD, DUE - MINUTE)
    assert not delays(one).late(one.occasion, MISSED, DUE)
    assert [] == one.titles()


def test_a_notice_names_times_and_reasons_but_no_figure_and_nothing_that_was_found(one: Office) -> None:
    late(one, DUE - 20 * MINUTE, "check", "missing", "check", held_at=DUE - HOUR)
    notice = one.notices()[0]
    assert (
        ("Expected", "2026-01-07 09:00 UTC (Wed 09:00 Europe/London)"),
        ("Was due", "2026-01-07 06:00 UTC (Wed 06:00 Europe/London)"),
        ("Waits for", "a check of its data that failed"),
        ("Waits for", "data that is not there yet"),
        ("", "You need not do anything; you are told when it is sent."),
    ) == notice.rows
    assert "17" not in str(notice.model_dump()).replace(PERIOD, "")
    assert [5] == [len(group) for group in blocks(notice)]


def test_one_address_in_two_places_is_told_once_and_only_the_report_s_own_audiences_are(tmp_path: Path) -> None:
    book = team_with(tmp_path)
    audiences = {"investors": ["ir@example.com"], "stakeholders": ["f@example.com", "b@example.com"]}
    book = replace(book, team=book.team.model_copy(update={"audiences": audiences}))
    with office(tmp_path, book=book) as one:
        late(one, DUE)
        assert [OWNER, "audience.stakeholders.b@example.com"] == [notice.to.key for notice in one.notices()]


def test_after_it_was_due_the_notice_says_that_it_is_late(one: Office) -> None:
    late(one, DUE)
    assert f"Aggregate profit for {PERIOD} is late" == one.notices()[0].title


@pytest.mark.parametrize(
    ("held", "now", "at"),
    [
        # Four hours to resolve what is critical, from when it was held first.
        (DUE - HOUR, DUE - 30 * MINUTE, "09:00"),
        # That hour is over, and nobody mends it in less than half an hour.
        (DUE - 6 * HOUR, DUE + 10 * MINUTE, "06:40"),
        # What is expected when it is due is not late.
        (DUE - 6 * HOUR, DUE - 30 * MINUTE, "06:30"),
        # A minute that has begun is named whole.
        (DUE, DUE + timedelta(seconds=1), "10:00"),
        (DUE + timedelta(seconds=1), DUE + timedelta(seconds=1), "10:01"),
    ],
)
def test_it_is_expected_in_the_time_to_resolve_and_never_at_once(
    one: Office, held: datetime, now: datetime, at: str
) -> None:
    one.book.hold(KEY, PERIOD, ["profit is not there."], DUE, held)
    delays(one).late(one.occasion, MISSED, now)
    assert [f"2026-01-07 {at} UTC (Wed {at} Europe/London)"] == expected(one)


def test_what_ends_by_itself_is_waited_for(one: Office) -> None:
    one.book.hold(KEY, PERIOD, ["events may come"], DUE, DUE)
    reasons = [Hold("late events", "events may come", DUE + 18 * HOUR), *MISSED]
    delays(one).late(one.occasion, reasons, DUE)
    assert ["2026-01-08 00:00 UTC (Thu 00:00 Europe/London)"] == expected(one)


def test_they_are_told_once_and_again_only_when_the_time_that_was_named_has_passed(one: Office) -> None:
    told = [late(one, DUE + minutes * MINUTE) for minutes in range(0, 9 * 60, 10)]
    assert [0, 24, 48] == [number for number, was in enumerate(told) if was]
    assert ["10:00", "14:00", "18:00"] == [text[11:16] for text in expected(one)]
    hold = one.book.hold_of(KEY, PERIOD)
    assert hold is not None
    assert (DUE + 8 * HOUR, DUE + 12 * HOUR) == (hold.told_at, hold.expected_at)


def test_who_was_told_hears_once_that_it_is_there(one: Office) -> None:
    late(one, DUE)
    before = len(one.titles())
    assert [True, False, False] == [there(one, DUE + HOUR), there(one, DUE + HOUR), there(one, DUE + 2 * HOUR)]
    assert [f"{OWNER}: {THERE}", f"{AUDIENCE}: {THERE}"] == one.titles()[before:]
    assert (
        ("Sent", "2026-01-07 06:59 UTC (Wed 06:59 Europe/London)"),
        ("Was due", "2026-01-07 06:00 UTC (Wed 06:00 Europe/London)"),
    ) == one.notices()[-1].rows


def test_what_was_in_time_after_all_is_no_news_to_who_heard_nothing(one: Office) -> None:
    late(one, DUE - HOUR)
    assert not there(one, DUE)
    assert [] == one.titles()


def test_a_second_hold_of_the_same_edition_is_told_again_and_its_end_once(one: Office) -> None:
    late(one, DUE)
    one.book.over(KEY, PERIOD, DUE + MINUTE)
    assert late(one, DUE + 10 * MINUTE)
    one.book.over(KEY, PERIOD, DUE + 20 * MINUTE)
    # And a third that ended before anybody was told of it.
    one.book.hold(KEY, PERIOD, ["profit is not there."], DUE, DUE + 21 * MINUTE)
    assert there(one, DUE + HOUR)
    assert not there(one, DUE + HOUR)
    assert ["10:00", "10:10"] == sorted({text[11:16] for text in expected(one)})
    assert 1 == len({notice.id for notice in one.notices() if notice.title == THERE})


def test_who_is_no_longer_of_an_audience_hears_no_more(one: Office) -> None:
    late(one, DUE)
    one.handbook = replace(one.handbook, team=_without_stakeholders(one.handbook.team))
    there(one, DUE + HOUR)
    assert [OWNER] == [notice.to.key for notice in one.notices() if notice.title == THERE]


def _without_stakeholders(team: Team) -> Team:
    return team.model_copy(
        update={"audiences": {"investors": ["ir@example.com"], "stakeholders": ["n@example.com"]}}
    )


def test_a_released_edition_says_who_released_it(one: Office) -> None:
    late(one, DUE)
    there(one, DUE + HOUR, "Ben Baker")
    assert "by Ben Baker although it was held; the report says why" == rows(one.notices()[-1])["Released"]


def test_delays_of_other_days_and_reports_are_not_mixed_up(one: Office) -> None:
    late(one, DUE)
    other = replace(one.occasion, days=one.occasion.days.widen(before=1))
    assert not delays(one).there(other, DUE, None, DUE)


def test_letters_go_by_the_team_s_channels_whoever_has_their_secrets(one: Office) -> None:
    late(one, DUE)
    with one.ledger.reading() as connection:
        found = connection.exec_driver_sql("SELECT person, channel FROM outbox ORDER BY id").all()
    assert [(OWNER, "email"), (AUDIENCE, "email")] == [*map(tuple, found)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_daemons_at_once_tell_once(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = (
        f"sqlite:///{tmp_path / 'ledger.sqlite'}"
        if database == "sqlite"
        else new_database(request.getfixturevalue("postgres_url"))
    )
    with office(tmp_path, url) as one, Ledger(url) as other:
        one.book.hold(KEY, PERIOD, ["profit is not there."], DUE, DUE)
        desks = [Delays(one.handbook, ledger) for ledger in (one.ledger, other) * 3]
        with ThreadPoolExecutor(6) as pool:
            nows = [DUE + number * timedelta(seconds=40) for number in range(6)]
            told = list(pool.map(lambda desk, now: desk.late(one.occasion, MISSED, now), desks, nows))
            assert [True] == [was for was in told if was]
            one.book.over(KEY, PERIOD, DUE + HOUR)
            ended = list(pool.map(lambda desk: desk.there(one.occasion, DUE, None, DUE + HOUR), desks))
        by_title = [notice.title for notice in one.notices() if notice.to.key == OWNER]
        assert [True, False] == ["late" in title for title in by_title]
        assert THERE == by_title[-1]
        assert any(ended)
