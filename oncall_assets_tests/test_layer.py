"""Any definitions can be put on call, and a handbook that speaks of assets they lack is refused."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import Handbook, HandbookError, load_handbook
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import run_tags
from oncall_assets_tests.pipelines.handbooks import DEFAULT

# What the default handbook speaks of.
PUBLISHED = ("aggregate_profit", "aggregate_growth", "aggregate_engagement", "investor_report")
ASSETS = (*CONTRACTS, *(f"reporting/{name}" for name in PUBLISHED), "rota_published")


def bare(*names: str) -> dg.Definitions:
    """Assets of somebody else's, one after another, with no owners."""
    assets = []
    for number, name in enumerate(names):
        before = [dg.AssetKey(one.split("/")) for one in names[max(number - 1, 0) : number]]

        key = dg.AssetKey(name.split("/"))

        @dg.asset(key=key, deps=before, tags={"kept": "yes"}, owners=["team:before"])
        def asset() -> None: ...

        assets.append(asset)
    nothing = dg.ResourceDefinition.none_resource()
    return dg.Definitions(assets=assets, resources={"warehouse": nothing, "reporting": nothing})


def edited(folder: Path, file: str, old: str, new: str) -> Handbook:
    """The default handbook with one text replaced."""
    shutil.copytree(DEFAULT, folder, dirs_exist_ok=True)
    path = folder / file
    text = path.read_text()
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1))
    return load_handbook(folder, frozenset(LANDED))


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return load_handbook(DEFAULT, frozenset(LANDED))


@pytest.fixture(scope="module")
def stamped(handbook: Handbook) -> dg.Definitions:
    return with_on_call(bare(*ASSETS, "stranger"), handbook)


def spec(definitions: dg.Definitions, name: str) -> dg.AssetSpec:
    return definitions.get_assets_def(name).get_asset_spec(dg.AssetKey(name))


def test_every_asset_of_a_pipeline_has_its_owners_and_the_team(
    stamped: dg.Definitions, handbook: Handbook
) -> None:
    pipeline = handbook.team.pipelines["aggregate_profit"]
    people = [handbook.team.engineers[key].email for key in (pipeline.primary, *pipeline.secondary)]
    expected = ["team:before", *people, f"team:{handbook.team.team}"]
    assert expected == list(spec(stamped, "aggregate_profit").owners)


def test_tags_name_owners_audience_and_severity_and_keep_what_was_there(
    stamped: dg.Definitions, handbook: Handbook
) -> None:
    pipeline = handbook.team.pipelines["aggregate_profit"]
    tags = spec(stamped, "aggregate_profit").tags
    assert {
        "kept": "yes",
        "oncall/pipeline": "aggregate_profit",
        "oncall/primary": pipeline.primary,
        "oncall/secondary": pipeline.secondary[0],
        "oncall/audience": "investors",
        "oncall/severity": handbook.runbooks["aggregate_profit"].front.severity,
    } == dict(tags)


def test_metric_owner_and_runbook_stand_in_the_metadata(stamped: dg.Definitions, handbook: Handbook) -> None:
    metadata = spec(stamped, "aggregate_profit").metadata
    expected = (handbook.team.pipelines["aggregate_profit"].metric_owner, str(DEFAULT / "aggregate_profit.md"))
    found = (metadata["oncall/metric_owner"], metadata["oncall/runbook"])
    assert expected == tuple(getattr(value, "value", value) for value in found)


def test_a_second_secondary_gets_a_tag_of_its_own(tmp_path: Path, handbook: Handbook) -> None:
    old = handbook.team.pipelines["profit"]
    others = [key for key in handbook.team.engineers if key != old.primary][:2]
    text = (DEFAULT / "team.yaml").read_text()
    block = re.search(r"^  profit:\n(?:    .*\n)+", text, re.MULTILINE)
    assert block is not None
    secondary = re.search(r"    secondary: .*\n", block[0])
    assert secondary is not None
    changed = block[0].replace(secondary[0], f"    secondary: [{', '.join(others)}]\n")
    definitions = with_on_call(bare(*ASSETS), edited(tmp_path / "book", "team.yaml", block[0], changed))
    tags = spec(definitions, "profit").tags
    assert others == [tags["oncall/secondary"], tags["oncall/secondary_2"]]


