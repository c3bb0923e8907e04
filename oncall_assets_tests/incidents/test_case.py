"""What a page says of its incident: who is concerned, how bad it is and where to look, for each kind of fault."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from oncall_assets.handbook import labels
from oncall_assets.incidents.lineage import About, Lineage
from oncall_assets.notify.message import Page
from oncall_assets_tests.incidents.company import (
    ASSETS,
    DAY,
    DAYS,
    asset_tags,
    crew,
    failing,
    orders,
    run,
)
from oncall_assets_tests.incidents.conftest import Watch, crew_watch
from oncall_assets_tests.incidents.signals.test_failure import raising


@pytest.fixture
def watch(crewed: Watch) -> Watch:
    return crewed


def only_page(watch: Watch) -> Page:
    watch.tick()
    (page,) = watch.post.pages
    return page


def spec(name: str, *deps: str, **tags: str) -> dg.AssetsDefinition:
    """An asset that nothing computes here, with these of the layer's tags."""
    known = {"pipeline": labels.PIPELINE, "audience": labels.AUDIENCE, "severity": labels.SEVERITY}
    written = {known[key]: value for key, value in tags.items()}
    return dg.AssetsDefinition(specs=[dg.AssetSpec(name, deps=deps, tags=written)])


def test_a_check_of_the_runbook_names_the_issues_it_guards(watch: Watch) -> None:
    watch.report("profit")
    assert ("profit.short",) == only_page(watch).issues


@pytest.mark.parametrize(("asset", "private"), [("profit", True), ("orders", False), ("bonds", False)])
def test_what_a_check_found_is_private_where_its_asset_goes_to_investors(
    watch: Watch, asset: str, private: bool
) -> None:
    watch.report(asset)
    assert private == only_page(watch).private


def test_the_error_of_a_run_may_tell_figures_too(watch: Watch) -> None:
    goes_to_investors = asset_tags("profit", "investors", "critical")
    run(watch.round.instance, failing("profit", ValueError("12.34 USD"), tags=goes_to_investors))
    assert only_page(watch).private


@pytest.mark.parametrize(("asset", "check"), [("profit", "other"), ("orders", "complete")])
def test_any_other_check_guards_none(watch: Watch, asset: str, check: str) -> None:
    watch.report(asset, check)
    assert () == only_page(watch).issues


def test_links_name_whatever_the_asset_and_the_check_are_called(watch: Watch) -> None:
    watch.report("warehouse/a b", "is ok?")
    (link,) = only_page(watch).links
    assert "http://dagster.example/assets/warehouse/a%20b?view=checks&checkDetail=is+ok%3F" == link.url


def test_a_failed_run_names_each_of_its_assets_and_counts_its_faults(watch: Watch) -> None:
    errors = {name: ValueError(f"no {name}") for name in ("rents", "bonds")}
    result = run(watch.round.instance, *(failing(name, error) for name, error in errors.items()))
    page = only_page(watch)
    assert "Run failed: bonds, rents" == page.title
    assert f"run {result.run_id[:8]} of job __ephemeral_asset_job__, at bonds, rents" == page.what
    assert page.finding.startswith("ValueError: no ")
    assert page.finding.endswith(" (and 1 more steps failed)")
    assert [f"http://dagster.example/runs/{result.run_id}"] == [link.url for link in page.links]
    assert (f"{page.others[0].split()[0]} @ {DAY}",) == page.others


def test_a_failed_run_names_what_it_left_undone_and_unjudged_but_no_more_than_a_dozen(watch: Watch) -> None:
    fails = failing("bonds", ValueError("x"))
    later = [dg.asset(name=f"a{n:02}", partitions_def=DAYS, deps=["bonds"])(lambda: None) for n in range(14)]
    run(watch.round.instance, fails, *later, *(sound(f"c{number:02}") for number in range(14)))
    page = only_page(watch)
    assert tuple(f"a{number:02}" for number in range(12)) == page.not_computed
    assert tuple(f"bonds:c{number:02}" for number in range(12)) == page.not_judged


def sound(name: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset="bonds", name=name)
    def passes() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    return passes


def test_a_check_that_raised_is_of_its_asset_and_no_other(watch: Watch) -> None:
    run(watch.round.instance, orders, raising("complete"))
    page = only_page(watch)
    assert ("Run failed: orders", f"orders:complete @ {DAY}", "orders") == (page.title, page.key, page.pipeline)
    assert "ValueError: no table" == page.finding


