"""A rule of the team's own: how its function is found, tried at load, and called in a run."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from oncall_assets.checks import runbook_checks
from oncall_assets.checks.own import own_problem, own_rule
from oncall_assets.checks.rules import Evidence, Unjudged, Verdict
from oncall_assets.handbook import load_handbook
from oncall_assets.handbook.rules import Own
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets_tests.checks.tables import DAY
from oncall_assets_tests.checks.test_build import RUNBOOK, first

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "own-rules.md"
GOOD = ROOT / "oncall_assets_tests" / "handbooks" / "good"
HERE = "oncall_assets_tests.checks.own_rules"


def own(function: str, **arguments: Any) -> Own:
    return Own(rule="own", function=function, arguments=arguments)


def evidence(*ids: str) -> Evidence:
    def read(_: str, __: object) -> ir.Table:
        return ibis.memtable(pa.table({"id": list(ids)}))

    return Evidence("t", DAY, read)


def test_what_the_function_says_is_the_verdict() -> None:
    found = own_rule(own(f"{HERE}.no_long_ids", at_most=3), evidence("abc", "abcd"))
    sentence = "1 rows have a longer id than 3."
    assert Verdict(False, 1, "at most 3 letters", sentence, ({"id": "abcd"},)) == found


def test_a_function_may_say_that_it_cannot_be_applied() -> None:
    with pytest.raises(Unjudged, match="no column name"):
        own_rule(own(f"{HERE}.no_long_ids", at_most=3, column="name"), evidence("a"))


def test_what_a_function_raises_goes_on_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError, match="no rows to divide by"):
        own_rule(own(f"{HERE}.breaks"), evidence())


@pytest.mark.parametrize(("name", "answer"), [("says_yes", "a bool"), ("says_nothing", "nothing")])
def test_an_answer_that_is_no_verdict_is_refused(name: str, answer: str) -> None:
    expected = f"{HERE}.{name} returned {answer}; expected a Verdict of oncall_assets.checks"
    with pytest.raises(TypeError, match=f"^{re.escape(expected)}$"):
        own_rule(own(f"{HERE}.{name}"), evidence())


def test_a_function_that_fits_has_no_problem() -> None:
    assert own_problem(own(f"{HERE}.no_long_ids", at_most=3)) is None
    assert own_problem(own(f"{HERE}.no_long_ids", at_most=3, column="name")) is None
    # A built-in type tells no signature; it is tried when it is called.
    assert own_problem(own("builtins.dict", a=1)) is None


ASKED = "expected what it asks for, (evidence, at_most, column='id')"
ON_PATH = "expected one that Python finds: in an installed package, or in a folder on PYTHONPATH"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (own("no_such_rules.margin"), f"there is no module no_such_rules; {ON_PATH}"),
        (own("no_such_rules.of_profit.margin"), f"there is no module no_such_rules; {ON_PATH}"),
        (own(f"{HERE}.deeper.margin"), f"there is no module {HERE}.deeper; {ON_PATH}"),
        (
            own(f"{HERE}.no_long_id"),
            f"{HERE} has no function no_long_id; expected `def no_long_id(evidence, …)` there; "
            "did you mean no_long_ids?",
        ),
        (
            own(f"{HERE}.NOT_A_FUNCTION"),
            f"{HERE}.NOT_A_FUNCTION is int and cannot be called; expected a function",
        ),
        (
            own(f"{HERE}.no_long_ids"),
            f"{HERE}.no_long_ids does not fit: missing a required argument: 'at_most'; {ASKED}",
        ),
        (
            own(f"{HERE}.no_long_ids", at_most=3, colum="name"),
            f"{HERE}.no_long_ids does not fit: got an unexpected keyword argument 'colum'; {ASKED}",
        ),
        (
            own(f"{HERE}.no_long_ids", at_most=3, evidence=1),
            f"{HERE}.no_long_ids does not fit: multiple values for argument 'evidence'; {ASKED}",
        ),
    ],
)
def test_a_function_that_cannot_be_used_is_one_sentence_with_what_is_expected(rule: Own, expected: str) -> None:
    assert expected == own_problem(rule)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import not_there_at_all", "raises ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("raise ValueError('first\\nsecond')", "raises ValueError: first"),
        ("raise SystemExit", "raises SystemExit: SystemExit"),
        ("def broken(:", "raises SyntaxError: "),
    ],
)
def test_a_module_that_cannot_be_imported_says_why_in_a_line(
    text: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"rules_{abs(hash(text))}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    problem = own_problem(own(f"{name}.margin"))
    assert problem is not None
    assert problem.startswith(f"importing {name} {expected}")
    assert problem.endswith("; expected a module that loads")
    assert "\n" not in problem


def shown(kind: str) -> str:
    """The block of that kind in the page for whoever writes a rule."""
    found = re.search(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


class Shelf:
    """Tables of a test, as the resource that checks read from."""

    def stored(self, name: str, days: Days) -> ir.Table:
        assert ("first", DAY) == (name, days)
        columns = {"region": ["north", "south"], "revenue_cents": [100, 400], "profit_cents": [30, 40]}
        return ibis.memtable(pa.table(columns))


def judged(folder: Path, checks: str) -> dg.AssetCheckEvaluation:
    """What Dagster records of the one check, in a run of the asset `first`."""
    for file in ("team.yaml", "sources.yaml"):
        (folder / file).write_text((GOOD / file).read_text())
    text = RUNBOOK.format(options="", column="id").split("checks:")
    body = text[1][text[1].index("---\n") :]
    (folder / "aggregate_profit.md").write_text(text[0].replace("twice:", "loss:") + checks + body)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [first, *runbook_checks(load_handbook(folder, frozenset(LANDED)))],
            instance=instance,
            resources={"warehouse": Shelf()},
            tags=run_tags(DAY),
            raise_on_error=False,
        )
        (found,) = result.get_asset_check_evaluations()
    return found


def test_the_example_of_the_page_judges_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "company_rules.py").write_text(shown("python"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "company_rules", raising=False)
    found = judged(tmp_path, shown("yaml"))
    assert (False, "every_region_earns") == (found.passed, found.check_name)
    assert "The margin of south is 10.0% on 2026-01-02." == found.metadata["oncall/finding"].value
    sample = found.metadata["oncall/sample"]
    assert isinstance(sample, dg.TableMetadataValue)
    assert [{"region": "south", "margin": 0.1}] == [dict(record.data) for record in sample.records]


def test_the_example_of_the_page_passes_where_all_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "company_rules.py").write_text(shown("python"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "company_rules", raising=False)
    assert judged(tmp_path, shown("yaml").replace("at_least: 0.2", "at_least: 0.1")).passed