def test_an_asset_of_no_pipeline_stays_as_it_is(stamped: dg.Definitions) -> None:
    found = spec(stamped, "stranger")
    assert (["team:before"], {"kept": "yes"}) == (list(found.owners), dict(found.tags))


def test_every_check_of_every_runbook_is_an_asset_check(stamped: dg.Definitions, handbook: Handbook) -> None:
    graph = stamped.get_repository_def().asset_graph
    expected = {(check.asset, check.name) for _, _, check in handbook.checks()}
    assert expected == {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys}


def test_the_pager_comes_with_the_layer_and_runs_by_default(stamped: dg.Definitions) -> None:
    pager = stamped.get_repository_def().get_sensor_def("oncall_pager")
    assert dg.DefaultSensorStatus.RUNNING == pager.default_status


REFUSED = {
    "a misspelt asset": ('key:"aggregate_profit"', 'key:"aggregate_proft"', "did you mean aggregate_profit?"),
    "no selection at all": ('key:"aggregate_profit"', "key:(", "is no asset selection"),
    "an asset of another": (
        'key:"aggregate_profit"',
        'key:"aggregate_profit" or key:"profit"',
        "belongs to profit",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_selection_that_cannot_hold_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    old, new, expected = REFUSED[name]
    text = (DEFAULT / "team.yaml").read_text()
    line = 1 + text[: text.index(old)].count("\n")
    handbook = edited(tmp_path / "book", "team.yaml", old, new)
    with pytest.raises(HandbookError) as refused:
        with_on_call(bare(*ASSETS), handbook)
    (problem,) = [problem for problem in refused.value.problems if expected in problem.message]
    assert (line, "pipelines.aggregate_profit.assets") == (problem.line, problem.field)


def test_a_deadline_of_an_asset_that_does_not_exist_is_refused_at_its_line(tmp_path: Path) -> None:
    old, new = "asset: aggregate_profit, by", "asset: nowhere, by"
    handbook = edited(tmp_path / "book", "aggregate_profit.md", old, new)
    located = r"aggregate_profit\.md:\d+:\d+: deadlines\[0\]\.asset: 'nowhere' is no asset"
    with pytest.raises(HandbookError, match=located):
        with_on_call(bare(*ASSETS), handbook)


def test_a_check_on_an_asset_that_does_not_exist_is_refused_at_its_line(tmp_path: Path) -> None:
    handbook = edited(tmp_path / "book", "aggregate_profit.md", "asset: aggregate_profit\n", "asset: nowhere\n")
    located = r"aggregate_profit\.md:\d+:\d+: checks\[\d+\]\.asset: 'nowhere' is no asset"
    with pytest.raises(HandbookError, match=located):
        with_on_call(bare(*ASSETS), handbook)


EXPECTS = {
    "a table misspelt": (
        "{agrees_with: {column: n, other: daily_grwth}}",
        "agrees_with.other",
        "'daily_grwth' is no asset; expected one of aggregate_profit, daily_growth",
        "; did you mean daily_growth?",
    ),
    "one of several upstream misspelt": (
        "{stale_upstream: {upstream: [daily_growth, nowhere]}}",
        "stale_upstream.upstream",
        "'nowhere' is no asset; expected one of aggregate_profit, daily_growth",
        "",
    ),
    "an own rule of no module": (
        "{own: {function: nowhere_at_all.judge}}",
        "own.function",
        "there is no module nowhere_at_all",
        "",
    ),
}


@pytest.mark.parametrize("name", EXPECTS)
def test_what_a_rule_names_and_nobody_has_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    expect, field, start, end = EXPECTS[name]
    with pytest.raises(HandbookError) as refused:
        with_on_call(bare("aggregate_profit", "daily_growth"), small_book(tmp_path, expect))
    (problem,) = refused.value.problems
    line = 1 + (tmp_path / "aggregate_profit.md").read_text().split("- name: judged")[0].count("\n") + 2
    assert (line, f"checks[0].expect.{field}") == (problem.line, problem.field)
    assert problem.message.startswith(start)
    assert problem.message.endswith(end)


CHANGED = "{definition_changed: {days_back: 5}}"
PARTITIONS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-02-01")


def small_book(folder: Path, expect: str, calculation: str = "revenue less cost") -> Handbook:
    """The good handbook of the tests with one runbook, of one metric and one check."""
    good = DEFAULT.parent / "oncall_assets_tests" / "handbooks" / "good"
    for file in ("team.yaml", "sources.yaml"):
        (folder / file).write_text((good / file).read_text())
    lines = [
        "---",
        "purpose: To test.",
        "metrics:",
        "  - name: Profit",
        "    means: What is left.",
        f"    calculation: {calculation}",
        "frequency: daily",
        "sla: [always]",
        "severity: major",
        "issues: {changed: {what: The figure is computed otherwise than it was.}}",
        "checks:",
        "  - name: judged",
        "    asset: aggregate_profit",
        f"    expect: {expect}",
        "    guards: [changed]",
        "    step: 1",
        "---",
        "## Procedure",
        "1. Look.",
    ]
    (folder / "aggregate_profit.md").write_text("\n".join(lines) + "\n")
    return load_handbook(folder, frozenset(LANDED))


def figures(version: str | None) -> dg.Definitions:
    """Assets of somebody else's, with neither a warehouse nor a reporting database."""

    @dg.asset(partitions_def=PARTITIONS, backfill_policy=dg.BackfillPolicy.single_run(), code_version=version)
    def aggregate_profit() -> None: ...

    @dg.asset
    def daily_growth() -> None: ...

    return dg.Definitions(assets=[aggregate_profit, daily_growth])


def night(definitions: dg.Definitions, instance: dg.DagsterInstance, days: Days) -> dg.AssetCheckEvaluation:
    """What the check says of the days, which are computed before it."""
    job = definitions.resolve_implicit_global_asset_job_def()
    keys = [dg.AssetKey("aggregate_profit")]
    result = job.execute_in_process(instance=instance, tags=run_tags(days), asset_selection=keys)
    (found,) = result.get_asset_check_evaluations()
    return found


@pytest.mark.parametrize("version", ["1", None])
def test_a_figure_whose_words_changed_is_to_be_computed_again(version: str | None, tmp_path: Path) -> None:
    month = Days.parse("2026-01-01", "2026-01-04")
    before = with_on_call(figures(version), small_book(tmp_path, CHANGED))
    after = with_on_call(figures(version), small_book(tmp_path, CHANGED, "revenue less direct cost"))
    with dg.DagsterInstance.ephemeral() as instance:
        assert night(before, instance, month).passed
        found = night(after, instance, Days.parse("2026-01-04"))
        assert (False, 3) == (found.passed, found.metadata["oncall/observed"].value)
        assert (
            "3 of 4 days of aggregate_profit were computed by an earlier definition: 2026-01-01…2026-01-03."
            in str(found.metadata["oncall/finding"].value)
        )
        assert night(after, instance, month).passed


def test_code_and_words_both_make_a_definition(tmp_path: Path) -> None:
    def version(of: str | None, calculation: str, expect: str = CHANGED) -> str | None:
        folder = tmp_path / f"{of}{len(calculation)}{len(expect)}"
        folder.mkdir(exist_ok=True)
        definitions = with_on_call(figures(of), small_book(folder, expect, calculation))
        return spec(definitions, "aggregate_profit").code_version

    one = version("1", "sum of all")
    assert (one or "").startswith("1-")
    assert one == version("1", "sum   of all")
    assert 4 == len({one, version("1", "sum of some"), version("2", "sum of all"), version(None, "sum of all")})
    # Who does not ask is not promised anything: see `_code_version`.
    assert version(None, "sum of all", "{duration: {at_most: 3}}") is None
    assert one == version("1", "sum of all", "{duration: {at_most: 3}}")


def test_an_asset_of_a_pipeline_without_a_runbook_keeps_its_code_version(tmp_path: Path) -> None:
    definitions = with_on_call(figures("1"), small_book(tmp_path, CHANGED))
    assert spec(definitions, "daily_growth").code_version is None
