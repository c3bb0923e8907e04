"""A plan becomes the rota by being published, and only where it covers the quarter and keeps its rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.rota import Quarter, shifts
from oncall_assets.rota.audit.stored import checked
from oncall_assets.rota.publish import CannotPublish, bounds, publish
from oncall_assets_tests.rota.demands import copied, serving, sound
from oncall_assets_tests.rota.planned import planned

TEAM = "two-week-rotation"
QUARTER = Quarter.parse("2027Q1")
NOW = datetime(2026, 10, 2, tzinfo=UTC)
# The turn that begins on 2027-01-18 is David's with John.
TURN = datetime(2027, 1, 18, 14, tzinfo=UTC)
GIVEN = {TURN: ("john", "michael")}
TAKEN = "changes: [{kind: swap, turn: 2027-01-18, give: david, take: emily, requested: 2026-10-01}]\n"


@pytest.fixture
def book(tmp_path: Path) -> Handbook:
    return sound(copied(tmp_path / "book", TEAM))


def test_before_it_is_published_nobody_serves_by_a_plan(book: Handbook) -> None:
    assert ("david", "john") == serving(book, "2027-01-20T12:00Z")


def test_what_is_published_is_what_was_planned_with_its_reasons(book: Handbook, tmp_path: Path) -> None:
    plan = planned(book, *bounds(book, QUARTER), GIVEN)
    done = publish(book, QUARTER, NOW, tmp_path / "out", plan)
    after = sound(book.folder)
    start, end = bounds(after, QUARTER)
    assert list(done.shifts) == [one for one in plan.served if start <= one.start]
    found = shifts(after, start, end)
    expected = [(one.start, one.end, one.primary, one.secondary, one.why) for one in plan.served]
    assert expected == [(one.start, one.end, one.primary, one.secondary, one.why[1:]) for one in found]
    assert ("john", "michael") == serving(after, "2027-01-20T12:00Z")
    # And it is served as planned in the eyes of whoever checks the plan again.
    assert checked(after, plan).holds


def test_of_a_longer_plan_the_quarter_is_cut_out(book: Handbook, tmp_path: Path) -> None:
    start, end = bounds(book, QUARTER)
    year = planned(book, start - timedelta(weeks=4), end + timedelta(weeks=4), GIVEN)
    done = publish(book, QUARTER, NOW, tmp_path / "out", year)
    assert (start, end) == (done.shifts[0].start, done.shifts[-1].end)
    assert ("john", "michael") == serving(sound(book.folder), "2027-01-20T12:00Z")


@pytest.mark.parametrize("which", ["starts late", "ends early"])
def test_a_plan_that_does_not_cover_the_quarter_is_refused(book: Handbook, tmp_path: Path, which: str) -> None:
    start, end = bounds(book, QUARTER)
    two_weeks = timedelta(weeks=2)
    window = (start + two_weeks, end) if which == "starts late" else (start, end - two_weeks)
    with pytest.raises(CannotPublish, match=r"the plan is from .*, and the quarter from .*; plan it with"):
        publish(book, QUARTER, NOW, tmp_path / "out", planned(book, *window))
    assert not (book.folder / "published").exists()


def test_a_plan_is_refused_whose_people_agreed_on_a_swap_since(book: Handbook, tmp_path: Path) -> None:
    plan = planned(book, *bounds(book, QUARTER), GIVEN)
    team = book.folder / "team.yaml"
    team.write_text(team.read_text(encoding="utf-8") + TAKEN, encoding="utf-8")
    after = sound(book.folder)
    with pytest.raises(CannotPublish) as refused:
        publish(after, QUARTER, NOW, tmp_path / "out", plan)
    what = "john with michael from Mon 2027-01-18 09:00, where emily with john is agreed by a swap or an override"
    todo = "see all with `oncall plan --check`, then plan again"
    assert f"the plan breaks a rule: {what}; {todo}" == str(refused.value)
    assert not (book.folder / "published").exists()
    # A plan that was made with the swap in it is published.
    publish(after, QUARTER, NOW, tmp_path / "out", planned(after, *bounds(after, QUARTER)))


def test_what_a_plan_breaks_outside_of_the_quarter_is_no_obstacle(book: Handbook, tmp_path: Path) -> None:
    start, end = bounds(book, QUARTER)
    plan = planned(book, start, end + timedelta(weeks=4))
    team = book.folder / "team.yaml"
    last = plan.shifts[-1]
    ill = last.start + timedelta(days=2)
    gone = f"away: [{{who: {last.primary}, from: {ill:%Y-%m-%d}, to: {ill:%Y-%m-%d}, why: ill}}]\n"
    team.write_text(team.read_text(encoding="utf-8") + gone, encoding="utf-8")
    after = sound(book.folder)
    assert ["away"] == [one.rule for one in checked(after, plan).findings]
    publish(after, QUARTER, NOW, tmp_path / "out", plan)


def test_a_check_says_when_the_handbook_or_the_shifts_are_not_those_of_the_certificate(book: Handbook) -> None:
    plan = planned(book, *bounds(book, QUARTER), GIVEN)
    same = checked(book, plan)
    assert (True, False, ()) == (same.holds, same.changed, same.doubts)
    prettier = planned(book, *bounds(book, QUARTER), GIVEN, spread=same.load.spread - 1)
    assert (
        f"the certificate says a spread of {same.load.spread - 1:.1f} points, "
        f"and its shifts come to {same.load.spread:.1f}"
    ) in checked(book, prettier).doubts
    changed = [{"start": TURN, "role": "primary", "before": "david", "after": "john"}]
    over = planned(book, *bounds(book, QUARTER), GIVEN, changed=changed, budget=0)
    (finding,) = checked(book, over).findings
    assert ("budget", "duties with another owner than in the earlier plan: 1, of 0 allowed") == (
        finding.rule,
        finding.text,
    )
    worse = planned(
        book, *bounds(book, QUARTER), GIVEN, rules=[{"rule": "apart", "violations": 2, "instances": ["a", "b"]}]
    )
    assert ("the certificate says 2 broken rules, and the audit finds 0",) == checked(book, worse).doubts
