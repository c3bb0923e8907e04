"""The calendars, opened by a library that did not write them, agree with the resolver at every hour of a year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event

from oncall_assets.handbook import Handbook
from oncall_assets.rota import Quarter, Rota
from oncall_assets.rota.calendar import personal_calendar, team_calendar
from oncall_assets.rota.publish import Published, hand_out, publish
from oncall_assets_tests.rota.handbooks import handbook_plus

Q1 = Quarter(2027, 1)
AUTUMN = datetime(2026, 10, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
BEFORE = datetime(2025, 12, 1, tzinfo=UTC)
AFTER = datetime(2027, 2, 1, tzinfo=UTC)
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
QUARTERS = [Quarter(2025, 4), *(Quarter(2026, number) for number in (1, 2, 3, 4)), Q1]

LIFE = """
holidays:
  rule: secondary_covers
  share_multi_day: true
  seasons: [{from: 12-20, to: 01-02, split: daily}]
away:
  - {who: alice, from: 2026-03-02, to: 2026-03-10, why: "vacation; a, b"}
  - {who: carol, from: 2026-10-20, to: 2026-10-28}
"""
LATER = """
changes:
  - {kind: swap, turn: 2026-05-04, give: bob, take: david, requested: 2026-04-20}
  - {kind: swap, turn: 2026-06-08, give: carol, take: alice, requested: 2026-04-20,
     from: "2026-06-09T09:00", to: "2026-06-10T21:30"}
  - {kind: override, from: "2026-10-31T22:00", to: "2026-11-02T03:00", primary: alice, requested: 2026-10-25}
"""
# What is edited in the default team.yaml, and what changes afterwards. Lord Howe's clock moves by half an hour.
PLACES = {
    "New York": ((), LATER),
    "Lord Howe, daily": (
        (
            ("timezone: America/New_York\n\n", "timezone: Australia/Lord_Howe\n\n"),
            ("turn: 1 week", "turn: 1 day"),
            ("handoff: monday 09:00", "handoff: 02:15"),
        ),
        "",
    ),
}


def opened(path: Path) -> list[Event]:
    """The events as the other library reads them; a file it cannot read raises."""
    (calendar,) = IcsCalendarStream.from_ics(path.read_bytes().decode()).calendars
    return list(calendar.timeline)


def by_hour(events: Iterable[Event], hours: list[datetime]) -> dict[datetime, list[Event]]:
    """The events that hold each hour, as their own library's times say."""
    found: dict[datetime, list[Event]] = {hour: [] for hour in hours}
    for event in events:
        assert isinstance(event.start, datetime)
        assert isinstance(event.end, datetime)
        for hour in hours:
            if event.start <= hour < event.end:
                found[hour].append(event)
    return found


@pytest.fixture(params=PLACES)
def year(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Handbook, list[Published]]:
    """A year of quarters published in advance, then changed by what happens, and handed out again."""
    edits, later = PLACES[request.param]
    planned = handbook_plus(tmp_path / "book", LIFE, *edits)
    for quarter in QUARTERS:
        publish(planned, quarter, BEFORE, tmp_path / str(quarter))
    lived = handbook_plus(tmp_path / "book", LIFE + later, *edits)
    return lived, [hand_out(lived, quarter, AFTER, tmp_path / str(quarter)) for quarter in QUARTERS]


def test_every_hour_of_a_year_the_calendars_and_the_resolver_name_the_same_people(
    year: tuple[Handbook, list[Published]],
) -> None:
    handbook, published = year
    rota = Rota(handbook)
    hours = [YEAR[0] + number * HOUR for number in range(int((YEAR[1] - YEAR[0]) / HOUR))]
    team = by_hour((event for told in published for event in opened(told.files[1])), hours)
    own = {
        who: by_hour(
            (event for told in published for event in opened(told.files[1].parent / "engineers" / f"{who}.ics")),
            hours,
        )
        for who in handbook.team.engineers
    }
    names = {who: engineer.name for who, engineer in handbook.team.engineers.items()}
    for hour in hours:
        shift = rota.on_call(hour)
        expected = {f"On call (primary): {names[shift.primary]}", f"On call (secondary): {names[shift.secondary]}"}
        assert expected == {event.summary for event in team[hour]}, hour
        assert 2 == len(team[hour]), hour
        for who, events in own.items():
            mine = [
                f"On call ({role}): {names[who]}"
                for role in ("primary", "secondary")
                if getattr(shift, role) == who
            ]
            assert mine == [event.summary for event in events[hour]], (who, hour)


