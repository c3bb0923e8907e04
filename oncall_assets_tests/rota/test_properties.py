"""What holds of every rota, whatever a handbook says: generated teams, homes, holidays, time off and changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.rota import Away
from oncall_assets.handbook.team import Team
from oncall_assets.rota import Quarter, Rota, Shift, on_call, shifts
from oncall_assets.rota.away import absences
from oncall_assets.rota.turns import turn_at
from oncall_assets_tests.rota.generated import handbooks
from oncall_assets_tests.rota.teams import handbook

# Well behind the first turn, so that nobody has yet to join.
starts = st.datetimes(datetime(2026, 2, 1), datetime(2028, 10, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
lengths = st.timedeltas(timedelta(hours=1), timedelta(days=60))

# Drawing a whole handbook takes longer than hypothesis expects of a value.
patient = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@patient
@given(handbooks(), starts, lengths)
def test_every_instant_has_one_primary_and_another_secondary(
    book: Handbook, start: datetime, length: timedelta
) -> None:
    found = shifts(book, start, start + length)

    assert found[0].start <= start < found[0].end
    assert found[-1].start < start + length <= found[-1].end
    assert all(before.end == after.start for before, after in pairwise(found))
    assert all(shift.start < shift.end and shift.primary != shift.secondary for shift in found)


@patient
@given(handbooks(), starts, lengths, st.data())
def test_an_instant_a_part_and_the_whole_give_the_same_answer(
    book: Handbook, start: datetime, length: timedelta, data: st.DataObject
) -> None:
    whole = shifts(book, start, start + length)
    at = start + data.draw(st.timedeltas(timedelta(0), length - timedelta(minutes=1)))
    until = at + data.draw(st.timedeltas(timedelta(minutes=1), length))

    assert [on_call(book, at)] == [Rota(book).on_call(at)] == [one for one in whole if one.start <= at < one.end]
    part = [one for one in shifts(book, at, until) if one.start < start + length]
    assert part == [one for one in whole if one.start < until and at < one.end]


@patient
@given(handbooks(), starts, lengths)
def test_nobody_serves_on_vacation_or_after_leaving(book: Handbook, start: datetime, length: timedelta) -> None:
    for shift in shifts(book, start, start + length):
        gone = {one.who for one in absences(book.team, shift.start, shift.end) if one.kind != "holiday"}
        assert not gone & {shift.primary, shift.secondary}, shift


@patient
@given(handbooks(rules=["excused"], changes=False), starts, lengths)
def test_a_holiday_of_ones_own_is_worked_only_where_fewer_than_two_others_are_free(
    book: Handbook, start: datetime, length: timedelta
) -> None:
    pool = {*book.team.rotation.ring, *book.team.volunteers}
    for shift in shifts(book, start, start + length):
        if any(reason.layer == "table" for reason in shift.reasons):
            continue
        at = shift.start + (shift.end - shift.start) / 2
        gone = {one.who: one for one in absences(book.team, at, at + timedelta(microseconds=1))}
        for who in {shift.primary, shift.secondary} & set(gone):
            assert len(pool - set(gone)) < 2, f"{who} serves on {gone[who].why}"


@patient
@given(handbooks(rules=["secondary_covers"], changes=False), starts, lengths)
def test_nobody_leads_a_turn_of_their_own_on_their_own_holiday_where_the_secondary_covers(
    book: Handbook, start: datetime, length: timedelta
) -> None:
    zone = ZoneInfo(book.team.timezone)
    for shift in shifts(book, start, start + length):
        owner = turn_at(book.team.rotation, zone, shift.start).primary
        if shift.primary == owner and not {"table", "season"} & {reason.layer for reason in shift.reasons}:
            assert not [one for one in absences(book.team, shift.start, shift.end) if one.who == owner]


@patient
@given(handbooks(), starts, lengths)
def test_a_shift_that_is_not_as_its_turn_names_the_layer_that_made_it_so(
    book: Handbook, start: datetime, length: timedelta
) -> None:
    zone = ZoneInfo(book.team.timezone)
    for shift in shifts(book, start, start + length):
        turn = turn_at(book.team.rotation, zone, shift.start)
        assert "base" == shift.reasons[0].layer
        assert turn.end >= shift.end
        if (turn.primary, turn.secondary) != (shift.primary, shift.secondary):
            assert {"base"} < {reason.layer for reason in shift.reasons}
        assert len(set(shift.reasons)) == len(shift.reasons)


@patient
@given(handbooks(), starts, st.data())
def test_what_is_published_does_not_move_when_plans_change(
    book: Handbook, start: datetime, data: st.DataObject
) -> None:
    quarter = Quarter.of(book.team, start)
    told = shifts(book, quarter.start(book.team), quarter.end(book.team))
    later = _replanned(book.team, data)

    again = shifts(
        handbook(later, {str(quarter): (start - timedelta(days=700), told)}),
        quarter.start(book.team),
        quarter.end(book.team),
    )

    assert [_served(shift) for shift in told] == [_served(shift) for shift in again]


@patient
@given(handbooks(), starts)
def test_a_published_quarter_leaves_no_gap_before_and_after_it(book: Handbook, start: datetime) -> None:
    quarter = Quarter.of(book.team, start)
    first, last = quarter.start(book.team), quarter.end(book.team)
    day = timedelta(days=40)
    unpublished = shifts(book, first - day, last + day)

    published = handbook(book.team, {str(quarter): (datetime(2030, 1, 1, tzinfo=UTC), shifts(book, first, last))})
    found = shifts(published, first - day, last + day)

    assert [_served(shift) for shift in unpublished] == [_served(shift) for shift in found]


def _served(shift: Shift) -> tuple[datetime, datetime, str, str]:
    return shift.start, shift.end, shift.primary, shift.secondary


def _replanned(team: Team, data: st.DataObject) -> Team:
    """The team with another order, another holiday rule and more time off."""
    order = data.draw(st.permutations(team.rotation.order))
    holidays = team.holidays.model_copy(update={"rule": data.draw(st.sampled_from(["excused", "primary_covers"]))})
    more = [
        Away.model_validate(
            {"who": who, "from": team.rotation.start, "to": team.rotation.start.replace(year=2029)}
        )
        for who in data.draw(st.lists(st.sampled_from(sorted(team.engineers)), max_size=2))
    ]
    return team.model_copy(
        update={
            "rotation": team.rotation.model_copy(update={"order": order}),
            "holidays": holidays,
            "away": [*team.away, *more],
            "changes": [],
        }
    )
