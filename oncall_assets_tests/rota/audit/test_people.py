"""Nobody twice at once, nobody who is away, nobody on a holiday that excuses them, and always somebody."""

from __future__ import annotations

from datetime import date, timedelta

from oncall_assets.rota import shifts
from oncall_assets.rota.audit import audit
from oncall_assets.rota.planner.owners import rotation_owners
from oncall_assets_tests.rota.audit.plans import FIRST, WEEK, by_utc, found, shift, told, weeks
from oncall_assets_tests.rota.teams import away, handbook, team, utc

AS_PLANNED = weeks("ab bc cd da")
# Martin Luther King Jr. Day 2026 is Monday 2026-01-19; Carol and David live where it is none.
ABROAD = {"carol": {"region": "GB"}, "david": {"region": "GB"}}


def test_a_plan_that_keeps_every_rule_has_no_finding() -> None:
    assert [] == found(by_utc(), AS_PLANNED)


def test_time_in_which_nobody_is_on_duty_is_found() -> None:
    without = (*AS_PLANNED[:1], *AS_PLANNED[2:])
    assert [("coverage", "", "01-12 00:00")] == found(by_utc(), without)
    assert [("coverage", "", "01-05 00:00")] == found(by_utc(), AS_PLANNED[1:], start=FIRST)
    assert [("coverage", "", "02-02 00:00")] == found(by_utc(), AS_PLANNED, end=FIRST + 5 * WEEK)
    # To the second.
    early = (shift("2026-01-05", "2026-01-11T23:59", "ab"), *AS_PLANNED[1:])
    assert ["from Sun 2026-01-11 23:59 nobody is on duty"] == [text for *_, text in told(by_utc(), early)]


def test_time_that_two_shifts_claim_is_found() -> None:
    twice = (AS_PLANNED[0], shift("2026-01-11", "2026-01-19", "bc"), *AS_PLANNED[2:])
    assert [("coverage", "", "01-11 00:00")] == found(by_utc(), twice)


def test_shifts_that_reach_over_the_window_are_cut_to_it() -> None:
    assert [] == found(by_utc(), AS_PLANNED, start=FIRST + timedelta(days=3), end=FIRST + timedelta(days=20))


def test_whoever_is_no_engineer_is_found() -> None:
    assert [("coverage", "erin", "01-12 00:00")] == found(by_utc(), weeks("ab ec cd da"))


def test_one_person_in_both_roles_is_found() -> None:
    assert [("two_people", "bob", "01-12 00:00")] == found(by_utc(), weeks("ab bb cd da"))


def test_duty_on_vacation_is_found_for_as_long_as_it_lasts() -> None:
    gone = by_utc(away=[away("carol", date(2026, 1, 14), date(2026, 1, 20))])
    assert [("away", "carol", "01-14 00:00"), ("away", "carol", "01-19 00:00")] == found(gone, AS_PLANNED)
    (first, _) = (text for *_, text in told(gone, AS_PLANNED))
    assert (
        "carol is on duty from Wed 2026-01-14 00:00 although carol is away: vacation, 2026-01-14 to 2026-01-20"
        == first
    )
    covered = (
        AS_PLANNED[0],
        shift("2026-01-12", "2026-01-14", "bc"),
        shift("2026-01-14", "2026-01-19", "bd"),
        shift("2026-01-19", "2026-01-21", "da"),
        shift("2026-01-21", "2026-01-26", "cd"),
        AS_PLANNED[3],
    )
    assert [] == found(gone, covered)


def test_duty_before_somebody_joined_and_after_they_left_is_found() -> None:
    coming = by_utc(people={"alice": {"left": date(2026, 1, 28)}, "bob": {"joined": date(2026, 1, 6)}})
    assert [("away", "alice", "01-29 00:00"), ("away", "bob", "01-05 00:00")] == found(coming, AS_PLANNED)


def test_an_override_by_force_is_duty_with_open_eyes() -> None:
    change = {
        "kind": "override",
        "from": "2026-01-12T00:00",
        "to": "2026-01-19T00:00",
        "secondary": "carol",
        "requested": date(2026, 1, 1),
        "force": True,
    }
    gone = [away("carol", date(2026, 1, 14), date(2026, 1, 15))]
    assert [] == found(by_utc(away=gone, changes=[change]), AS_PLANNED)
    change["to"] = "2026-01-15T00:00"
    assert ("away", "carol", "01-15 00:00") in found(by_utc(away=gone, changes=[change]), AS_PLANNED)


def test_duty_on_vacation_as_published_is_found_and_says_so() -> None:
    gone = by_utc(away=[away("carol", date(2026, 1, 14), date(2026, 1, 15))])
    book = handbook(gone, {"2026Q1": (utc("2025-10-01T00:00"), AS_PLANNED)})
    (finding,) = told(book, AS_PLANNED)
    assert "away" == finding[0]
    assert finding[3].endswith(", as published: agree on a swap or an override")


def test_where_holidays_excuse_duty_on_ones_own_is_found() -> None:
    excused = by_utc(people=ABROAD, holidays={"rule": "excused"})
    assert [] == found(excused, AS_PLANNED)
    # Bob, though Carol and David are free.
    assert [("holiday_excuse", "bob", "01-19 00:00")] == found(excused, weeks("ab bc db da"))
    (finding,) = told(excused, weeks("ab bc db da"))
    holiday = "Martin Luther King Jr. Day, Mon 2026-01-19 00:00"
    assert f"bob is on duty on {holiday}, although carol and david are free" == finding[3]


