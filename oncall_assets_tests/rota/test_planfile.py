"""Stored plans: the same plan is the same bytes, what is written is read back, and what is wrong has a line."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oncall_assets.handbook import HandbookError
from oncall_assets.rota.planfile import Certificate, PlanFile, digest, read_plan, write_plan
from oncall_assets_tests.rota.audit.plans import FIRST, WEEK, by_utc
from oncall_assets_tests.rota.planned import planned
from oncall_assets_tests.rota.teams import away, handbook

END = FIRST + 4 * WEEK
CERTIFICATE: dict[str, Any] = {
    "solver": "OR-Tools 9.15",
    "stages": [
        {"name": "broken", "value": 0.0, "bound": 0.0, "proven": True, "unit": "rules"},
        {"name": "load", "value": 12.345678, "bound": -0.25, "proven": False, "unit": "points"},
    ],
    "rivals": {"plain rotation": 40.0, "longest idle first": 38.5},
    "rules": [{"rule": "apart", "violations": 1, "instances": ['bob: "twice", so to speak']}],
    "budget": 3,
    "changed": [{"start": FIRST, "role": "secondary", "before": "david", "after": "bob"}],
    "carried": {"alice": 1.5, "bob": -1.5},
    "deviations": {"alice": 0.0},
}


@pytest.fixture
def plan() -> PlanFile:
    return planned(handbook(by_utc()), FIRST, END, **CERTIFICATE)


def test_what_is_written_is_read_back(plan: PlanFile, tmp_path: Path) -> None:
    path = write_plan(tmp_path / "plans" / "a.yaml", plan)
    assert plan == read_plan(path)
    assert ["a.yaml"] == [one.name for one in path.parent.iterdir()]


def test_a_plan_of_nothing_that_may_be_left_out_is_read_back(tmp_path: Path) -> None:
    bare = planned(handbook(by_utc()), FIRST, END)
    assert bare == read_plan(write_plan(tmp_path / "a.yaml", bare))


def test_names_and_texts_that_yaml_would_read_otherwise_are_kept(tmp_path: Path) -> None:
    team = by_utc(order=(("no", "yes"), ("yes", "007")))
    odd = planned(handbook(team), FIRST, END, solver="a: [b", rivals={"null": 1.0, "# c": 2.0})
    assert odd == read_plan(write_plan(tmp_path / "a.yaml", odd))


def test_the_same_plan_is_the_same_bytes_over_an_earlier_file(plan: PlanFile, tmp_path: Path) -> None:
    one = write_plan(tmp_path / "a.yaml", plan)
    other = tmp_path / "b.yaml"
    other.write_text("an earlier plan", encoding="utf-8")
    assert one.read_bytes() == write_plan(other, read_plan(one)).read_bytes()


def test_a_plan_is_readable_line_by_line(plan: PlanFile, tmp_path: Path) -> None:
    lines = write_plan(tmp_path / "a.yaml", plan).read_text(encoding="utf-8").splitlines()
    assert "start: 2026-01-05T00:00:00Z" in lines
    assert "- {start: 2026-01-05T00:00:00Z, primary: alice, secondary: bob}" in lines
    assert '  - {name: load, value: 12.345678, bound: -0.25, proven: false, unit: "points"}' in lines


def test_the_earlier_plan_is_known_from_what_was_changed(plan: PlanFile) -> None:
    assert ("alice", "bob") == plan.pairs[FIRST]
    assert ("alice", "david") == plan.earlier[FIRST]
    assert plan.pairs[FIRST + WEEK] == plan.earlier[FIRST + WEEK]


def test_a_certificate_knows_how_many_rules_are_broken() -> None:
    made = Certificate.model_validate({**CERTIFICATE, "seed": 7, "effort": 1.0, "spread": 0.0})
    assert 1 == made.broken


BLOCK = "- {start: 2026-01-12T00:00:00Z, primary: bob, secondary: carol}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "version: 1",
            "version: 2",
            "version: 2 is not 1; make the plan again with this version of `oncall plan`",
        ),
        ("version: 1", "version: one", "version: 'one' is of the wrong kind; expected a whole number"),
        ("seed: 7", "seed: 7\n  sead: 7", "certificate.sead: is not a field"),
        (
            "\nend: 2026-02-02T00:00:00Z",
            "\nend: 2026-01-05T00:00:00Z",
            "end: is not after `start`; expected a later",
        ),
        (
            "\nend: 2026-02-02T00:00:00Z",
            "\nend: 2026-02-02",
            "end: 2026-02-02 is no instant; expected one such as",
        ),
        (BLOCK, BLOCK.replace("carol", "bob"), "owners[1].secondary: 'bob' is primary and secondary at once"),
        (
            "- {start: 2026-01-19T00:00:00Z, primary: carol",
            "- {start: 2026-01-12T00:00:00Z, primary: carol",
            "owners[2].start: is not after the block before, 2026-01-12T00:00:00Z; expected blocks in order",
        ),
        ("after: bob", "after: carol", "certificate.changed[0]: says that carol owns a duty which `owners` gives"),
        ("budget: 3", "budget: -1", "certificate.budget: -1 is below zero; expected 0 or more"),
        (
            "value: 12.345678",
            "value: .nan",
            "certificate.stages[1].value: nan is of the wrong kind; expected a finite number",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_line(
    plan: PlanFile, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    path = write_plan(tmp_path / "a.yaml", plan)
    text = path.read_text(encoding="utf-8")
    assert 1 == text.count(old)
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(HandbookError) as refused:
        read_plan(path)
    (problem,) = refused.value.problems
    line = 1 + text.count("\n", 0, text.index(old)) + new.count("\n")
    assert str(problem).startswith(f"{path}:{line}:")
    assert expected in str(problem)


def test_a_file_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    with pytest.raises(HandbookError, match=r"a\.yaml:1:1: \(file\): is missing; create it"):
        read_plan(tmp_path / "a.yaml")


def test_the_digest_follows_what_plans_are_made_from_and_nothing_else() -> None:
    plain = digest(by_utc())
    assert plain == digest(by_utc())
    assert plain == digest(by_utc(publish={"ahead": "1 quarter"}, people={"bob": {"name": "Robert"}}))
    later = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall time
    others = [
        by_utc(away=[away("bob", date(2026, 1, 5), date(2026, 1, 6))]),
        by_utc(people={"bob": {"region": "GB"}}),
        by_utc(people={"bob": {"works": 0.5}}),
        by_utc(volunteers=["bob"]),
        by_utc(planning={"apart": "same_role"}),
        by_utc(holidays={"major": ["Christmas Day"]}),
        by_utc(start=date(2026, 1, 12)),
        by_utc(
            changes=[
                {"kind": "override", "from": later, "to": later + timedelta(days=1), "requested": later.date()}
            ]
        ),
    ]
    assert len(others) == len({digest(team) for team in others} - {plain})
