"""How bad and how urgent an incident is, by the runbooks of what it concerns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.team import Severity
from oncall_assets.incidents.policy.grading import Grade, grade
from oncall_assets_tests.incidents.policy.promises import front_matter, handbook, promise
from oncall_assets_tests.rota.teams import team, utc

MIDMONTH = utc("2026-02-10T12:00")
BAD = ["critical", "major", "minor"]


def _book(**fronts: dict[str, Any]) -> Handbook:
    """A handbook in New York with the pipelines profit and growth, and these runbooks."""
    promises = {"profit": promise(), "growth": promise(severity="major")}
    of = team(order=[("ann", "ben"), ("ben", "ann")], pipelines=promises)
    return handbook(of, {name: front_matter(**front) for name, front in fronts.items()})


def _grade(
    book: Handbook,
    *pipelines: str,
    tagged: tuple[Severity, ...] = (),
    given: Severity | None = None,
    investors: bool = False,
    now: datetime = MIDMONTH,
) -> Grade:
    return grade(book, pipelines, tagged, given, investors, now)


def test_the_worst_of_all_that_is_concerned_counts() -> None:
    book = _book(profit={"severity": "minor"})
    assert "minor" == _grade(book, "profit").severity
    assert "major" == _grade(book, "profit", "growth").severity
    assert "critical" == _grade(book, "profit", tagged=("minor", "critical")).severity
    assert "critical" == _grade(book, "profit", given="critical").severity
    assert "major" == _grade(book, "growth", given="minor").severity


def test_what_nobody_has_graded_is_major_and_urgent() -> None:
    assert Grade("major", "any_time", ()) == _grade(_book())
    assert Grade("major", "any_time", ()) == _grade(_book(), "forgotten")


def test_a_severity_given_stands_where_nothing_else_is_known() -> None:
    assert Grade("minor", "any_time", ()) == _grade(_book(), given="minor")


def test_it_waits_for_business_hours_only_if_every_pipeline_concerned_does() -> None:
    waits = {"urgency": "business_hours"}
    both = _book(profit=waits, growth=waits)
    one = _book(profit=waits, growth={})
    assert "business_hours" == _grade(both, "profit", "growth").urgency
    assert "business_hours" == _grade(one, "profit", "forgotten").urgency
    assert "any_time" == _grade(one, "profit", "growth").urgency
    assert "any_time" == _grade(_book(profit=waits), "profit", "growth").urgency


_MONTH_END = {"rises": [{"when": "month_end", "within": "2 days", "severity": "critical"}]}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-02-27T04:59", "minor"),
        ("2026-02-27T05:00", "critical"),
        ("2026-03-01T04:59", "critical"),
        ("2026-03-01T05:00", "minor"),
        ("2026-12-31T12:00", "critical"),
        # The clocks of New York change on 2026-03-08 and on 2026-11-01: October ends by summer time.
        ("2026-03-30T04:00", "critical"),
        ("2026-10-30T03:59", "minor"),
        ("2026-10-30T04:00", "critical"),
    ],
)
def test_the_end_of_the_month_is_the_teams_midnight(now: str, expected: str) -> None:
    assert expected == _grade(_book(profit=_MONTH_END), "profit", now=utc(now)).severity


def test_a_rise_says_in_words_what_it_did() -> None:
    grade = _grade(_book(profit=_MONTH_END), "profit", now=utc("2026-02-28T10:00"))
    assert Grade("critical", "any_time", ("the month ends in 19 h, which makes profit critical",)) == grade


def test_investor_figures_rise_only_where_investors_are_concerned() -> None:
    rises = [{"when": "investors", "severity": "major", "urgency": "any_time"}]
    book = _book(profit={"urgency": "business_hours", "rises": rises})
    why = "figures for investors come from it, which makes profit major and urgent at any time"
    assert Grade("minor", "business_hours", ()) == _grade(book, "profit")
    assert Grade("major", "any_time", (why,)) == _grade(book, "profit", investors=True)


def test_the_rises_of_another_pipeline_do_not_count() -> None:
    book = _book(profit=_MONTH_END, growth={})
    assert Grade("minor", "any_time", ()) == _grade(book, "growth", now=utc("2026-02-28T10:00"))


def test_a_rise_never_makes_it_better_and_is_no_reason_then() -> None:
    rises = [{"when": "investors", "severity": "major"}]
    book = _book(profit={"severity": "minor", "rises": rises}, growth={"severity": "critical"})
    assert Grade("critical", "any_time", ()) == _grade(book, "profit", "growth", investors=True)
    assert Grade("critical", "any_time", ()) == _grade(book, "profit", given="critical", investors=True)


def test_every_rise_that_holds_is_named_and_the_worst_counts() -> None:
    rises = [*_MONTH_END["rises"], {"when": "investors", "severity": "major"}]
    graded = _grade(_book(profit={"rises": rises}), "profit", investors=True, now=utc("2026-02-28T10:00"))
    assert ("critical", 2) == (graded.severity, len(graded.why))


_RISES = st.fixed_dictionaries({"when": st.just("investors"), "severity": st.sampled_from(BAD[:2])})


@given(st.lists(_RISES, max_size=3), st.lists(st.sampled_from(BAD), max_size=3))
def test_the_order_of_rises_and_tags_does_not_matter_and_more_of_them_never_make_it_better(
    rises: list[dict[str, str]], tags: list[Severity]
) -> None:
    there = _grade(_book(profit={"rises": rises}), "profit", tagged=(*tags,), investors=True)
    again = _grade(_book(profit={"rises": rises[::-1]}), "profit", "profit", tagged=(*tags[::-1],), investors=True)
    assert (there.severity, sorted(there.why)) == (again.severity, sorted(again.why))
    assert BAD.index(there.severity) <= BAD.index(_grade(_book(profit={}), "profit", tagged=(*tags,)).severity)
