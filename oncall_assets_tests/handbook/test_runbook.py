"""The steps of a procedure as Markdown has them, and the pages that quote them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from oncall_assets.handbook.rules import AcceptedValues, Bounds, Completeness, Rule
from oncall_assets.handbook.runbook import read_procedure, runbook_of
from oncall_assets.handbook.source import read_front_matter

GOOD = Path(__file__).parent.parent / "handbooks" / "good"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## Procedure\n\n1. One.\n2. Two.\n", ("One.", "Two.")),
        ("## Procedure\n1. One goes\n   on and\n   on.\n2. Two.", ("One goes on and on.", "Two.")),
        ("## Procedure\n1. One goes\non lazily.\n2. Two.", ("One goes on lazily.", "Two.")),
        ("## Procedure\n1. One.\n\n   Still one.\n\n2. Two.", ("One. Still one.", "Two.")),
        (
            "## Procedure\n1. One.\n   - a detail\n\n       dagster dev\n2. Two.",
            ("One. - a detail dagster dev", "Two."),
        ),
        ("## Procedure\n1. One.\n\nNot a step.\nNor this.\n\n2. Two.", ("One.", "Two.")),
        ("## Procedure\nFirst read this.\n\n1. One.", ("One.",)),
        ("## Procedure\n1. One.\n1. Two.\n1. Three.", ("One.", "Two.", "Three.")),
        ("## Procedure\n1) One.\n10) Ten.", ("One.", "Ten.")),
        ("## Procedure\n1. One.\n\n## Background\n\n1. No step.", ("One.",)),
        ("# Title\n\n1. No step.\n\n## Procedure  \n\n1. One.\n### Later\n2. Two.", ("One.", "Two.")),
        ("## Procedure", ()),
        ("## Procedures\n1. One.", ()),
        ("### Procedure\n1. One.", ()),
        ("", ()),
    ],
)
def test_a_procedure_is_the_ordered_list_under_its_heading(body: str, expected: tuple[str, ...]) -> None:
    assert expected == read_procedure(body)


def test_a_page_quotes_steps_with_their_numbers_as_far_as_there_are_any() -> None:
    runbook = runbook_of(read_front_matter(GOOD / "aggregate_profit.md"))

    assert ("2. Ask Finance.",) == runbook.steps_from(2, 3)
    assert ("1. Look at the run.", "2. Ask Finance.") == runbook.steps_from(1, 2)
    assert () == runbook.steps_from(3, 2)


def test_a_rule_stands_in_a_check_with_its_own_fields() -> None:
    runbook = runbook_of(read_front_matter(GOOD / "aggregate_profit.md"))

    assert Completeness(rule="completeness", at_least=0.995) == runbook.front.checks[0].expect


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"rule": "bounds", "column": "a", "at_least": 1}, Bounds(rule="bounds", column="a", at_least=1.0)),
        (
            {"rule": "accepted_values", "column": "a", "values": ["x"], "where": {"grain": "day"}},
            AcceptedValues(rule="accepted_values", column="a", values=["x"], where={"grain": "day"}),
        ),
    ],
)
def test_whole_numbers_pass_for_thresholds_and_rows_can_be_chosen(written: object, expected: object) -> None:
    assert expected == TypeAdapter(Rule).validate_python(written)
