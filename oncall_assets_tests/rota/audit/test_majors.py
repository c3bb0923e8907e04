"""Major holidays: whom the table names covers them, and everybody has one of any run of them off."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from oncall_assets_tests.rota.audit.plans import FIRST, by_utc, days, found, shift, told, weeks
from oncall_assets_tests.rota.teams import away, handbook, utc

AS_PLANNED = weeks("ab bc cd da")
# Monday 2026-01-19.
TABLE = {"table": {"Martin Luther King Jr. Day": {2026: "alice"}}}
ON_THE_DAY = (shift("2026-01-19", "2026-01-20", "ac"), shift("2026-01-20", "2026-01-26", "cd"))


def test_a_day_that_the_table_gives_to_somebody_else_is_found() -> None:
    assert [("table", "alice", "01-19 00:00")] == found(by_utc(holidays=TABLE), AS_PLANNED)
    assert [] == found(by_utc(holidays=TABLE), (*AS_PLANNED[:2], *ON_THE_DAY, AS_PLANNED[3]))


def test_unless_whom_it_names_is_away() -> None:
    gone = by_utc(holidays=TABLE, away=[away("alice", date(2026, 1, 19), date(2026, 1, 19))])
    assert [] == found(gone, AS_PLANNED)


def test_or_it_was_agreed_otherwise() -> None:
    swap = {
        "kind": "swap",
        "turn": date(2026, 1, 19),
        "give": "alice",
        "take": "carol",
        "requested": date(2026, 1, 1),
    }
    assert "table" not in {rule for rule, *_ in found(by_utc(holidays=TABLE, changes=[swap]), AS_PLANNED)}


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ({2025: "alice"}, "bob"),
        ({2024: "alice", 2025: "carol"}, "alice"),
        ({2025: "bob", 2026: "bob"}, "bob"),
        ({2023: "david", 2024: "carol"}, "alice"),
        ({2027: "bob"}, None),
    ],
)
def test_after_its_last_year_the_table_goes_on_by_its_last_step(
    years: dict[int, str], expected: str | None
) -> None:
    team = by_utc(holidays={"table": {"Martin Luther King Jr. Day": years}})
    # Carol's with David; whoever else is named is missed.
    missed = [who for rule, who, _ in found(team, AS_PLANNED) if rule == "table"]
    assert ([expected] if expected else []) == missed


def guaranteed(**more: Any) -> Any:
    return by_utc(
        holidays={"major": ["Christmas Day", "New Year's Day"], "guarantee_one_major_off": True},
        start=date(2026, 1, 5),
        **more,
    )


CHRISTMAS = datetime(2026, 12, 21, tzinfo=UTC)


def test_nobody_is_on_duty_on_every_one_of_a_run_of_major_holidays() -> None:
    # Weeks of Christmas Day 2026 and New Year's Day 2027.
    assert [] == found(guaranteed(), weeks("ab cd", CHRISTMAS))
    assert [("one_major_off", "carol", "12-25 00:00")] == found(guaranteed(), weeks("ac cd", CHRISTMAS))
    assert ["bob", "david"] == [who for _, who, _ in found(guaranteed(), weeks("bd db", CHRISTMAS))]
    (finding,) = told(guaranteed(), weeks("ac cd", CHRISTMAS))
    assert "carol is on duty on Christmas Day 2026 and New Year's Day 2027: none of these is off" == finding[3]


def test_an_hour_of_the_day_is_duty_on_it() -> None:
    eve = (shift("2026-12-21", "2026-12-25T23:00", "ab"), shift("2026-12-25T23:00", "2026-12-28", "cb"))
    assert [("one_major_off", "carol", "12-25 00:00")] == found(guaranteed(), (*eve, *weeks("cd", eve[1].end)))


def test_the_day_is_by_everybodys_own_clock() -> None:
    # In Los Angeles Christmas Day ends at 08:00 UTC of the next.
    eve = (shift("2026-12-21", "2026-12-26T07:00", "ab"), shift("2026-12-26T07:00", "2026-12-28", "cb"))
    abroad = {"carol": {"timezone": "America/Los_Angeles"}}
    plan = (*eve, *weeks("cd", eve[1].end))
    assert [] == found(guaranteed(), plan)
    assert [("one_major_off", "carol", "12-25 00:00")] == found(guaranteed(people=abroad), plan)


def test_a_run_may_begin_before_the_window_with_what_was_published_or_planned() -> None:
    # The rotation has the 51st week, of Christmas 2026, as Carol's with David.
    new_year = weeks("ca", datetime(2026, 12, 28, tzinfo=UTC))
    assert [("one_major_off", "carol", "12-25 00:00")] == found(guaranteed(), new_year)
    assert [] == found(guaranteed(), weeks("ab", datetime(2026, 12, 28, tzinfo=UTC)))
    told_before = {"2026Q4": (utc("2026-09-01T00:00"), weeks("ab", CHRISTMAS))}
    book = handbook(guaranteed(), told_before)
    assert [("one_major_off", "alice", "12-25 00:00")] == found(book, new_year)


def test_a_run_that_ends_after_the_window_is_judged_with_the_next_plan() -> None:
    assert [] == found(guaranteed(), weeks("ac", CHRISTMAS))


def test_in_any_year_however_it_is_counted() -> None:
    # New Year's Day and Christmas Day 2027 are a run as well; 51 weeks from 2026-12-28 on.
    year = weeks("ab" + " cd" * 50 + " bd", datetime(2026, 12, 28, tzinfo=UTC))
    assert [("one_major_off", "bob", "01-01 00:00")] == found(guaranteed(), year)


def test_who_was_not_in_the_team_on_all_of_them_has_no_claim() -> None:
    late = {"carol": {"joined": date(2026, 12, 26)}}
    rules = [rule for rule, *_ in found(guaranteed(people=late), weeks("ac cd", CHRISTMAS))]
    assert "one_major_off" not in rules


def test_without_the_guarantee_nobody_has_a_claim() -> None:
    plain = by_utc(holidays={"major": ["Christmas Day", "New Year's Day"]})
    assert [] == found(plain, weeks("ac cd", CHRISTMAS))


def test_holidays_before_the_rotation_began_are_no_part_of_a_run() -> None:
    # New Year's Day 2026 is before 2026-01-05.
    assert [] == found(guaranteed(), weeks("ab " * 51, FIRST))


def test_a_run_is_as_long_as_the_list() -> None:
    three = by_utc(
        holidays={"major": ["Christmas Eve", "Christmas Day", "Boxing Day"], "guarantee_one_major_off": True}
    )
    assert [] == found(three, days("ab ac cd", datetime(2026, 12, 24, tzinfo=UTC)))
    served = found(three, days("ab ac ad", datetime(2026, 12, 24, tzinfo=UTC)))
    assert [("one_major_off", "alice", "12-24 00:00")] == served