def test_all_that_is_computed_from_it_is_named_nearest_first_but_investor_figures_before(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    graph = [
        spec("raw"),
        *(spec(f"b{number:02}", "raw") for number in range(11)),
        spec("b11", "b00", "b01"),
        spec("figures", "b11", audience="investors"),
        spec("beside"),
    ]
    with crew_watch(instance, tmp_path, assets=graph) as watch:
        watch.report("raw")
        page = only_page(watch)
        named = [one.asset for one in page.affected]
        assert ["figures", *(f"b{number:02}" for number in range(11))] == named
        assert ([True] + 11 * [False], 1) == ([one.investors for one in page.affected], page.more_affected)
        assert "and 1 more" == page.downstream[-1]


RISE = "severity: minor\nrises: [{when: investors, severity: critical}]"


@pytest.mark.parametrize(
    ("audience", "below", "severity"),
    [
        ("stakeholders", "stakeholders", "minor"),
        ("stakeholders", "investors", "critical"),
        ("investors", "stakeholders", "critical"),
    ],
)
def test_what_figures_for_investors_come_from_is_worse_by_the_runbook(
    instance: dg.DagsterInstance, tmp_path: Path, audience: str, below: str, severity: str
) -> None:
    assets = [spec("ours", pipeline="profit", audience=audience, severity="minor")]
    assets.append(spec("theirs", "ours", audience=below))
    with crew_watch(instance, tmp_path, crew(tmp_path, front=RISE), assets=assets) as watch:
        watch.report("ours")
        page = only_page(watch)
        assert (severity, audience) == (page.severity, page.audience)


def test_the_tag_of_an_asset_can_make_it_worse_than_its_pipeline_and_an_unknown_one_nothing(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    assets = [spec("a", pipeline="orders", severity="critical"), spec("b", pipeline="orders", severity="dire")]
    with crew_watch(instance, tmp_path, assets=assets) as watch:
        watch.report("a")
        watch.report("b")
        watch.tick()
        assert ["critical", "minor"] == [page.severity for page in watch.post.pages]


def test_a_pipeline_that_is_gone_from_the_handbook_is_named_and_has_no_owners(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    with crew_watch(instance, tmp_path, assets=[spec("a", pipeline="gone")]) as watch:
        watch.report("a")
        page = only_page(watch)
        assert ("gone", (), None, (), "major") == (
            page.pipeline, page.owners, page.runbook, page.steps, page.severity,
        )  # fmt: skip


def test_of_several_audiences_investors_are_named(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    tags = [asset_tags("orders", audience, "minor") for audience in ("stakeholders", "investors")]
    both = [failing(f"a{number}", ValueError("x"), tags=tags[number]) for number in range(2)]
    with crew_watch(instance, tmp_path, assets=both) as watch:
        run(instance, *both)
        assert "investors" == only_page(watch).audience


def test_the_targets_are_those_of_the_severity(watch: Watch) -> None:
    watch.report("profit")
    page = only_page(watch)
    assert (timedelta(hours=1), timedelta(hours=4)) == (page.respond, page.resolve)
    assert (watch.now + timedelta(hours=1), watch.now + timedelta(hours=4)) == (page.respond_by, page.resolve_by)


def test_lineage_goes_all_the_way_up_and_an_unknown_asset_has_neither_ancestors_nor_tags() -> None:
    lineage = Lineage(dg.Definitions(assets=ASSETS).resolve_asset_graph())
    assert frozenset({"orders"}) == lineage.upstream("profit") == lineage.upstream("profit")
    assert frozenset() == lineage.upstream("orders") == lineage.upstream("unheard of")
    assert About("profit", "investors", "critical") == lineage.about("profit")
    assert About() == lineage.about("unheard of")
    assert [] == lineage.downstream(["unheard of"])
    assert [("profit", True), ("dashboard", False)] == [
        (one.asset, one.investors) for one in lineage.downstream(["orders", "profit/unheard of"])
    ]


def test_what_failed_itself_is_not_downstream_of_what_failed() -> None:
    chain = [spec("a"), spec("b", "a"), spec("c", "b"), spec("d", "c")]
    lineage = Lineage(dg.Definitions(assets=chain).resolve_asset_graph())
    assert ["d"] == [one.asset for one in lineage.downstream(["a", "b", "c"])]
    assert frozenset({"a", "b", "c"}) == lineage.upstream("d")


def test_the_first_incidents_of_two_ledgers_are_not_taken_for_one(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    named = set()
    for place, asset in (("here", "rates"), ("there", "profit")):
        (tmp_path / place).mkdir()
        with crew_watch(instance, tmp_path / place) as watch:
            watch.report(asset)
            page = only_page(watch)
            assert 1 == page.incident
            named.add(page.dedup)
    assert 2 == len(named)
