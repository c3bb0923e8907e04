"""Incidents that can wait for the morning wait for that of the person who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.escalation import Urgency
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.escalation import Held, Standing, clocks, due
from oncall_assets.rota import Rota
from oncall_assets_tests.incidents.policy.promises import handbook, promise, standing
from oncall_assets_tests.rota.teams import away, team, utc

HOUR = timedelta(hours=1)
WAITS: Urgency = "business_hours"

HOMES = {
    "ann": {"region": "GB-ENG", "timezone": "Europe/London"},
    "ben": {"region": "US-NY", "timezone": "America/New_York"},
    "cat": {"region": "AU-NSW", "timezone": "Australia/Sydney"},
}


def _team(**more: Any) -> Handbook:
    """Ann in London is on call in the weeks that ben in New York seconds her, and cat in Sydney owns profit."""
    pipelines = {"profit": promise(primary="cat", secondary=["ann"])}
    order = [("ann", "ben")]
    targets = {name: {"respond": "1h", "resolve": "24h"} for name in ("critical", "major", "minor")}
    fields = {"people": HOMES, "pipelines": pipelines, "severities": targets, **more}
    return handbook(team(zone="Europe/London", order=order, **fields))


BOOK = _team()
# A Tuesday: ann works from 09:00, ben from 14:00, cat from 22:00, all UTC.
NIGHT = utc("2026-02-10T02:00")
MORNING = utc("2026-02-10T09:00")


def _due(one: Standing, now: str, book: Handbook = BOOK) -> tuple[list[tuple[str, tuple[str, ...]]], list[Held]]:
    tellings, held = due(one, book, Rota(book), [], utc(now))
    return [(telling.step, telling.people) for telling in tellings], held


def _opened(book: Handbook = BOOK) -> Standing:
    return standing(book, NIGHT, WAITS, primary="ann")


def test_the_clock_of_what_is_urgent_starts_now() -> None:
    assert (NIGHT, NIGHT + HOUR, NIGHT + 24 * HOUR) == clocks(BOOK, "major", "any_time", "ann", NIGHT)


def test_the_clock_of_what_can_wait_starts_when_the_primary_next_works() -> None:
    assert (MORNING, MORNING + HOUR, MORNING + 24 * HOUR) == clocks(BOOK, "major", WAITS, "ann", NIGHT)
    assert MORNING + 3 * HOUR == clocks(BOOK, "major", WAITS, "ann", MORNING + 3 * HOUR)[0]


def test_where_nobody_is_on_call_the_clock_starts_when_the_first_of_all_works() -> None:
    assert NIGHT == clocks(BOOK, "major", WAITS, None, NIGHT)[0]
    assert utc("2026-02-10T09:00") == clocks(BOOK, "major", WAITS, None, utc("2026-02-10T07:00"))[0]


def test_nobody_is_told_before_the_morning_of_the_primary() -> None:
    why = "it can wait for business hours, from 2026-02-10 09:00 UTC (Tue 09:00 Europe/London)"
    assert ([], [Held(Reason.OFFICE_HOURS, MORNING, why)]) == _due(_opened(), "2026-02-10T08:59")
    assert ([("1.1 on_call.primary", ("ann",))], []) == _due(_opened(), "2026-02-10T09:00")


def test_the_clock_starts_after_a_holiday_of_the_primarys_own_region() -> None:
    good_friday = utc("2026-04-03T08:00")
    assert utc("2026-04-07T08:00") == clocks(BOOK, "major", WAITS, "ann", good_friday)[0]
    assert utc("2026-04-03T13:00") == clocks(BOOK, "major", WAITS, "ben", good_friday)[0]


def test_a_later_step_waits_for_the_morning_of_its_own_people() -> None:
    told = replace(_opened(), told=frozenset({"ann"}))
    tellings, (held,) = _due(told, "2026-02-10T10:00")
    assert ([], Reason.OFFICE_HOURS, utc("2026-02-10T14:00")) == (tellings, held.reason, held.until)
    why = "it waits for the business hours of Ben; Ben works from 2026-02-10 14:00 UTC (Tue 14:00 Europe/London)"
    assert why == held.why
    _, (ben, cat) = _due(told, "2026-02-10T13:59")
    assert (ben.until, cat.until) == (utc("2026-02-10T14:00"), utc("2026-02-10T22:00"))
    assert [("1.2 on_call.secondary", ("ben",))] == _due(told, "2026-02-10T14:00")[0]


def test_what_is_urgent_waits_for_nobodys_morning() -> None:
    urgent = replace(_opened(), urgency="any_time", told=frozenset({"ann"}))
    assert [("1.2 on_call.secondary", ("ben",))] == _due(urgent, "2026-02-10T10:00")[0]


def test_of_several_people_those_at_work_are_told_and_the_others_later() -> None:
    book = _team(escalation=[{"tell": "everyone"}])
    opened = standing(book, NIGHT, WAITS)
    assert [("1.1 everyone", ("cat",))] == _due(opened, "2026-02-10T02:00", book)[0]
    told = replace(opened, told=frozenset({"cat"}))
    assert [("1.1 everyone", ("ann",))] == _due(told, "2026-02-10T09:00", book)[0]


def test_a_new_round_waits_for_those_who_are_back_within_as_long_again() -> None:
    told = replace(_opened(), told=frozenset({"ann", "ben"}))
    assert [] == _due(told, "2026-02-11T09:00")[0]
    assert [("1.3 owners", ("cat",))] == _due(told, "2026-02-11T22:00")[0]
    gone = _team(away=[away("cat", date(2026, 2, 9), date(2026, 2, 27), why="sailing")])
    assert [("2.1 on_call.primary", ("ann",))] == _due(told, "2026-02-11T09:00", gone)[0]


def test_a_new_round_begins_in_somebodys_business_hours() -> None:
    told = replace(_opened(), told=frozenset(HOMES))
    late = replace(told, resolve_by=utc("2026-02-10T18:00"))
    tellings, (held,) = _due(late, "2026-02-10T18:00")
    assert ([], Reason.OFFICE_HOURS, utc("2026-02-11T09:00")) == (tellings, held.reason, held.until)
    assert [("2.1 on_call.primary", ("ann",))] == _due(late, "2026-02-11T09:00")[0]


def test_who_is_still_to_be_told_in_this_round_waits_beside_those_of_the_next() -> None:
    told = replace(_opened(), told=frozenset({"ann", "ben"}), resolve_by=utc("2026-02-10T10:00"))
    tellings, held = _due(told, "2026-02-10T18:00")
    assert ([], [utc("2026-02-10T22:00"), utc("2026-02-11T09:00")]) == (tellings, [one.until for one in held])


def test_what_was_acknowledged_comes_back_in_somebodys_business_hours() -> None:
    taken = replace(_opened(), acknowledged_at=MORNING, acknowledged_by="cat", resolve_by=utc("2026-02-10T18:00"))
    assert [] == _due(taken, "2026-02-10T18:00")[0]
    assert [("2.0 acknowledged", ("cat",))] == _due(taken, "2026-02-10T22:00")[0]


def test_who_has_no_working_day_in_a_year_is_told_at_any_hour() -> None:
    gone = _team(away=[away("cat", date(2026, 1, 1), date(2027, 12, 31), why="sailing")])
    told = replace(_opened(gone), told=frozenset({"ann", "ben"}))
    assert [("1.3 owners", ("cat",))] == _due(told, "2026-02-10T12:00", gone)[0]


def test_the_clock_starts_anew_where_the_first_could_be_told_only_late() -> None:
    book = _team(escalation=[{"tell": "cat"}, {"tell": "ann", "after": "resolve"}])
    opened = _opened(book)
    assert [] == _due(opened, "2026-02-10T10:00", book)[0]
    (telling,), _ = due(opened, book, Rota(book), [], utc("2026-02-10T22:00"))
    assert ("2.1 cat", Reason.OPENED, True) == (telling.step, telling.reason, telling.restart)
