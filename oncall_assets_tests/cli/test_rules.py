"""The reference of the rules: complete, in step with the code, and with examples that a runbook could hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, get_args

import pytest
from click.testing import CliRunner
from pydantic import Field
from ruamel.yaml import YAML

from oncall_assets.checks.rules.judging import JUDGES
from oncall_assets.cli import main
from oncall_assets.cli.rule_fields import in_words, takes
from oncall_assets.handbook.rules import AnyRule, Rule
from oncall_assets.handbook.runbook import Check
from oncall_assets.handbook.values import duration

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


def test_every_rule_is_in_the_index_under_its_family() -> None:
    text = DOCS.read_text(encoding="utf-8")
    index = text[text.index("## Which rule for what") : text.index("## accepted_values")]
    names = sorted(get_args(kind.model_fields["rule"].annotation)[0] for kind in KINDS)
    assert names == sorted(re.findall(r"^- \[`(\w+)`\]\(#\1\): .+\.$", index, re.MULTILINE))
    filing = index[index.index("accounting filing") : index.index("Rules about time")]
    assert ["completeness", "matches_total"] == re.findall(r"\[`(\w+)`\]", filing)


def printed(*arguments: str) -> str:
    return CliRunner().invoke(main, ["rules", *arguments], catch_exceptions=False).output


def test_one_rule_is_printed_by_its_name() -> None:
    expected = """\
## duration

Computing the table took at most `at_most` times the median of its own last `runs` runs over as many days. What
takes less than `at_least` is never slow. With fewer than five such runs it is too early to judge.

| field | what it takes | if left out |
|---|---|---|
| `at_most` | a number, more than 1 | must be given |
| `runs` | a whole number, 5 to 100 | `20` |
| `at_least` | a duration such as `4h` | `1m` |

```yaml
expect: {duration: {at_most: 3, runs: 20, at_least: 5m}}
```
"""
    assert expected == printed("duration")


def test_a_rule_without_fields_says_so() -> None:
    assert "It has no fields." in printed("schema")


def test_the_page_of_a_rule_is_the_one_in_the_reference() -> None:
    text = DOCS.read_text(encoding="utf-8")
    names = [get_args(kind.model_fields["rule"].annotation)[0] for kind in KINDS]
    assert [] == [name for name in names if printed(name) not in text]


def test_a_misspelt_rule_is_refused_with_what_was_probably_meant() -> None:
    result = CliRunner().invoke(main, ["rules", "uniqe"])
    assert 2 == result.exit_code
    assert "'uniqe' is no rule; expected one of accepted_values, " in result.output
    assert "did you mean unique?" in " ".join(result.output.split())


@pytest.mark.parametrize("words", ["1m", "90m", "1h", "24h", "36h", "2 days", "7 days"])
def test_a_duration_is_shown_as_a_handbook_writes_it(words: str) -> None:
    assert words == in_words(duration(words))


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (str | None, "text"),
        (Literal["error"], "`error`"),
        (Literal["day", "week", "month"] | None, "`day`, `week` or `month`"),
        (Annotated[int, Field(ge=0, le=366)], "a whole number, 0 to 366"),
        (Annotated[float, Field(gt=0, lt=1)], "a number, more than 0 and less than 1"),
        (Annotated[float, Field(allow_inf_nan=False, ge=2)], "a number, 2 or more"),
        (dict[str, str], "`{column: text}`"),
    ],
)
def test_what_a_field_takes_is_said_in_words(annotation: object, words: str) -> None:
    assert words == takes(annotation)