def test_and_not_where_the_rule_excuses_nobody() -> None:
    assert [] == found(by_utc(people=ABROAD), weeks("ab bc ab da"))


def test_as_many_serve_on_their_holiday_as_are_lacking() -> None:
    # Only David is free; he with one of the others it must be.
    one_free = by_utc(people={"david": {"region": "GB"}}, holidays={"rule": "excused"})
    assert [] == found(one_free, weeks("ab bc ad da"))
    both = [("holiday_excuse", "alice", "01-19 00:00"), ("holiday_excuse", "bob", "01-19 00:00")]
    assert both == found(one_free, weeks("ab bc ab da"))
    nobody_free = by_utc(holidays={"rule": "excused"})
    assert [] == found(nobody_free, weeks("ab bc ab da"))


def test_who_is_on_vacation_is_not_free() -> None:
    gone = [away("carol", date(2026, 1, 19), date(2026, 1, 25))]
    one_free = by_utc(people=ABROAD, holidays={"rule": "excused"}, away=gone)
    assert [] == found(one_free, weeks("ab bc ad da"))


def test_a_volunteer_is_free_too() -> None:
    erin = {"erin": {"region": "GB"}, "david": {"region": "GB"}}
    team = by_utc(people=erin, holidays={"rule": "excused"})
    assert [] == found(team, weeks("ab bc ad da"))
    willing = by_utc(people=erin, holidays={"rule": "excused"}, volunteers=["erin"])
    assert [("holiday_excuse", "alice", "01-19 00:00")] == found(willing, weeks("ab bc ad da"))


def test_where_the_secondary_covers_holidays_the_secondary_of_the_turn_may_work_on_theirs() -> None:
    covers = by_utc(people=ABROAD, holidays={"rule": "secondary_covers"})
    monday = (shift("2026-01-19", "2026-01-20", "bc"), shift("2026-01-20", "2026-01-26", "ab"))
    plan = (*AS_PLANNED[:2], *monday, AS_PLANNED[3])
    assert [] == found(covers, plan)
    assert [] == found(covers, plan, owners={FIRST + 2 * WEEK: ("alice", "bob")})
    # Alice, whose turn it is, serves herself; then somebody who does not own the turn.
    assert [("holiday_excuse", "alice", "01-19 00:00")] == found(covers, weeks("ab bc ab da"))
    owned = {FIRST + 2 * WEEK: ("alice", "carol")}
    assert [("holiday_excuse", "bob", "01-19 00:00")] == found(covers, plan, owners=owned)


def test_whoever_the_table_names_is_not_excused_from_that_day() -> None:
    table = {"Martin Luther King Jr. Day": {2026: "alice"}}
    named = by_utc(people=ABROAD, holidays={"rule": "excused", "table": table})
    monday = (shift("2026-01-19", "2026-01-20", "ac"), shift("2026-01-20", "2026-01-26", "cd"))
    assert [] == found(named, (*AS_PLANNED[:2], *monday, AS_PLANNED[3]))


def test_a_holiday_that_was_swapped_for_is_as_people_agreed() -> None:
    swap = {
        "kind": "swap",
        "turn": date(2026, 1, 19),
        "give": "carol",
        "take": "bob",
        "requested": date(2026, 1, 1),
    }
    swapped = by_utc(people=ABROAD, holidays={"rule": "excused"}, changes=[swap])
    rules = {rule for rule, *_ in found(swapped, weeks("ab bc bd da"))}
    assert "holiday_excuse" not in rules


def test_where_the_table_names_the_secondary_the_primary_backs_them_up_holiday_or_not() -> None:
    table = {"Martin Luther King Jr. Day": {2026: "david"}}
    covers = by_utc(people=ABROAD, holidays={"rule": "secondary_covers", "table": table})
    monday = (shift("2026-01-19", "2026-01-20", "da"), shift("2026-01-20", "2026-01-26", "ad"))
    plan = (*AS_PLANNED[:2], *monday, AS_PLANNED[3])
    assert [] == found(covers, plan, owners={FIRST + 2 * WEEK: ("alice", "david")})
    third = (*AS_PLANNED[:2], shift("2026-01-19", "2026-01-20", "db"), monday[1], AS_PLANNED[3])
    owned = {FIRST + 2 * WEEK: ("alice", "david")}
    assert [("holiday_excuse", "bob", "01-19 00:00")] == found(covers, third, owners=owned)


def test_a_day_of_a_long_holiday_that_too_few_can_take_whole_is_taken_whole() -> None:
    # Eve's Boxing Day begins at 19:00 in New York, where Christmas lasts until midnight, and longer in California:
    # nobody is free for all of what of it lies in her turn, which ends at 02:30.
    homes = {who: {"region": "US-NY", "timezone": "America/New_York"} for who in ("ann", "cat", "dan")}
    homes |= {
        "ben": {"region": "US-CA", "timezone": "America/Los_Angeles"},
        "eve": {"region": "GB-ENG", "timezone": "Europe/London"},
    }
    order = ["ann", "ben", "cat", "dan", "eve"]
    rules = {"rule": "secondary_covers", "share_multi_day": True}
    book = handbook(team(turn="1 day", hour="02:30", order=order, people=homes, holidays=rules))
    start, end = utc("2026-12-21T07:30"), utc("2026-12-28T07:30")
    served = shifts(book, start, end)
    assert [] == [one.text for one in audit(book, served, start, end, owners=rotation_owners(book, start, end))]
