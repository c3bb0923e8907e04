"""The desk asks for an edition when it is due and nothing holds it, again where a run failed, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.incidents.ledger.edition_records import HoldRecord
from oncall_assets.metrics.days import Days
from oncall_assets.reports.attempts import EDITION, Request
from oncall_assets.reports.cadence import Occasion, planned
from oncall_assets_tests.reports.desks import (
    DAILY,
    DUE,
    KEY,
    MINUTE,
    MISSING,
    PERIOD,
    PUBLISHED,
    Office,
    computed,
    office,
    team_with,
)

HOUR, DAY, SECOND = 60 * MINUTE, timedelta(days=1), timedelta(seconds=1)
FIRST = f"{KEY} {PERIOD}"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Office]:
    """Watched since midnight; the edition of the sixth is due at six on the seventh."""
    with office(tmp_path) as made:
        made.at(DUE - 6 * HOUR)
        yield made


def hold(one: Office, period: str = PERIOD) -> HoldRecord:
    found = one.book.hold_of(KEY, period)
    assert found is not None
    return found


def titles(one: Office) -> list[str]:
    """What the metric owner was told."""
    return [notice.title for notice in one.notices() if notice.to.key == "metric_owner.profit"]


def test_what_was_due_before_the_first_round_is_history(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        assert () == one.at(DUE + SECOND).requests
        assert [] == one.asks(DAY - 2 * SECOND)
        assert [f"{KEY} 2026-01-07"] == one.asks(SECOND)


def test_an_edition_is_asked_for_when_it_is_due_and_not_a_second_before(one: Office) -> None:
    assert () == one.at(DUE - SECOND).requests
    found = one.at(DUE)
    assert (Request("editions/profit_daily", PERIOD, FIRST, {EDITION: FIRST}),) == found.requests
    assert ("1 requested", ()) == (found.said, found.troubles)


def test_it_is_not_asked_for_again_while_it_is_under_way_nor_after_it_was_sent(one: Office) -> None:
    one.now = DUE
    assert [FIRST] == one.asks()
    assert [] == one.asks(MINUTE)
    one.becomes(one.last_run, dg.DagsterEventType.RUN_START)
    assert [] == one.asks(MINUTE)
    one.begins()
    assert [] == one.asks(MINUTE)
    assert "1 being sent" == one.at(one.now).said
    assert one.sends()
    assert [[]] * 40 == [one.asks(HOUR / 2) for _ in range(40)]


def test_two_daemons_and_one_that_forgets_ask_in_the_same_words(one: Office) -> None:
    first, forgetful = one.at(DUE).requests, one.at(DUE).requests
    one.memory.judged.clear()
    assert first == forgetful == one.at(DUE + 10 * SECOND).requests


def test_after_days_without_a_daemon_all_that_was_due_is_asked_for_the_oldest_first(one: Office) -> None:
    assert [f"{KEY} 2026-01-{day:02}" for day in (6, 7, 8)] == one.asks(DUE + 2 * DAY - one.now)


def test_what_was_due_more_than_a_week_ago_and_never_held_is_history(one: Office) -> None:
    one.now = DUE + 7 * DAY
    assert FIRST in [request.run_key for request in one.at(one.now).requests]
    assert FIRST not in [request.run_key for request in one.at(one.now + SECOND).requests]


def test_a_look_is_taken_as_early_as_is_needed_to_compute_it_once_more(one: Office) -> None:
    one.at(DUE - HOUR - SECOND)
    assert [] == one.judged
    one.at(DUE - HOUR)
    assert [(PERIOD, DUE - HOUR)] == one.judged


def test_how_long_its_table_takes_comes_before_the_hour_of_warning(one: Office) -> None:
    for day in range(3):
        computed(one.instance, PUBLISHED, DUE - 3 * DAY + day * HOUR, 20 * MINUTE)
    # It was asked at midnight, and is asked again within the hour.
    one.at(DUE - HOUR - 20 * MINUTE - SECOND)
    assert [] == one.judged
    one.at(DUE - HOUR - 20 * MINUTE)
    assert [(PERIOD, DUE - HOUR - 20 * MINUTE)] == one.judged


def test_a_held_edition_is_written_down_with_its_reasons_and_not_asked_for(one: Office) -> None:
    one.held[PERIOD] = (MISSING,)
    assert "1 held" == one.at(DUE - HOUR).said
    assert [] == one.asks(HOUR)
    assert ((MISSING.text,), DUE, DUE - HOUR, DUE, None) == (
        hold(one).reasons,
        hold(one).due,
        hold(one).held_at,
        hold(one).judged_at,
        hold(one).over_at,
    )


def test_the_gate_is_asked_once_a_minute_about_an_edition(one: Office) -> None:
    one.held[PERIOD] = (MISSING,)
    for seconds in range(0, 180, 20):
        one.at(DUE - HOUR + seconds * SECOND)
    assert [0, 60, 120] == [(at - DUE + HOUR).seconds for _, at in one.judged]


def test_what_holds_it_no_more_is_over_and_it_goes_out_when_it_is_due(one: Office) -> None:
    one.held[PERIOD] = (MISSING,)
    one.at(DUE - HOUR)
    one.held.clear()
    assert [] == one.asks(30 * MINUTE)
    assert DUE - 30 * MINUTE == hold(one).over_at
    assert [] == titles(one)
    assert [FIRST] == one.asks(30 * MINUTE)


def test_a_release_lets_it_go_although_it_is_held(one: Office) -> None:
    one.held[PERIOD] = (MISSING,)
    one.at(DUE)
    one.book.release(KEY, PERIOD, "ben", "the board meets now", [MISSING.text], DUE)
    assert [FIRST] == one.asks(SECOND)
    assert hold(one).over_at is not None
    assert one.sends()
    one.asks(MINUTE)
    assert [f"Aggregate profit for {PERIOD} is late", f"Aggregate profit for {PERIOD} is there now"] == titles(one)
    assert ("Released", "by Ben Baker although it was held; the report says why") in one.notices()[-1].rows


def test_a_release_before_it_is_due_waits_until_then(one: Office) -> None:
    one.held[PERIOD] = (MISSING,)
    one.at(DUE - HOUR)
    one.book.release(KEY, PERIOD, "ben", "we know of it", [MISSING.text], DUE - HOUR)
    assert [] == one.asks(HOUR - SECOND - timedelta(0))
    assert [FIRST] == one.asks(SECOND)


def test_those_who_wait_hear_of_a_delay_and_of_its_end_once(one: Office) -> None:
    one.held[PERIOD] = (MISSING,)
    one.now = DUE - HOUR
    for _ in range(8):
        one.asks(10 * MINUTE)
    one.held.clear()
    one.memory.judged.clear()
    assert [FIRST] == one.asks()
    one.sends()
    for _ in range(3):
        one.asks(MINUTE)
        one.memory.told.clear()
    assert [
        f"Aggregate profit for {PERIOD} will be late",
        f"Aggregate profit for {PERIOD} is there now",
    ] == titles(one)
    assert DUE - 30 * MINUTE == one.notices()[0].told_at


def test_what_cannot_be_judged_is_held_and_named(one: Office) -> None:
    one.held[PERIOD] = RuntimeError("the log is gone\nand more")
    found = one.at(DUE)
    assert () == found.requests
    assert (f"edition {FIRST} could not be judged: RuntimeError: the log is gone",) == found.troubles
    assert (
        "Whether it may be sent could not be judged: RuntimeError: the log is gone; mend that first.",
    ) == hold(one).reasons
    assert [f"Aggregate profit for {PERIOD} is late"] == titles(one)
    one.held.clear()
    assert [FIRST] == one.asks(MINUTE)


def test_a_fault_in_one_report_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(tmp_path, book=team_with(tmp_path, _TWO)) as one:
        one.at(DUE - HOUR)
        monkeypatch.setattr(one.instance, "report_runless_asset_event", _broken)
        one.place = None
        found = one.at(DUE - HOUR)
        assert [f"the countdown of {key}: OSError: no room" for key in ("profit_daily", "profit_early")] == [
            *found.troubles
        ]
        one.held[PERIOD] = OSError("no room")
        assert 2 == len(one.at(DUE).troubles[2:])
        assert [f"{key} 2026-01-07" for key in ("profit_daily", "profit_early")] == [
            request.run_key for request in one.at(DUE + DAY).requests
        ]


def _broken(_event: object) -> None:
    raise OSError("no room")


_TWO = DAILY + DAILY.partition("reports:\n")[2].replace("name: daily", "name: early")


def test_a_run_that_failed_before_it_began_to_send_is_followed_by_another_after_a_while(one: Office) -> None:
    one.now = DUE
    waits, key = [], FIRST
    for _ in range(6):
        assert [key] == one.asks()
        key = f"{FIRST} after {one.last_run}"
        one.now += MINUTE
        one.fails()
        ended = one.now
        while not one.at(one.now).requests:
            one.now += MINUTE
        waits.append((one.now - ended) // MINUTE)
    assert [5, 10, 20, 30, 30, 30] == waits


def test_a_run_that_died_while_it_sent_is_followed_by_another_when_its_claim_is_over(one: Office) -> None:
    one.now = DUE
    one.asks()
    one.becomes(one.last_run, dg.DagsterEventType.RUN_START)
    one.begins()
    # Dagster believes for hours that it runs.
    assert [] == one.asks(15 * MINUTE - SECOND)
    assert [f"{FIRST} after {one.last_run}"] == one.asks(SECOND)
    assert [] == one.asks(SECOND)
    assert one.sends()
    assert [] == one.asks(HOUR)


def test_a_run_that_died_is_waited_for_no_longer_than_its_claim_whenever_dagster_sees_it(one: Office) -> None:
    one.now = DUE
    one.asks()
    one.begins()
    assert [] == one.asks(14 * MINUTE)
    one.fails()
    assert [f"{FIRST} after {one.last_run}"] == one.asks(MINUTE)


def test_copies_that_wait_for_the_mail_server_are_asked_for_again(one: Office) -> None:
    one.now = DUE
    one.asks()
    claimed = one.begins()
    (copy,) = claimed.edition.copies  # type: ignore[union-attr]
    one.book.claim_copy(copy.id, one.now, one.now + MINUTE)
    one.book.copy_waits(copy.id, "the mail server is down", one.now)
    one.book.finish(claimed.edition.id, one.now)  # type: ignore[union-attr]
    one.fails()
    assert [] == one.asks(5 * MINUTE - SECOND)
    assert [f"{FIRST} after {one.last_run}"] == one.asks(SECOND)
    assert one.sends()


def test_a_copy_in_doubt_is_not_asked_for_until_somebody_says_that_it_did_not_arrive(one: Office) -> None:
    one.now = DUE
    one.asks()
    claimed = one.begins()
    (copy,) = claimed.edition.copies  # type: ignore[union-attr]
    one.book.claim_copy(copy.id, one.now, one.now + MINUTE)
    one.book.copy_doubtful(copy.id, "the line broke", one.now)
    one.book.finish(claimed.edition.id, one.now)  # type: ignore[union-attr]
    one.fails()
    assert [] == one.asks(HOUR)
    assert "1 in doubt" == one.at(one.now).said
    one.book.settle(copy.id, False, "ann", one.now)
    assert [f"{FIRST} after {one.last_run}"] == one.asks()


def test_what_is_not_sent_a_quarter_of_an_hour_after_the_first_try_is_held_and_told(one: Office) -> None:
    one.now = DUE
    one.asks()
    one.fails()
    failed = one.last_run
    one.asks(5 * MINUTE)
    one.becomes(one.last_run, dg.DagsterEventType.RUN_START)
    one.asks(10 * MINUTE - SECOND)
    assert [] == titles(one)
    assert [] == one.asks(SECOND)
    assert failed not in hold(one).reasons[0]
    assert (
        f"Run {one.last_run} of editions/profit_daily, which is to send it, is STARTED: open it and mend what it "
        "names; another one is asked for by itself.",
    ) == hold(one).reasons
    assert ("Waits for", "the mail, which could not be sent so far") in one.notices()[-1].rows
    one.fails()
    assert [f"{FIRST} after {one.last_run}"] == one.asks(10 * MINUTE)
    one.sends()
    one.asks()
    assert one.now == hold(one).over_at
    assert [f"Aggregate profit for {PERIOD} is late", f"Aggregate profit for {PERIOD} is there now"] == titles(one)


def test_a_daemon_that_was_away_when_it_was_due_tells_nobody_of_a_delay_that_is_over_in_a_minute(
    one: Office,
) -> None:
    one.now = DUE + HOUR
    assert [FIRST] == one.asks()
    assert [] == one.asks(14 * MINUTE)
    one.sends()
    one.asks(HOUR)
    assert ([], None) == (titles(one), one.book.hold_of(KEY, PERIOD))


def test_a_held_edition_is_looked_after_however_old_it_is_until_it_was_sent(one: Office) -> None:
    one.held[PERIOD] = (MISSING,)
    one.at(DUE)
    one.now = DUE + 30 * DAY
    assert FIRST not in one.asks()
    one.held.clear()
    assert FIRST in one.asks(MINUTE)
    run = one.runs[FIRST]
    assert hold(one).over_at is None
    one.becomes(run, dg.DagsterEventType.RUN_FAILURE)
    assert [f"{FIRST} after {run}"] == [key for key in one.asks(5 * MINUTE) if PERIOD in key]
    one.sends(one.runs[f"{FIRST} after {run}"])
    one.asks(MINUTE)
    assert hold(one).over_at is not None
    assert f"Aggregate profit for {PERIOD} is there now" == titles(one)[-1]


def test_what_no_report_promises_any_more_is_not_held_any_more(one: Office) -> None:
    one.book.hold("profit_weekly", "2026-01-05…2026-01-11", ["late"], DUE, DUE)
    one.book.hold(KEY, "2025-12-31", ["before the first day"], DUE, DUE)
    one.at(DUE)
    assert [] == one.book.holds()


def test_a_report_that_dagster_has_not_loaded_is_named(one: Office) -> None:
    desk = one.desk()
    found = type(desk)(desk.instance, desk.handbook, desk.ledger, frozenset(), desk.judge, desk.restated).round(
        one.place, DUE
    )
    assert () == found.requests
    assert (
        "editions/profit_daily is not in the code that Dagster has loaded; reload the code location",
    ) == found.troubles


def test_figures_that_changed_are_looked_for_in_each_round_and_a_fault_there_tells_no_figure(one: Office) -> None:
    one.restated = [object(), object()]
    assert "2 restated" == one.at(DUE - 2 * HOUR).said
    one.restated = ValueError("1234.56 is no value")
    found = one.at(DUE)
    assert ("figures as sent could not be compared with the tables: ValueError",) == found.troubles
    assert 1 == len(found.requests)


def counted(one: Office) -> list[dict[str, object]]:
    key = dg.AssetKey(["editions", "profit_daily"])
    records = one.instance.fetch_observations(key, limit=20, ascending=True).records
    said = [record.event_log_entry.asset_observation for record in records]
    return [{name: value.value for name, value in made.metadata.items()} for made in said if made]


def test_the_countdown_is_told_once_a_day_of_the_team_s_zone(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        for hours in (0, 1, 23, 24):
            # In summer the day begins at 23:00 UTC in London.
            one.at(datetime(2026, 7, 3, 22, 59, tzinfo=DUE.tzinfo) + hours * HOUR)
        assert one.place is not None
        assert {KEY: date(2026, 7, 4)} == {**one.place.counted_on}
        assert ["2026-07-04 05:00 UTC (Sat 06:00 Europe/London)"] * 2 == [
            said["next due"] for said in counted(one)
        ]
        assert [1, 0] == [said["days left"] for said in counted(one)]
        assert [1, 0] == [said["business days left"] for said in counted(one)]


_BOARD = DAILY.replace("period: day", "period: month").replace(
    'due: {at: "06:00"}', 'due: {at: "17:00", business_days: 2, before: board}'
)


def test_a_calendar_without_a_further_date_is_named_in_each_round_and_in_the_countdown(tmp_path: Path) -> None:
    book = team_with(tmp_path, _BOARD, "calendars: {board: [2026-02-10, 2026-03-10]}\n")
    with office(tmp_path, book=book) as one:
        words = "no date in calendar board after 2026-03-10; add the next ones to `calendars` of team.yaml"
        assert "nothing to do" == one.at(datetime(2026, 2, 27, tzinfo=DUE.tzinfo)).said
        assert [7, 5] == [counted(one)[0][name] for name in ("days left", "business days left")]
        assert f"1 requested; {KEY}: {words}" == one.at(datetime(2026, 3, 7, tzinfo=DUE.tzinfo)).said
        assert {"next due": words} == counted(one)[-1]


def test_two_reports_due_at_once_are_asked_for_each_and_the_older_days_first(tmp_path: Path) -> None:
    with office(tmp_path, book=team_with(tmp_path, _TWO)) as one:
        one.at(DUE - HOUR)
        found = one.at(DUE + DAY)
        assert [
            ("editions/profit_daily", "2026-01-06"),
            ("editions/profit_early", "2026-01-06"),
            ("editions/profit_daily", "2026-01-07"),
            ("editions/profit_early", "2026-01-07"),
        ] == [(request.asset, request.partition) for request in found.requests]


def test_an_edition_begun_by_nobody_s_request_is_known_too(one: Office) -> None:
    one.now = DUE
    days = Days.parse(PERIOD)
    one.begins("by hand", Occasion(planned(one.handbook)[0], days, DUE))
    assert [] == one.asks(15 * MINUTE - SECOND)
    assert [FIRST] == one.asks(SECOND)
