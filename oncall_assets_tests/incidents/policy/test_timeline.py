"""What a drill shows: who would be told when, if nobody ever acknowledged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.policy.decide import Reason
from oncall_assets.incidents.policy.escalation import Held, Standing, Telling, timeline
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.rota import Rota
from oncall_assets_tests.incidents.policy.promises import handbook, promise, standing
from oncall_assets_tests.rota.teams import away, team, utc

HOUR = timedelta(hours=1)
NIGHT = utc("2026-02-10T02:00")
PROFIT = {"profit": promise(primary="cat", secondary=["ben"])}
BOOK = handbook(team(zone="UTC", order=[("ann", "ben"), ("ben", "ann")], people={"cat": {}}, pipelines=PROFIT))


def _lines(
    one: Standing, until: datetime, book: Handbook = BOOK, *silences: Silence
) -> list[tuple[str, str, str]]:
    """Hour, step or reason, and people or until when of each entry."""
    found = []
    for at, entry in timeline(one, book, Rota(book), silences, until):
        if isinstance(entry, Telling):
            found.append((f"{at:%a %H:%M}", entry.step, " ".join(entry.people)))
        else:
            found.append((f"{at:%a %H:%M}", str(entry.reason), f"{entry.until:%a %H:%M}" if entry.until else ""))
    return found


def test_a_night_in_which_nobody_answers() -> None:
    expected = [
        ("Tue 02:00", "1.1 on_call.primary", "ben"),
        ("Tue 03:00", "1.2 on_call.secondary", "ann"),
        ("Tue 04:00", "1.3 owners", "cat"),
        ("Tue 06:00", "2.1 on_call.primary", "ben"),
        ("Tue 07:00", "2.2 on_call.secondary", "ann"),
        ("Tue 08:00", "2.3 owners", "cat"),
        ("Tue 10:00", "3.1 on_call.primary", "ben"),
    ]
    assert expected == _lines(standing(BOOK, NIGHT), NIGHT + 8 * HOUR)


def test_it_ends_at_the_instant_asked_for() -> None:
    assert [] == _lines(standing(BOOK, NIGHT), NIGHT - HOUR)
    assert 1 == len(_lines(standing(BOOK, NIGHT), NIGHT + timedelta(minutes=59)))
    assert 2 == len(_lines(standing(BOOK, NIGHT), NIGHT + HOUR))


def test_a_hand_off_tells_the_new_primary() -> None:
    targets = {name: {"respond": "8h", "resolve": "8h"} for name in ("critical", "major", "minor")}
    book = handbook(BOOK.team.model_copy(update={"severities": team(severities=targets).severities}))
    lines = _lines(standing(book, utc("2026-02-16T04:00")), utc("2026-02-16T10:00"), book)
    assert [("Mon 04:00", "1.1 on_call.primary", "ben"), ("Mon 09:00", "1.1 on_call.primary", "ann")] == lines


def test_a_silence_holds_it_until_its_end_and_then_the_clock_starts() -> None:
    silence = Silence(1, "ann", "the source moves", NIGHT - HOUR, NIGHT + 3 * HOUR, asset="profit")
    expected = [
        ("Tue 02:00", "silenced", "Tue 05:00"),
        ("Tue 05:00", "2.1 on_call.primary", "ben"),
        ("Tue 06:00", "2.2 on_call.secondary", "ann"),
    ]
    assert expected == _lines(standing(BOOK, NIGHT), NIGHT + 4 * HOUR, BOOK, silence)


def test_a_silence_that_begins_later_is_seen() -> None:
    silence = Silence(1, "ann", "the source moves", NIGHT + HOUR / 2, NIGHT + 2 * HOUR, asset="profit")
    expected = [
        ("Tue 02:00", "1.1 on_call.primary", "ben"),
        ("Tue 02:30", "silenced", "Tue 04:00"),
        ("Tue 04:00", "1.2 on_call.secondary", "ann"),
        ("Tue 04:00", "1.3 owners", "cat"),
    ]
    assert expected == _lines(standing(BOOK, NIGHT), NIGHT + 2 * HOUR, BOOK, silence)


def test_what_waits_for_business_hours_says_until_when() -> None:
    expected = [
        ("Tue 02:00", "waits for business hours", "Tue 09:00"),
        ("Tue 09:00", "1.1 on_call.primary", "ben"),
    ]
    one = standing(BOOK, NIGHT, "business_hours", primary="ben")
    assert expected == _lines(one, NIGHT + 7 * HOUR)


def test_an_acknowledged_incident_comes_back_and_then_goes_on_as_if_new() -> None:
    taken = replace(standing(BOOK, NIGHT), acknowledged_at=NIGHT, acknowledged_by="cat", told=frozenset({"ben"}))
    expected = [
        ("Tue 02:00", "acknowledged", "Tue 06:00"),
        ("Tue 06:00", "2.0 acknowledged", "cat ben"),
        ("Tue 07:00", "2.2 on_call.secondary", "ann"),
        ("Tue 10:00", "3.1 on_call.primary", "ben"),
    ]
    assert expected == _lines(taken, NIGHT + 8 * HOUR)


def test_a_later_round_is_shown_from_its_own_start() -> None:
    one = replace(standing(BOOK, NIGHT), round=3, opened_at=NIGHT - 24 * HOUR)
    assert [("Tue 02:00", "3.1 on_call.primary", "ben")] == _lines(one, NIGHT)


SLOW = {name: {"respond": "40h", "resolve": "40h"} for name in ("critical", "major", "minor")}


def test_somebody_who_joins_is_told_from_their_first_midnight_on() -> None:
    people = {"cat": {}, "dan": {"joined": date(2026, 2, 11)}}
    book = handbook(
        team(order=[("ann", "ben")], people=people, severities=SLOW, escalation=[{"tell": "everyone"}])
    )
    expected = [("Tue 02:00", "1.1 everyone", "ann ben cat"), ("Wed 00:00", "1.1 everyone", "dan")]
    assert expected == _lines(standing(book, NIGHT), NIGHT + 24 * HOUR, book)


def test_where_the_only_one_who_is_told_leaves_everybody_is_told() -> None:
    people = {"eve": {"left": date(2026, 2, 10)}}
    book = handbook(team(order=[("ann", "ben")], people=people, severities=SLOW, escalation=[{"tell": "eve"}]))
    expected = [("Tue 02:00", "1.1 eve", "eve"), ("Wed 00:00", "1.1 eve", "ann ben")]
    assert expected == _lines(standing(book, NIGHT), NIGHT + 24 * HOUR, book)


def test_it_starts_over_although_the_last_step_is_nobody() -> None:
    steps = [{"tell": "ann"}, {"tell": "owners", "after": "respond"}]
    book = handbook(team(zone="UTC", order=[("ann", "ben")], escalation=steps))
    expected = [("Tue 02:00", "1.1 ann", "ann"), ("Tue 06:00", "2.1 ann", "ann")]
    assert expected == _lines(replace(standing(book, NIGHT), pipeline=None), NIGHT + 4 * HOUR, book)


def test_a_round_held_up_by_who_is_not_at_work_begins_when_they_are_past_waiting_for() -> None:
    gone = [away("cat", date(2026, 2, 9), date(2026, 2, 11), why="sailing")]
    targets = {name: {"respond": "1h", "resolve": "40h"} for name in ("critical", "major", "minor")}
    book = handbook(
        team(
            zone="UTC", order=[("ann", "ben")], people={"cat": {}}, pipelines=PROFIT, severities=targets, away=gone
        )
    )
    one = standing(book, utc("2026-02-10T09:00"), "business_hours", primary="ann")
    tellings = [
        (f"{at:%a %H:%M}", entry.step)
        for at, entry in timeline(one, book, Rota(book), [], utc("2026-02-12T12:00"))
        if isinstance(entry, Telling)
    ]
    expected = ["1.1 on_call.primary", "1.2 on_call.secondary", "1.3 owners", "2.1 on_call.primary"]
    assert expected == [step for _, step in tellings][:4]
    assert ("Thu 09:00", "1.3 owners") == tellings[2]


def test_that_all_who_are_due_were_told_is_left_out() -> None:
    entries = timeline(standing(BOOK, NIGHT), BOOK, Rota(BOOK), [], NIGHT + 30 * HOUR)
    assert [] == [one for _, one in entries if isinstance(one, Held) and one.reason is Reason.TOLD]
