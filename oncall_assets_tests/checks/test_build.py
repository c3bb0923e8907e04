"""A runbook's check as Dagster runs it: the evidence in its metadata, and what a blocking one stops."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from oncall_assets.checks import runbook_checks
from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags

DAY = "2026-01-02"
PARTITIONS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-02-01")

RUNBOOK = """---
purpose: To test.
metrics: [{{name: n, means: a number, calculation: counted}}]
frequency: daily
sla: [always]
severity: major
issues: {{twice: {{what: a row stands twice}}}}
checks:
  - {{name: once, asset: first, expect: {{unique: {{columns: [{column}]}}}}, guards: [twice], step: 2, {options}}}
---

## Procedure

1. Look.
2. Mend.
"""


class Shelf:
    """Tables of a test, as the resource that checks read from."""

    def __init__(self, ids: list[str]) -> None:
        self._ids = ids

    def stored(self, name: str, days: Days) -> ir.Table:
        assert ("first", DAY) == (name, str(days))
        return ibis.memtable(pa.table({"id": self._ids}))


@dg.asset(partitions_def=PARTITIONS)
def first() -> None: ...


@dg.asset(partitions_def=PARTITIONS, deps=[first])
def second() -> None: ...


def handbook(folder: Path, good: Path, options: str, column: str) -> Handbook:
    """The good handbook of the tests, with one runbook that has one check."""
    for file in ("team.yaml", "sources.yaml"):
        (folder / file).write_text((good / file).read_text())
    (folder / "aggregate_profit.md").write_text(RUNBOOK.format(options=options, column=column))
    return load_handbook(folder, frozenset(LANDED))


def run(folder: Path, ids: list[str], options: str, column: str = "id") -> dg.ExecuteInProcessResult:
    good = Path(__file__).parents[1] / "handbooks" / "good"
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [first, second, *runbook_checks(handbook(folder, good, options, column))],
            instance=instance,
            resources={"warehouse": Shelf(ids)},
            tags=run_tags(Days.parse(DAY)),
            raise_on_error=False,
        )


def test_a_failed_check_carries_its_evidence(tmp_path: Path) -> None:
    (found,) = run(tmp_path, ["a", "a", "b"], "severity: error").get_asset_check_evaluations()
    metadata = {name: value.value for name, value in found.metadata.items() if name != "oncall/sample"}
    assert {
        "oncall/observed": 1,
        "oncall/threshold": "no repeats",
        "oncall/finding": "1 of 3 rows repeat the id of another.",
        "oncall/issue": "twice",
        "oncall/step": "2",
        "oncall/partition": DAY,
        "oncall/pipeline": "aggregate_profit",
        "oncall/runbook": str(tmp_path / "aggregate_profit.md"),
    } == metadata
    sample = found.metadata["oncall/sample"]
    assert isinstance(sample, dg.TableMetadataValue)
    assert [{"id": "a", "times": 2}] == [dict(record.data) for record in sample.records]


def test_a_passed_check_carries_no_sample(tmp_path: Path) -> None:
    (found,) = run(tmp_path, ["a", "b"], "severity: error").get_asset_check_evaluations()
    assert (True, False) == (found.passed, "oncall/sample" in found.metadata)


@pytest.mark.parametrize(
    ("options", "severity", "success", "computed"),
    [
        ("blocking: true", dg.AssetCheckSeverity.ERROR, False, {"first"}),
        ("blocking: false", dg.AssetCheckSeverity.ERROR, True, {"first", "second"}),
        ("severity: warn", dg.AssetCheckSeverity.WARN, True, {"first", "second"}),
    ],
)
def test_only_a_blocking_check_stops_what_is_downstream(
    options: str, severity: dg.AssetCheckSeverity, success: bool, computed: set[str], tmp_path: Path
) -> None:
    result = run(tmp_path, ["a", "a"], options)
    keys = [event.asset_key for event in result.get_asset_materialization_events()]
    done = {key.to_user_string() for key in keys if key}
    (found,) = result.get_asset_check_evaluations()
    assert (severity, False, success, computed) == (found.severity, found.passed, result.success, done)


def test_a_check_whose_column_is_gone_fails_and_says_so(tmp_path: Path) -> None:
    (found,) = run(tmp_path, ["a"], "severity: error", column="ident").get_asset_check_evaluations()
    assert not found.passed
    assert (
        "The rule cannot be applied: no column ident; the table has id." == found.metadata["oncall/finding"].value
    )


def test_a_check_waits_for_the_table_it_is_held_against(tmp_path: Path) -> None:
    expect = "expect: {{agrees_with: {{column: n, other: second}}}}"
    rule = "expect: {{unique: {{columns: [{column}]}}}}"
    good = Path(__file__).parents[1] / "handbooks" / "good"
    for file in ("team.yaml", "sources.yaml"):
        (tmp_path / file).write_text((good / file).read_text())
    text = RUNBOOK.replace(rule, expect).format(options="severity: error")
    (tmp_path / "aggregate_profit.md").write_text(text)
    (found,) = runbook_checks(load_handbook(tmp_path, frozenset(LANDED)))
    (spec,) = found.check_specs
    assert [dg.AssetKey("second")] == [dep.asset_key for dep in spec.additional_deps]


def test_what_a_check_of_investors_figures_found_is_not_printed_into_the_log_of_the_run(tmp_path: Path) -> None:
    (found,) = run(tmp_path, ["a", "a"], "severity: error").get_asset_check_evaluations()
    assert found.description is None
    team = (tmp_path / "team.yaml").read_text().replace("audience: investors", "audience: experimenters")
    (tmp_path / "team.yaml").write_text(team)
    (check,) = runbook_checks(load_handbook(tmp_path, frozenset(LANDED)))
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [first, second, check],
            instance=instance,
            resources={"warehouse": Shelf(["a", "a"])},
            tags=run_tags(Days.parse(DAY)),
        )
    (told,) = result.get_asset_check_evaluations()
    assert "1 of 2 rows repeat the id of another." == told.description
