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
from oncall_assets_tests.pipelines.handbooks import DEFAULT

# What the default handbook speaks of.
ASSETS = (*CONTRACTS, "rota_published")


def bare(*names: str) -> dg.Definitions:
    """Assets of somebody else's, one after another, with no owners."""
    assets = []
    for number, name in enumerate(names):
        before = names[number - 1 : number] if number else ()

        @dg.asset(name=name, deps=list(before), tags={"kept": "yes"}, owners=["team:before"])
        def asset() -> None: ...

        assets.append(asset)
    return dg.Definitions(assets=assets, resources={"warehouse": dg.ResourceDefinition.none_resource()})


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
