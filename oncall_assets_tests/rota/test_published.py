"""Published quarters: read as they were written, frozen, and changed by what was agreed since."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oncall_assets.handbook import load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota import Quarter, Shift, on_call, shifts
from oncall_assets.rota.changes import change_problems
from oncall_assets_tests.handbook.test_bad_handbooks import HANDBOOKS
from oncall_assets_tests.rota.teams import away, handbook, pairs, team, utc

NAMES = ["ann", "ben", "cat", "dan"]
QUARTER = Quarter(2026, 2)
TOLD = utc("2026-01-15T15:00")  # 10:00 in New York
# The turn of 4 May 2026 is the 18th, that of ben and cat.
TURN = date(2026, 5, 4)


def told(**more: Any) -> tuple[datetime, list[Shift]]:
    of = team(order=NAMES, **more)
    return TOLD, shifts(handbook(of), QUARTER.start(of), QUARTER.end(of))


def swap(give: str, take: str, requested: date | str) -> dict[str, Any]:
    return {"kind": "swap", "turn": TURN, "give": give, "take": take, "requested": requested}


def at_noon(published: tuple[datetime, list[Shift]], **more: Any) -> Shift:
    return on_call(handbook(team(order=NAMES, **more), {str(QUARTER): published}), utc("2026-05-06T12:00"))


def test_a_published_shift_says_so_and_keeps_its_reasons() -> None:
    shift = at_noon(told())

    assert ("ben", "cat") == (shift.primary, shift.secondary)
    assert ("published as 2026Q2 on 2026-01-15",) == shift.why[:1]
    assert shift.why[1].startswith("turn 18 of the rotation, ")
    assert {"published"} == {reason.layer for reason in shift.reasons}


def test_a_vacation_entered_later_does_not_move_what_is_published() -> None:
    gone = [away("ben", TURN, date(2026, 5, 10))]

    assert ("ben", "cat") == (at_noon(told(), away=gone).primary, at_noon(told(), away=gone).secondary)


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ("2026-01-15T09:59", ("ben", "cat")),
        ("2026-01-15T10:01", ("dan", "cat")),
        (date(2026, 1, 14), ("ben", "cat")),
        # On the day itself, without an hour, it may have come later.
        (date(2026, 1, 15), ("dan", "cat")),
        (date(2026, 2, 1), ("dan", "cat")),
    ],
)
def test_only_a_swap_requested_since_changes_what_is_published(
    requested: date | str, expected: tuple[str, str]
) -> None:
    shift = at_noon(told(), changes=[swap("ben", "dan", requested)])

    assert expected == (shift.primary, shift.secondary)


def test_a_swap_that_was_published_already_is_not_made_twice() -> None:
    changes = [swap("ben", "cat", date(2026, 1, 10))]

    book = handbook(team(order=NAMES, changes=changes), {str(QUARTER): told(changes=changes)})

    assert ("cat", "ben") == (
        on_call(book, utc("2026-05-06T12:00")).primary,
        on_call(book, utc("2026-05-06T12:00")).secondary,
    )
    assert [] == [*change_problems(book)], "and it is not refused for a giver who has given"


def test_an_override_requested_since_changes_what_is_published() -> None:
    hours = {"kind": "override", "from": "2026-05-06T00:00", "to": "2026-05-07T00:00", "primary": "ann"}

    assert "ann" == at_noon(told(), changes=[{**hours, "requested": date(2026, 2, 1)}]).primary
    assert "ben" == at_noon(told(), changes=[{**hours, "requested": date(2026, 1, 1)}]).primary


def test_a_swap_of_a_published_turn_is_judged_by_what_was_published() -> None:
    changes = [swap("ann", "dan", date(2026, 2, 1)), swap("ben", "dan", date(2026, 2, 1))]
    planned_later = team(order=["ann", "cat", "ben", "dan"], changes=changes)

    (problem,) = change_problems(handbook(planned_later, {str(QUARTER): told()}))

    assert "changes[0].give" == problem.field
    assert "'ann' has no role in the turn of 2026-05-04; it is that of ben with cat" == problem.message


def test_a_rotation_that_changes_later_begins_where_the_published_quarter_ends() -> None:
    later = team(order=NAMES, hour="12:00", start=date(2026, 1, 7))
    book = handbook(later, {str(QUARTER): told()})

    found = shifts(book, utc("2026-06-22T00:00"), utc("2026-07-09T00:00"))

    ends = [("06-15 13:00", "dan", "ann"), ("06-22 13:00", "ann", "ben"), ("06-29 13:00", "ben", "cat")]
    assert ends == pairs(found)[:3]
    assert utc("2026-07-06T13:00") == found[2].end == found[3].start
    assert utc("2026-07-08T16:00") == found[3].end


def test_a_quarter_is_read_from_its_file(tmp_path: Path) -> None:
    shutil.copytree(HANDBOOKS / "good", tmp_path / "book")
    (tmp_path / "book" / "published").mkdir()
    (tmp_path / "book" / "published" / "2027Q1.yaml").write_text(
        "quarter: 2027Q1\npublished: 2026-10-01T10:00:00+02:00\nshifts:\n"
        "- {start: 2027-01-04T09:00:00Z, end: 2027-04-05T08:00:00Z, "
        "primary: bob, secondary: alice, why: [agreed]}\n"
    )

    book = load_handbook(tmp_path / "book", frozenset(LANDED))

    assert {"2027Q1": datetime(2026, 10, 1, 8, tzinfo=UTC)} == book.published_at
    shift = on_call(book, utc("2027-02-01T00:00"))
    assert ("bob", "alice") == (shift.primary, shift.secondary)
    assert ("published as 2027Q1 on 2026-10-01", "agreed") == shift.why
