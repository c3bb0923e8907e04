"""Two readings of the same rules: the auditor finds nothing wrong with what the resolver makes of any handbook."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.handbook import Handbook
from oncall_assets.rota import shifts
from oncall_assets.rota.audit import audit
from oncall_assets.rota.planner.owners import rotation_owners
from oncall_assets.rota.turns import turn_at, turn_number
from oncall_assets_tests.rota.generated import FIRST, handbooks

# Of these the resolver itself makes sure; the others are for a planner to keep.
KEPT = {"coverage", "two_people", "away", "holiday_excuse", "table", "shared_holiday", "frozen"}
LONG = timedelta(weeks=8)


@settings(max_examples=50, deadline=None)
@given(book=handbooks(), day=st.dates(FIRST, date(2028, 6, 1)))
def test_what_the_resolver_makes_of_a_handbook_breaks_no_rule_that_it_knows(book: Handbook, day: date) -> None:
    team = book.team
    zone = ZoneInfo(team.timezone)
    turn = turn_at(team.rotation, zone, datetime.combine(max(day, FIRST), time(23), tzinfo=zone))
    start, end = turn.start, turn_number(team.rotation, zone, turn.index + LONG // team.rotation.turn).start
    owners = rotation_owners(book, start, end)
    found = audit(book, shifts(book, start, end), start, end, owners=owners)
    assert [] == [one for one in found if one.rule in KEPT]
