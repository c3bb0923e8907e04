"""Swaps and overrides: what they change, what they leave, and when they come in time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from oncall_assets.handbook.rota import Change, Override, Swap
from oncall_assets.rota import Shift, on_call, shifts
from oncall_assets.rota.changes import Refusal, refusal
from oncall_assets.rota.segment import Segment
from oncall_assets.rota.segment import changed as changed_in
from oncall_assets_tests.rota.teams import away, handbook, pairs, team, utc

NAMES = ["ann", "ben", "cat", "dan"]
# The first two turns are those of ann and ben, from the 5th, and of ben and cat, from the 12th, at 14:00 UTC.
FORTNIGHT = (utc("2026-01-05T14:00"), utc("2026-01-19T14:00"))
_ONE: TypeAdapter[Swap | Override] = TypeAdapter(Change)


def swap(give: str, take: str, turn: date = date(2026, 1, 12), **more: Any) -> dict[str, Any]:
    return {"kind": "swap", "turn": turn, "give": give, "take": take, "requested": date(2026, 1, 1), **more}


def override(first: str, last: str, **more: Any) -> dict[str, Any]:
    return {"kind": "override", "from": first, "to": last, "requested": date(2026, 1, 1), **more}


def changed(*changes: dict[str, Any], **more: Any) -> list[tuple[str, str, str]]:
    return pairs(shifts(handbook(team(order=NAMES, changes=list(changes), **more)), *FORTNIGHT))


def refused(change: dict[str, Any], *before: dict[str, Any], **more: Any) -> Refusal | None:
    book = handbook(team(order=NAMES, **more))
    return refusal(book, _ONE.validate_python(change), [_ONE.validate_python(one) for one in before])


def test_who_takes_a_turn_takes_the_role_of_who_gives_it() -> None:
    assert [("01-05 14:00", "ann", "ben"), ("01-12 14:00", "dan", "cat")] == changed(swap("ben", "dan"))
    assert [("01-05 14:00", "ann", "ben"), ("01-12 14:00", "ben", "dan")] == changed(swap("cat", "dan"))


def test_who_takes_the_other_role_of_the_turn_exchanges_it() -> None:
    assert ("01-12 14:00", "cat", "ben") == changed(swap("ben", "cat"))[1]
    assert ("01-12 14:00", "cat", "ben") == changed(swap("cat", "ben"))[1]


def test_part_of_a_turn_may_change_hands() -> None:
    part = swap("ben", "dan") | {"from": "2026-01-13T09:00", "to": "2026-01-14T12:00"}

    assert [
        ("01-12 14:00", "ben", "cat"),
        ("01-13 14:00", "dan", "cat"),
        ("01-14 17:00", "ben", "cat"),
    ] == changed(part)[1:]


def test_swaps_follow_each_other() -> None:
    assert ("01-12 14:00", "ann", "cat") == changed(swap("ben", "dan"), swap("dan", "ann"))[1]
    assert refused(swap("ben", "dan"), swap("ben", "dan"), swap("dan", "ben")) is None, (
        "given back, and given again"
    )


def test_an_exchange_of_roles_is_not_made_twice_either() -> None:
    # Made twice it would be none.
    found = refused(swap("ben", "cat"), swap("ben", "cat"))

    assert Refusal("turn", "this swap was made before, by changes[0]; remove one of the two") == found
    assert refused(swap("ben", "cat"), swap("ben", "cat"), swap("cat", "ben")) is None, "given back"


def test_away_rules_apply_to_the_new_owner() -> None:
    holiday = {"people": {"dan": {"region": "JP"}, "cat": {"region": "JP"}}, "holidays": {"rule": "excused"}}

    # Coming of Age Day is the 12th of January 2026.
    assert [
        ("01-05 14:00", "ann", "ben"),
        ("01-12 14:00", "ann", "ben"),
        ("01-13 00:00", "dan", "cat"),
    ] == changed(swap("ben", "dan"), **holiday)
    assert refused(swap("ben", "dan"), **holiday) is None, "a holiday is covered for a new owner as for anybody"


def test_who_takes_a_day_of_the_table_serves_on_that_holiday() -> None:
    # The turn is that of cat and dan; ann and cat are American, and Christmas would excuse both.
    of = {"table": {"Christmas Day": {2026: "ann"}}, "rule": "excused"}
    people = {"ben": {"region": "JP"}, "dan": {"region": "JP"}}
    taken = swap("ann", "cat", date(2026, 12, 21))

    def christmas(*changes: dict[str, Any]) -> Shift:
        book = handbook(team(order=NAMES, holidays=of, people=people, changes=list(changes)))
        return on_call(book, utc("2026-12-25T12:00"))

    assert ("ann", "dan") == (christmas().primary, christmas().secondary)
    assert ("cat", "ben") == (christmas(taken).primary, christmas(taken).secondary)


def test_a_taker_must_be_there_only_where_the_giver_has_a_role() -> None:
    daily: dict[str, Any] = {"holidays": {"seasons": [{"from": "12-20", "to": "01-02"}]}}
    wish = swap("ann", "dan", date(2026, 12, 21))
    roles = shifts(handbook(team(order=NAMES, **daily)), utc("2026-12-21T14:00"), utc("2026-12-28T14:00"))
    without, within = (
        next(one.start.date() for one in roles if ("ann" in (one.primary, one.secondary)) == has)
        for has in (False, True)
    )

    # Half an hour, so that no neighbouring day is touched.
    def gone(day: date) -> dict[str, Any]:
        return {"away": [away("dan", day, day, from_hour="18:00", to_hour="18:30")]}

    assert refused(wish, **daily, **gone(without)) is None
    assert refused(wish, **daily, **gone(within)) is not None


def test_a_stretch_without_length_changes_nothing() -> None:
    one = Segment(utc("2026-01-05T00:00"), utc("2026-01-06T00:00"), "ann", "ben", ())
    noon = utc("2026-01-05T12:00")

    assert [one] == changed_in([one], noon, noon, lambda piece: piece.by("cat", "dan"))


def test_a_swap_says_so_with_who_approved_it() -> None:
    emergency = swap("ben", "dan", requested="2026-01-12T07:00", emergency="cat", because="flu")
    book = handbook(team(order=NAMES, changes=[emergency], swaps={"notice": "1 week"}))

    reason = on_call(book, utc("2026-01-13T00:00")).reasons[-1]

    expected = "swap of 2026-01-12, an emergency approved by cat: dan takes the role of ben: flu"
    assert ("swap", expected) == (reason.layer, reason.text)


@pytest.mark.parametrize(
    ("turn", "requested", "in_time"),
    [
        (date(2026, 1, 12), "2026-01-05T09:00", True),
        (date(2026, 1, 12), "2026-01-05T09:01", False),
        (date(2026, 1, 12), date(2026, 1, 5), True),
        (date(2026, 1, 12), date(2026, 1, 6), False),
        # Clocks change on 8 March: the same wall time is 167 hours earlier, and still in time.
        (date(2026, 3, 9), "2026-03-02T09:00", True),
        (date(2026, 3, 9), "2026-03-02T09:01", False),
    ],
)
def test_notice_is_counted_by_the_wall_clock_and_the_last_moment_is_in_time(
    turn: date, requested: date | str, in_time: bool
) -> None:
    giver = NAMES[(turn - date(2026, 1, 5)).days // 7 % 4]
    taker = NAMES[((turn - date(2026, 1, 5)).days // 7 + 2) % 4]
    wish = swap(giver, taker, turn, requested=requested)

    found = refused(wish, swaps={"notice": "1 week"})

    assert in_time == (found is None)
    assert found is None or "requested" == found.field
    assert refused({**wish, "emergency": "ann"}, swaps={"notice": "1 week"}) is None
    assert refused(wish) is None, "where no notice is asked for, none is needed"


def test_notice_for_part_of_a_turn_counts_from_that_part() -> None:
    part = swap("ben", "dan", requested="2026-01-08T09:00") | {"from": "2026-01-15T09:00"}

    assert refused(part, swaps={"notice": "1 week"}) is None


def test_an_override_puts_somebody_on_call_by_name() -> None:
    hours = ("2026-01-13T09:00", "2026-01-14T09:00")

    assert ("01-13 14:00", "ann", "cat") == changed(override(*hours, primary="ann"))[2]
    assert ("01-13 14:00", "ben", "ann") == changed(override(*hours, secondary="ann"))[2]
    assert ("01-13 14:00", "dan", "ann") == changed(override(*hours, primary="dan", secondary="ann"))[2]


def test_who_is_overridden_into_the_other_role_exchanges_it() -> None:
    hours = ("2026-01-13T09:00", "2026-01-14T09:00")

    assert ("01-13 14:00", "cat", "ben") == changed(override(*hours, primary="cat"))[2]
    assert ("01-13 14:00", "cat", "ben") == changed(override(*hours, secondary="ben"))[2]


def test_an_override_on_someone_away_needs_force() -> None:
    wish = override("2026-01-13T09:00", "2026-01-14T09:00", primary="ann")
    gone = {"away": [away("ann", date(2026, 1, 14), date(2026, 1, 14))]}

    found = refused(wish, **gone)

    assert found is not None
    assert "primary" == found.field
    assert refused({**wish, "force": True}, **gone) is None
    assert ("01-13 14:00", "ann", "cat") == changed({**wish, "force": True}, **gone)[2]


def test_an_override_lies_above_who_is_away() -> None:
    wish = override("2026-01-12T09:00", "2026-01-13T09:00", primary="dan", because="ben asked")
    book = handbook(team(order=NAMES, changes=[wish], away=[away("ben", date(2026, 1, 12), date(2026, 1, 20))]))

    shift = on_call(book, utc("2026-01-12T20:00"))

    assert ("dan", "cat") == (shift.primary, shift.secondary)
    assert "override of 2026-01-01: dan as primary: ben asked" == shift.why[-1]


def test_overlapping_overrides_may_agree() -> None:
    first = override("2026-01-13T09:00", "2026-01-14T09:00", primary="ann")

    assert refused(override("2026-01-13T12:00", "2026-01-15T09:00", secondary="dan"), first) is None
    assert refused(override("2026-01-14T09:00", "2026-01-15T09:00", primary="dan"), first) is None
    assert refused(override("2026-01-14T08:59", "2026-01-15T09:00", primary="dan"), first) is not None
    assert refused(override("2026-01-14T08:59", "2026-01-15T09:00", secondary="ann"), first) is not None