def test_no_event_of_the_year_stands_in_two_quarters(year: tuple[Handbook, list[Published]]) -> None:
    _, published = year
    uids = [event.uid for told in published for event in opened(told.files[1])]
    assert len(uids) == len(set(uids))


def test_a_changed_shift_updates_its_event_rather_than_adding_another(tmp_path: Path) -> None:
    publish(handbook_plus(tmp_path / "book"), Q1, AUTUMN, tmp_path / "out")
    before = {event.uid: event for event in opened(tmp_path / "out" / "team.ics")}
    swap = "changes: [{kind: swap, turn: 2027-02-01, give: alice, take: david, requested: 2026-12-01}]\n"

    hand_out(handbook_plus(tmp_path / "book", swap), Q1, AUTUMN + timedelta(days=70), tmp_path / "out")

    after = {event.uid: event for event in opened(tmp_path / "out" / "team.ics")}
    assert before.keys() == after.keys()
    changed = {uid for uid in before if before[uid].summary != after[uid].summary}
    assert ["On call (primary): David Brown"] == [after[uid].summary for uid in changed]
    assert all((after[uid].sequence or 0) > (before[uid].sequence or 0) for uid in before)
    assert all(after[uid].dtstamp > before[uid].dtstamp for uid in before)


def test_the_same_event_has_one_identity_in_the_teams_calendar_and_in_ones_own(tmp_path: Path) -> None:
    told = publish(handbook_plus(tmp_path / "book"), Q1, AUTUMN, tmp_path / "out")
    team = {event.uid for event in opened(told.files[1])}
    own = [event.uid for path in told.files[2:] for event in opened(path)]
    assert sorted(team) == sorted(own)


def test_an_event_says_with_whom_and_why_and_leaves_people_free_for_meetings(tmp_path: Path) -> None:
    away = "away: [{who: bob, from: 2027-01-11, to: 2027-01-17, why: 'moving; house, \"at last\"'}]\n"
    told = publish(handbook_plus(tmp_path / "book", away), Q1, AUTUMN, tmp_path / "out")
    events = [event for event in opened(told.files[1]) if "moving" in (event.description or "")]
    assert events
    for event in events:
        assert 'moving; house, "at last"' in (event.description or "")
        assert (event.description or "").startswith("With ")
        assert "TRANSPARENT" == event.transparency
        assert "On call" in event.categories
        assert [] == event.alarm


def test_names_of_any_kind_survive_the_way_into_a_calendar_and_back(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    shift = replace(
        Rota(handbook).on_call(AUTUMN), primary="alice", secondary="bob", start=AUTUMN, end=AUTUMN + HOUR
    )
    name = 'Æther, Ó\'Néill; \\n "Q" 東京 ' * 6
    people = handbook.team.engineers | {
        "alice": handbook.team.engineers["alice"].model_copy(update={"name": f"{name}\x07\r\nBEGIN:VALARM"})
    }
    team = handbook.team.model_copy(update={"engineers": people})
    content = team_calendar(team, [shift], AUTUMN, 0)
    path = tmp_path / "team.ics"
    path.write_bytes(content)
    summaries = {event.summary for event in opened(path)}
    assert f"On call (primary): {name}  \nBEGIN:VALARM" in summaries
    assert b"\r\nBEGIN:VALARM" not in content
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_somebody_who_does_not_serve_has_a_calendar_all_the_same(tmp_path: Path) -> None:
    handbook = handbook_plus(tmp_path / "book")
    path = tmp_path / "alice.ics"
    path.write_bytes(personal_calendar(handbook.team, "alice", [], AUTUMN, 0))
    assert [] == opened(path)
