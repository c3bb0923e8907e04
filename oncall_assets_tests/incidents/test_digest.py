"""When the digest of a morning's watches is due, of which runs it tells, and how it is worded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall_assets.incidents.digest import Due, Looked, digest_notice, due_digests
from oncall_assets.incidents.signals.watched import Judgement, WatchRun
from oncall_assets.notify.message import Person
from oncall_assets_tests.incidents.watchers import MONDAY

ANN = Person(key="ann", name="Ann Archer", timezone="Europe/London")
NAME = f"watch {MONDAY.isoformat()}"


def run(key: str, ended: int | None, created: int = 0) -> WatchRun:
    """A run of the watch by the minutes after its instant."""
    at = [None if minutes is None else MONDAY + timedelta(minutes=minutes) for minutes in (created, ended)]
    assert at[0] is not None
    return WatchRun(f"{key} {created}", key, MONDAY, "2026-03-01", at[0], at[1])


def due(minutes: int, *runs: WatchRun, expected: tuple[str, ...] = ()) -> dict[str, dict[str, str]]:
    """Which digest tells of which runs, those that are not over marked."""

    def named(one: Due) -> dict[str, str]:
        return {
            key: "no run" if found is None else found.run_id + ("" if found.ended_at else " not over")
            for key, found in one.runs.items()
        }

    now = MONDAY + timedelta(minutes=minutes)
    return {one.id.removeprefix(NAME): named(one) for one in due_digests(MONDAY, expected, runs, now)}


def test_it_is_due_when_all_are_over_that_are_expected_or_began() -> None:
    assert {"": {"a": "a 0", "b": "b 0"}} == due(2, run("a", 1), run("b", 2), expected=("a", "b"))
    assert {} == due(2, run("a", 1), expected=("a", "b"))
    assert {} == due(2, run("a", 1), run("b", None))


@pytest.mark.parametrize(("minutes", "told"), [(30, False), (31, True)])
def test_it_is_due_half_an_hour_after_the_first_was_launched(minutes: int, told: bool) -> None:
    found = due(minutes, run("a", 1), run("b", None, 5), expected=("a", "b", "c"))
    assert ({"": {"a": "a 0", "b": "b 5 not over", "c": "no run"}} if told else {}) == found


def test_runs_that_come_hours_late_together_wait_for_each_other() -> None:
    assert {} == due(362, run("a", 361, 360), run("b", None, 361))
    assert {"": {"a": "a 360", "b": "b 361"}} == due(364, run("a", 361, 360), run("b", 363, 361))


def test_a_run_that_is_over_too_late_has_a_digest_of_its_own() -> None:
    runs = run("a", 1), run("b", 31)
    assert {"": {"a": "a 0", "b": "b 0 not over"}, " b": {"b": "b 0"}} == due(40, *runs)
    assert {"": {"a": "a 0", "b": "b 0"}} == due(40, run("a", 1), run("b", 30))


def test_of_several_runs_of_a_watch_the_latest_in_time_counts() -> None:
    assert {"": {"a": "a 3"}} == due(5, run("a", 1), run("a", 4, 3))
    assert {"": {"a": "a 0"}} == due(60, run("a", 1), run("a", 50, 45))
    assert {"": {"a": "a 0"}} == due(5, run("a", 1), run("a", None, 3))


def looked(words: str, *verdicts: str) -> Looked:
    judged = [
        Judgement("orders", f"c{number}", verdict, "It is so.")  # type: ignore[arg-type]
        for number, verdict in enumerate(verdicts)
    ]
    return Looked("orders", words, "2026-03-01", judged, url="http://dagster.example/runs/1")


@pytest.mark.parametrize(
    ("verdicts", "outcome"),
    [
        (["passed"], "all well"),
        (["failed", "passed"], "1 of 2 checks fails"),
        (["failed", "failed", "warned", "not judged", "passed"], "2 of 5 checks fail, 1 warning, 1 not judged"),
        (["warned", "warned"], "2 warnings"),
    ],
)
def test_the_title_says_what_came_of_it(verdicts: list[str], outcome: str) -> None:
    notice = digest_notice("id", [looked("weekly watch", *verdicts)], ANN, MONDAY)
    assert ("id", f"Weekly watch of orders: {outcome}") == (notice.id, notice.title)


def test_findings_stand_by_how_bad_they_are_and_no_more_than_a_dozen() -> None:
    notice = digest_notice("id", [looked("weekly watch", "warned", "not judged", *["failed"] * 12)], ANN, MONDAY)
    labels = [label for label, _ in notice.rows]
    assert ["Days", *["Fails"] * 12, "More", "Coverage", "Open", "Again"] == labels
    assert ("More", "and 2 more") in notice.rows
    assert ("Coverage", "13 of 14 checks judged") in notice.rows


def test_watches_that_are_well_take_three_rows_among_several() -> None:
    notice = digest_notice("id", [looked("weekly watch", "passed"), looked("daily watch", "failed")], ANN, MONDAY)
    assert "2 watches: 1 of 2 checks fails" == notice.title
    assert [
        "Watch", "Days", "Fails", "Coverage", "Again",
        "Watch", "Days", "Coverage",
    ] == [label for label, _ in notice.rows]  # fmt: skip
    assert ("Watch", "daily watch of orders: 1 of 1 checks fails") == notice.rows[0]


def test_what_goes_to_investors_is_left_out_of_the_discreet_rows_and_only_that() -> None:
    judged = [
        Judgement("profit", "complete", "failed", "12.34 USD is missing."),
        Judgement("profit", "steady", "passed", "All is well."),
        Judgement("orders", "once", "warned", "3 rows repeat."),
    ]
    one = Looked("profit", "weekly watch", "2026-03-01", judged, investors={"profit"})
    notice = digest_notice("id", [one], ANN, MONDAY)
    assert ("Fails", "complete on profit: 12.34 USD is missing.") in notice.rows
    assert notice.discreet is not None
    assert [
        ("Fails", "complete on profit: hidden here, as its figures go to investors"),
        ("Warning", "once on orders: 3 rows repeat."),
    ] == [row for row in notice.discreet if row[0] in {"Fails", "Warning"}]
    assert [row for row in notice.rows if row[0] != "Fails"] == [
        row for row in notice.discreet if row[0] != "Fails"
    ]


@pytest.mark.parametrize("investors", [(), {"profit"}])
def test_where_none_of_the_findings_goes_to_investors_all_may_read_the_same(investors: set[str]) -> None:
    assert digest_notice("id", [looked("weekly watch", "failed")], ANN, MONDAY).discreet is None
    absent = Looked("profit", "daily watch", investors=investors)
    assert digest_notice("id", [absent], ANN, MONDAY).discreet is None


def test_no_label_is_longer_than_a_row_can_bear() -> None:
    absent = Looked("orders", "daily watch")
    notice = digest_notice("id", [absent, looked("weekly watch", "failed", "warned", "not judged")], ANN, MONDAY)
    assert max(len(label) for label, _ in notice.rows) <= 12
    assert "2 watches: 1 of 3 checks fails, 1 warning, 1 not judged, 1 is not over" == notice.title
