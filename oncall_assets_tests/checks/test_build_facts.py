"""What a check is given beside tables: records, the machine and the reporting database, only where it asks."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.checks import runbook_checks
from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets_tests.checks.test_build import PARTITIONS, RUNBOOK

RULE = "expect: {{unique: {{columns: [{column}]}}}}"
DAY = "2026-01-02"


@dg.asset(partitions_def=PARTITIONS, code_version="1")
def first() -> None: ...


@dg.asset(partitions_def=PARTITIONS, code_version="1")
def second() -> None: ...


def book(folder: Path, expect: str) -> Handbook:
    good = Path(__file__).parents[1] / "handbooks" / "good"
    for file in ("team.yaml", "sources.yaml"):
        (folder / file).write_text((good / file).read_text())
    text = RUNBOOK.replace(RULE, "EXPECT").format(options="severity: error").replace("EXPECT", f"expect: {expect}")
    (folder / "aggregate_profit.md").write_text(text)
    return load_handbook(folder, frozenset(LANDED))


def check_of(folder: Path, expect: str) -> dg.AssetChecksDefinition:
    (found,) = runbook_checks(book(folder, expect), {"first": "1"})
    return found


def run(
    folder: Path, expect: str, tags: dict[str, str], instance: dg.DagsterInstance, *, checked: bool = True
) -> dg.ExecuteInProcessResult:
    """Without any resource: neither a warehouse nor a reporting database."""
    checks = [check_of(folder, expect)] if checked else []
    return dg.materialize([first, *checks], instance=instance, tags=tags, raise_on_error=False)


@pytest.mark.parametrize(
    ("expect", "needed"),
    [
        ("{unique: {columns: [id]}}", {"warehouse"}),
        ("{own: {function: company.judge}}", {"warehouse"}),
        ("{published_matches: {}}", {"warehouse", "reporting"}),
        ("{grants: {}}", {"reporting"}),
        ("{headroom: {at_least: 1 MB}}", set()),
        ("{environment: {pins: pins.txt}}", set()),
        ('{arrived_by: {by: "04:00"}}', set()),
        ("{duration: {at_most: 3}}", set()),
        ("{stale_upstream: {upstream: [second]}}", set()),
        ("{definition_changed: {}}", set()),
    ],
)
def test_a_check_needs_only_what_its_rule_asks_for(expect: str, needed: set[str], tmp_path: Path) -> None:
    # Dagster gives each step an IO manager.
    assert needed == check_of(tmp_path, expect).required_resource_keys - {"io_manager"}


@pytest.mark.parametrize(
    ("expect", "observed"),
    [
        ("{stale_upstream: {upstream: [first]}}", 0),
        ("{definition_changed: {}}", 0),
    ],
)
def test_what_this_run_has_just_computed_is_seen(expect: str, observed: object, tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        (found,) = run(tmp_path, expect, run_tags(Days.parse(DAY)), instance).get_asset_check_evaluations()
    assert (True, observed) == (found.passed, found.metadata["oncall/observed"].value)
    assert DAY == found.metadata["oncall/partition"].value


def test_what_this_run_took_is_seen(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        tags = run_tags(Days.parse(DAY))
        (found,) = run(tmp_path, "{duration: {at_most: 3}}", tags, instance).get_asset_check_evaluations()
    assert "which is never slow" in str(found.metadata["oncall/finding"].value)


def test_a_deadline_is_in_the_zone_of_the_team(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        expect = '{arrived_by: {by: "04:00"}}'
        (found,) = run(tmp_path, expect, run_tags(Days.parse(DAY)), instance).get_asset_check_evaluations()
    assert "by 04:00 Europe/London on the day after" == found.metadata["oncall/threshold"].value
    assert "a backfill" == found.metadata["oncall/observed"].value


def test_a_rule_about_no_day_is_judged_without_one(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        (found,) = run(tmp_path, "{headroom: {at_least: 1 MB}}", {}, instance).get_asset_check_evaluations()
    assert found.passed
    assert "oncall/partition" not in found.metadata


def test_a_rule_about_days_says_that_it_needs_them(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [plain, *runbook_checks(book(tmp_path, "{definition_changed: {}}"), {"first": "1"})],
            instance=instance,
            raise_on_error=False,
        )
        assert not result.success
        (failed,) = [event for event in result.all_events if event.is_step_failure]
        assert "this check judges days; launch it with a partition" in str(failed.step_failure_data.error)


@dg.asset(name="first")
def plain() -> None: ...


def test_a_check_of_the_upstream_waits_for_all_of_it(tmp_path: Path) -> None:
    (spec,) = check_of(tmp_path, "{stale_upstream: {upstream: [second, first]}}").check_specs
    assert [dg.AssetKey("second")] == [dep.asset_key for dep in spec.additional_deps]


def test_an_asset_nobody_gave_a_code_version_has_no_definition_to_change(tmp_path: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        (check,) = runbook_checks(book(tmp_path, "{definition_changed: {}}"))
        result = dg.materialize([first, check], instance=instance, tags=run_tags(Days.parse(DAY)))
        (found,) = result.get_asset_check_evaluations()
    assert "The rule cannot be applied: first has no definition in force; give the asset a code_version." == (
        found.metadata["oncall/finding"].value
    )
