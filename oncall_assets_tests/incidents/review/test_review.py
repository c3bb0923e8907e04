"""A quarter's review: what it counts, what recurred, what never fired, and what was learned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.incidents.review.report import Period, review
from oncall_assets.incidents.review.times import Retold
from oncall_assets.rota.quarters import Quarter
from oncall_assets_tests.incidents import company
from oncall_assets_tests.incidents.review.past import DAY, event, fault, past

NEVER = "## Issues that never fired"
MORE_ISSUES = """issues:
  short: {what: rows are missing}
  broken: {what: the run fails, detected_by: run failed}
  slow: {what: a run hangs, detected_by: [run stuck, asset late]}
  unjudged: {what: a check raises, detected_by: check could not run}
  stolen: {what: somebody reads it, by_hand: The owner looks at the grants.}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Handbook:
    folder = tmp_path_factory.mktemp("book")
    company.handbook(folder)
    runbook = folder / "profit.md"
    head, _, tail = runbook.read_text().partition("issues:")
    runbook.write_text(head + MORE_ISSUES + tail.partition("\n")[2])
    return load_handbook(folder, frozenset())


def reviewed(
    book: Handbook,
    *incidents: Retold,
    notes: Sequence[tuple[datetime, str]] = (),
    now: datetime = DAY + timedelta(days=200),
) -> str:
    return review(book, Period(Quarter(2026, 1), incidents, notes), now)


