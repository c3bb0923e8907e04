"""Reports among all other assets: owned like them, sent by no night, and refused where their table is not made."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import Handbook, HandbookError, load_handbook
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.pipelines import company
from oncall_assets.reports import editions
from oncall_assets_tests.incidents.company import handbook as handbook_of
from oncall_assets_tests.pipelines.handbooks import DEFAULT

REPORTS = {
    "editions/aggregate_engagement_monthly": "aggregate_engagement",
    "editions/aggregate_growth_weekly": "aggregate_growth",
    "editions/aggregate_profit_daily": "aggregate_profit",
    "editions/investor_report_monthly": "investor_report",
}


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return load_handbook(DEFAULT, frozenset(LANDED))


@pytest.fixture(scope="module")
def numbers(handbook: Handbook) -> dg.Definitions:
    return company(handbook)


@pytest.fixture(scope="module")
def on_call(handbook: Handbook, numbers: dg.Definitions) -> dg.Definitions:
    return with_on_call(dg.Definitions.merge(numbers, editions(handbook)), handbook)


def key(asset: str) -> dg.AssetKey:
    return dg.AssetKey.from_user_string(asset)


def test_a_report_has_the_owners_and_tags_of_the_pipeline_whose_runbook_plans_it(
    on_call: dg.Definitions, handbook: Handbook
) -> None:
    graph = on_call.resolve_asset_graph()
    assert REPORTS == {
        one.to_user_string(): graph.get(one).tags["oncall/pipeline"]
        for one in graph.get_all_asset_keys()
        if one.path[0] == "editions"
    }
    node, pipeline = graph.get(key("editions/aggregate_profit_daily")), handbook.team.pipelines["aggregate_profit"]
    assert handbook.team.engineers[pipeline.primary].email in node.owners
    assert "investors" == node.tags["oncall/audience"]
    metric_owner = node.metadata["oncall/metric_owner"]
    assert pipeline.metric_owner == getattr(metric_owner, "value", metric_owner)
    assert "every day at 06:00, America/New_York" == node.metadata["due"]


@pytest.mark.parametrize("job", ["night", "late_events"])
def test_no_night_sends_a_report(on_call: dg.Definitions, job: str) -> None:
    chosen = on_call.resolve_job_def(job).asset_layer.executable_asset_keys
    assert [] == [one.to_user_string() for one in chosen if one.path[0] == "editions"]
    assert key("reporting/aggregate_engagement") in chosen


def test_the_desk_comes_with_the_reports_and_only_with_them(on_call: dg.Definitions, tmp_path: Path) -> None:
    assert "oncall_editions" in {sensor.name for sensor in on_call.get_repository_def().sensor_defs}
    none_planned = handbook_of(tmp_path / "book")
    assert ([], []) == (list(editions(none_planned).assets or ()), list(editions(none_planned).sensors or ()))


def test_a_night_can_be_run_without_any_report(numbers: dg.Definitions) -> None:
    assert key("reporting/investor_report") in numbers.resolve_job_def("night").asset_layer.executable_asset_keys


def without(definitions: dg.Definitions, *keys: str) -> Sequence[dg.AssetsDefinition]:
    return [
        asset
        for asset in definitions.assets or ()
        if isinstance(asset, dg.AssetsDefinition) and asset.key not in {key(one) for one in keys}
    ]


def test_a_report_of_a_table_that_nobody_makes_is_refused_with_its_line(
    handbook: Handbook, numbers: dg.Definitions
) -> None:
    fewer = dg.Definitions(
        assets=without(numbers, "reporting/aggregate_profit"),
        resources=numbers.resources,
    )
    with pytest.raises(HandbookError) as refused:
        with_on_call(dg.Definitions.merge(fewer, editions(handbook)), handbook)
    (problem,) = [one for one in refused.value.problems if one.field.startswith("reports")]
    source = (DEFAULT / "aggregate_profit.md").read_text().splitlines()
    assert "- name: daily" == source[problem.line - 1].strip()
    assert (f"{DEFAULT}/aggregate_profit.md", "reports[0].name") == (problem.path, problem.field)
    assert problem.message.startswith("'reporting/aggregate_profit' is no asset, and the report is made of it;")


def edited(folder: Path, edit: tuple[str, str]) -> Handbook:
    """The default handbook with a text of team.yaml replaced."""
    shutil.copytree(DEFAULT, folder / "runbooks")
    shutil.copy(DEFAULT.parent / "constraints.txt", folder)
    team = folder / "runbooks" / "team.yaml"
    text, count = re.subn(re.escape(edit[0]), edit[1], team.read_text())
    assert 1 == count
    team.write_text(text)
    return load_handbook(folder / "runbooks", frozenset(LANDED))


def test_a_report_belongs_to_no_other_pipeline(tmp_path: Path) -> None:
    old = 'assets: key:"daily_growth"'
    book = edited(tmp_path, (old, f'{old} or key:"editions/aggregate_profit_daily"'))
    with pytest.raises(HandbookError) as refused:
        with_on_call(dg.Definitions.merge(company(book), editions(book)), book)
    (problem,) = refused.value.problems
    assert "pipelines.daily_growth.assets" == problem.field
    mine = "which belongs to aggregate_profit, whose runbook plans the report"
    assert f"selects editions/aggregate_profit_daily, {mine}" == problem.message


def test_a_pipeline_may_select_its_own_reports(tmp_path: Path) -> None:
    old = 'assets: key:"aggregate_profit" or key:"reporting/aggregate_profit"'
    book = edited(tmp_path, (old, f'{old} or group:"editions" and key:"*profit_daily"'))
    made = with_on_call(dg.Definitions.merge(company(book), editions(book)), book)
    tags = made.resolve_asset_graph().get(key("editions/aggregate_profit_daily")).tags
    assert "aggregate_profit" == tags["oncall/pipeline"]
