"""The reference of the rules: complete, in step with the code, and with examples that a runbook could hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from oncall_assets.checks.rules.judging import JUDGES
from oncall_assets.cli import main
from oncall_assets.handbook.rules import AnyRule, Rule
from oncall_assets.handbook.runbook import Check

DOCS = Path(__file__).parents[2] / "docs" / "rules.md"
KINDS: tuple[type[AnyRule], ...] = get_args(get_args(Rule)[0])


def test_the_reference_is_up_to_date() -> None:
    """After a change that is meant: oncall rules > docs/rules.md."""
    printed = CliRunner().invoke(main, ["rules"], catch_exceptions=False).stdout
    assert printed == DOCS.read_text(encoding="utf-8")


def test_every_rule_is_in_the_reference_and_has_a_judge() -> None:
    names = sorted(get_args(kind.model_fields["rule"].annotation)[0] for kind in KINDS)
    assert names == re.findall(r"^## (\w+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert names == sorted(JUDGES)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_example_is_what_a_runbook_may_write(kind: type[AnyRule]) -> None:
    expect = YAML(typ="safe").load(kind.example)
    check = Check.model_validate({"name": "n", "asset": "a", "expect": expect, "guards": ["i"], "step": 1})
    assert kind is type(check.expect)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_text_of_a_rule_names_each_of_its_fields(kind: type[AnyRule]) -> None:
    # `where` is explained once for all of them.
    fields = set(kind.model_fields) - {"rule", "where"}
    assert set() == {field for field in fields if f"`{field}`" not in (kind.__doc__ or "")}