def section(text: str, heading: str) -> list[str]:
    """The lines below a heading, empty ones left out."""
    below = text.partition(f"{heading}\n")[2].partition("\n## ")[0]
    return [line for line in below.splitlines() if line]


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the tables below a heading, heads and rules left out."""
    lines = [line for line in section(text, heading) if line.startswith("|")]
    ruled = [number for number, line in enumerate(lines) if line.startswith("| ---")]
    heads = {number - 1 for number in ruled}
    kept = [line for number, line in enumerate(lines) if number not in heads.union(ruled)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in kept]


def test_a_quarter_without_incidents_reads_well(book: Handbook) -> None:
    text = reviewed(book)
    assert [
        "# Incidents of 2026Q1",
        "",
        "From Mon 2026-01-05 09:00 to Mon 2026-04-06 09:00 Europe/London, from hand-off to hand-off.",
        "",
        "No incident was opened.",
        "",
        NEVER,
        "",
    ] == text.splitlines()[:8]
    assert ["Nobody noted any."] == section(text, "## Lessons and notes")
    assert ["## Issues that never fired", "## Lessons and notes"] == [
        line for line in text.splitlines() if line.startswith("## ")
    ]


def test_a_quarter_that_runs_says_so(book: Handbook) -> None:
    assert "from hand-off to hand-off. It is not over yet.\n" in reviewed(book, now=DAY)
    assert "not over yet" not in reviewed(book, now=Quarter(2026, 1).end(book.team))


def test_the_head_counts_severities_and_repeats_and_names_what_is_open(book: Handbook) -> None:
    text = reviewed(book, past(1, repeats=2), past(2, severity="minor", over=1), past(3, repeats=1, over=2))
    assert "3 incidents: 2 critical, 1 minor; they failed again 3 times. Still open: #1.\n" in text
    assert "1 incident: 1 critical.\n" in reviewed(book, past(1, over=1))


def test_incidents_are_counted_by_pipeline_the_most_first(book: Handbook) -> None:
    told = [
        past(1, pipeline="orders", severity="minor"),
        past(2, repeats=3),
        past(3, severity="major"),
        past(4, pipeline=None, severity="major"),
    ]
    assert [
        ["profit", "2", "1", "1", "0", "3"],
        ["(no pipeline)", "1", "0", "1", "0", "0"],
        ["orders", "1", "0", "0", "1", "0"],
    ] == rows(reviewed(book, *told), "## By pipeline")


def test_incidents_are_counted_by_issue_with_what_goes_wrong(book: Handbook) -> None:
    told = [
        past(1),
        past(2),
        past(3, issues=(), faults=(fault("orders"),)),
        past(4, issues=("asset late",), faults=(fault("late orders"),)),
        past(5, issues=(), faults=(fault("profit:own"),)),
        past(6, issues=(), pipeline="orders", faults=(fault("orders"),)),
        past(7, issues=("profit.gone",)),
        past(8, issues=(), faults=(fault("job:nightly"),)),
    ]
    assert [
        ["profit.broken", "2", "#3, #8", "the run fails"],
        ["profit.short", "2", "#1, #2", "rows are missing"],
        ["(no issue of a runbook)", "1", "#6", ""],
        ["profit.gone", "1", "#7", ""],
        ["profit.slow", "1", "#4", "a run hangs"],
        ["profit.unjudged", "1", "#5", "a check raises"],
    ] == rows(reviewed(book, *told), "## By issue")


def test_a_cause_is_the_same_on_any_day_and_its_consequences_are_none(book: Handbook) -> None:
    told = [
        past(1, faults=(fault("orders:complete"), fault("profit:x", cause=False))),
        past(2, faults=(fault("orders:complete", "2026-02-01"), fault("orders:complete", "2026-02-02"))),
        past(3, faults=(fault("orders"),), at=DAY + timedelta(days=3)),
    ]
    text = reviewed(book, *told)
    assert [["orders:complete", "2", "#1, #2", "2026-01-13"], ["orders", "1", "#3", "2026-01-16"]] == rows(
        text, "## By cause"
    )
    assert "What came more than once: orders:complete." in text
    assert "Nothing came more than once." in reviewed(book, told[0])


def test_runs_that_got_stuck_are_one_cause_though_each_is_stuck_by_itself(book: Handbook) -> None:
    told = [
        past(number, issues=("run stuck",), faults=(fault(f"stuck {name}", None),))
        for number, name in ((1, "1a2b"), (2, "3c4d"))
    ]
    assert [["run stuck, profit", "2", "#1, #2", "2026-01-13"]] == rows(reviewed(book, *told), "## By cause")


def test_a_list_of_causes_ends_somewhere(book: Handbook) -> None:
    text = reviewed(book, *(past(number, faults=(fault(f"a{number}"),)) for number in range(1, 24)))
    assert 20 == len(rows(text, "## By cause"))
    assert "And 3 causes more." in section(text, "## By cause")
    many = reviewed(book, *(past(number) for number in range(1, 24)))
    assert "#19, #20 and 3 more" == rows(many, "## By cause")[0][2].partition("#18, ")[2]


def test_times_stand_beside_what_was_promised_by_severity(book: Handbook) -> None:
    told = [
        past(1, event("acknowledged", 0.5, "ann"), over=3, by="ann"),
        past(2, event("acknowledged", 1.5, "ann"), over=5, by="ann"),
        past(3, over=7),
        past(4, event("acknowledged", 0.1, "ann"), severity="minor", at=DAY),
    ]
    text = reviewed(book, *told, now=DAY + timedelta(hours=3.5))
    assert [
        ["critical", "1 h", "3", "1 h", "1 h 30 min, 1 not at all", "1 of 3, 33 %"],
        ["minor", "4 h", "1", "6 min", "6 min", "1 of 1, 100 %"],
        ["critical", "4 h", "3", "5 h", "7 h", "1 of 3, 33 %"],
        ["minor", "1 d", "1", "–", "–", "none was due"],
    ] == rows(text, "## Answered and mended in time")


def test_what_nobody_ever_answered_has_no_median(book: Handbook) -> None:
    (answered, mended) = rows(reviewed(book, past(1)), "## Answered and mended in time")
    assert ["–", "1 not at all", "0 of 1, 0 %"] == answered[3:] == mended[3:]


def test_what_came_back_or_went_to_everyone_is_named(book: Handbook) -> None:
    told = [
        past(1, event("told", 0, "ann", "by slack (1.1 on_call.primary)")),
        past(2, event("returned", 4, "ann"), event("returned", 8, "ann"), round=3),
        past(3, event("told", 4, "ben", "by slack (1.4 everyone); late by 2 h"), event("reminded", 4)),
        past(4, event("refused", 4, "ben", "by slack (1.4 everyone): gone")),
        past(5, event("comment", 4, "ben", "by slack (1.4 everyone)")),
        past(6, event("refused", 4, "ben", "by slack (1.1 on_call.primary): everyone is gone")),
    ]
    text = reviewed(book, *told)
    assert [
        ["#2", "outlived its resolution time 2 times"],
        ["#3", "began anew unanswered 1 time; went to everyone"],
        ["#4", "went to everyone"],
    ] == [[row[0], row[3]] for row in rows(text, "## Came back, or went to everyone")]
    assert ["None did."] == section(reviewed(book, told[0]), "## Came back, or went to everyone")


def test_issues_that_never_fired_are_listed_with_what_would_see_them(book: Handbook) -> None:
    assert [
        ["profit.short", "check complete", "rows are missing"],
        ["profit.broken", "run failed", "the run fails"],
        ["profit.slow", "run stuck, asset late", "a run hangs"],
        ["profit.unjudged", "check could not run", "a check raises"],
    ] == rows(reviewed(book), NEVER)
    text = reviewed(book, past(1), past(2, issues=("run stuck",), faults=(fault("stuck 1"),)))
    assert ["profit.broken", "profit.unjudged"] == [row[0] for row in rows(text, NEVER)]
    assert "Looked for by hand: 1 more." == section(text, NEVER)[-1]


def test_a_quarter_in_which_every_issue_fired_says_so(book: Handbook) -> None:
    told = [
        past(1),
        past(2, issues=(), faults=(fault("orders"),)),
        past(3, issues=("asset late",)),
        past(4, issues=(), faults=(fault("orders:own"),)),
    ]
    assert "Every issue that software can see has fired." == section(reviewed(book, *told), NEVER)[0]


def test_lessons_are_comments_reasons_and_notes_in_order(book: Handbook) -> None:
    one = past(
        1,
        event("opened", 0, None, "complete failed"),
        event("acknowledged", 1, "ann", "in round 1"),
        event("comment", 30, "ann", "ask | earlier"),
        event("resolved", 31, "ben", "<b>landed</b> again"),
        over=31,
        by="ben",
    )
    by_itself = past(2, event("resolved", 2, None, "check complete passed"), over=2)
    notes = [(DAY - timedelta(days=1), "ben: 1. quiet week")]
    assert [
        "- 2026-01-12 ben: 1. quiet week",
        r"- 2026-01-14 #1, ann: ask \| earlier",
        "- 2026-01-14 #1, ben: &lt;b&gt;landed&lt;/b&gt; again",
    ] == section(reviewed(book, one, by_itself, notes=notes), "## Lessons and notes")


def test_a_handbook_without_runbooks_has_no_issues_to_fire(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    company.handbook(folder)
    (folder / "profit.md").unlink()
    team = folder / "team.yaml"
    team.write_text(team.read_text().replace("audience: investors", "audience: stakeholders"))
    text = review(load_handbook(folder, frozenset()), Period(Quarter(2026, 1), [past(1)], []), DAY)
    assert ["profit.short", "1", "#1", ""] in rows(text, "## By issue")
    assert ["No runbook lists an issue."] == section(text, NEVER)
