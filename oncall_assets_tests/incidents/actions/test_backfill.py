"""A backfill is Dagster's own, of the incident's partitions and of all that is computed from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus

from oncall_assets.handbook.actions import Backfill
from oncall_assets.incidents.actions.backfill import BY, INCIDENT, Backfilling, Site, backfilling, request, running
from oncall_assets.incidents.asked import Refused
from oncall_assets_tests.incidents.actions.scene import BACKFILL, by, doer, incident, story
from oncall_assets_tests.incidents.company import ASSETS
from oncall_assets_tests.incidents.conftest import NOW, Watch

WEEKS = dg.WeeklyPartitionsDefinition(start_date="2026-01-04")


@dg.asset(deps=["profit"])
def slides() -> None: ...


@dg.asset(deps=["profit"], partitions_def=WEEKS)
def week() -> None: ...


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["2025Q4", "2026Q1"]))
def quarter() -> None: ...


@pytest.fixture
def site(on_disk: dg.DagsterInstance) -> Site:
    return Site(on_disk, dg.Definitions(assets=[*ASSETS, slides, week, quarter]).resolve_asset_graph())


@pytest.fixture
def watch(on_disk: dg.DagsterInstance, tmp_path: Path) -> Iterator[Watch]:
    with incident(on_disk, f"sqlite:///{tmp_path / 'ledger.sqlite'}", tmp_path) as made:
        yield made


def planned(site: Site, *partitions: str, **action: object) -> Backfilling:
    return backfilling(site, Backfill.model_validate({"asset": "orders"} | action), 1, partitions)


def test_the_asset_alone_for_the_day_of_the_incident(site: Site) -> None:
    assert Backfilling(("orders",), (("2026-01-07", "2026-01-07"),), (), ()) == planned(site, "2026-01-07")


def test_with_all_that_is_computed_from_it_but_what_has_other_partitions(site: Site) -> None:
    plan = planned(site, "2026-01-07", downstream=True)
    assert (
        Backfilling(("orders", "dashboard", "profit"), (("2026-01-07", "2026-01-07"),), ("slides",), ("week",))
        == plan
    )
    assert (
        "backfill orders, dashboard, profit",
        "for 2026-01-07",
        "as a whole: slides",
        "left out, having other partitions: week",
    ) == plan.says


@pytest.mark.parametrize(
    ("partitions", "more", "expected"),
    [
        (["2026-01-07", "2026-01-09"], {}, "2026-01-07, 2026-01-09"),
        (["2026-01-07", "2026-01-12"], {"after": 1}, "2026-01-07 to 2026-01-08, 2026-01-12 to 2026-01-13"),
        (["2026-01-09", "2026-01-07", "2026-01-08"], {}, "2026-01-07 to 2026-01-09"),
        (["2026-01-07…2026-01-09"], {}, "2026-01-07 to 2026-01-09"),
        (["2026-01-07"], {"before": 2}, "2026-01-05 to 2026-01-07"),
        (["2026-01-07"], {"after": 2}, "2026-01-07 to 2026-01-09"),
        (
            ["2026-01-07", "2026-01-12"],
            {"before": 1, "after": 1},
            "2026-01-06 to 2026-01-08, 2026-01-11 to 2026-01-13",
        ),
        (["2026-01-02"], {"before": 9}, "2026-01-01 to 2026-01-02"),
    ],
)
def test_days_stand_together_where_they_are_neighbours_and_none_is_made_up(
    site: Site, partitions: list[str], more: dict[str, int], expected: str
) -> None:
    assert f"for {expected}" == planned(site, *partitions, **more).says[1]


@pytest.mark.parametrize(
    ("partitions", "more", "why"),
    [
        ([], {}, "incident 1 is about no partition; materialise orders in Dagster's UI"),
        (["2025-12-31"], {}, "2025-12-31 is no partition of orders; nothing can be computed again"),
        (["2026Q1"], {}, "2026Q1 is no partition of orders"),
        (["2026-01-07"], {"asset": "slides"}, "2026-01-07 is no partition of slides"),
        (["2026-01-07"], {"asset": "ordrs"}, "'ordrs' is no asset of these definitions"),
    ],
)
def test_what_cannot_be_computed_again_is_refused(
    site: Site, partitions: list[str], more: dict[str, str], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        planned(site, *partitions, **more)


def test_what_is_no_day_has_no_days_beside_it(site: Site) -> None:
    assert "for 2026Q1" == planned(site, "2026Q1", asset="quarter", before=2).says[1]


def test_only_days_that_are_still_wrong_are_computed_again(watch: Watch) -> None:
    watch.report("profit", partition="2026-01-09")
    watch.tick()
    assert "for 2026-01-06 to 2026-01-09" == doer(watch).would(by("ann", BACKFILL), watch.now)[2]
    watch.report("profit", partition="2026-01-07", passed=True)
    watch.tick()
    assert "for 2026-01-08 to 2026-01-09" == doer(watch).would(by("ann", BACKFILL), watch.now)[2]


def test_the_backfill_is_dagsters_and_the_story_says_who_asked_and_where_to_look(watch: Watch) -> None:
    said = doer(watch).do(by("ben", BACKFILL), watch.now)
    (found,) = watch.round.instance.get_backfills()
    assert BulkActionStatus.REQUESTED is found.status
    assert "Incident 1, step 3" == found.title
    assert ("ben", watch.post.pages[0].dedup) == (found.tags[BY], found.tags[INCIDENT])
    assert found.asset_backfill_data
    subset = found.asset_backfill_data.target_subset
    assert {"orders", "dashboard", "profit"} == {key.to_user_string() for key in subset.asset_keys}
    for key in subset.asset_keys:
        assert ["2026-01-06", "2026-01-07"] == sorted(subset.get_partitions_subset(key).get_partition_keys())
    where = f"backfill {found.backfill_id}: http://dagster.example/runs/b/{found.backfill_id}"
    what = f"requested a backfill of orders, dashboard, profit for 2026-01-06 to 2026-01-07, {where}"
    assert [("ben", what)] == story(watch, BACKFILL)
    assert (f"#1: {what}.", "No daemon runs backfills now: it stays requested until one does.") == said


def test_another_is_refused_until_the_first_is_over(watch: Watch) -> None:
    doer(watch).do(by("ben", BACKFILL), watch.now)
    (found,) = watch.round.instance.get_backfills()
    why = f"ben requested backfill {found.backfill_id} at 2026-01-07 02:00 UTC, and it is not over; wait for it"
    for again in (False, True):
        with pytest.raises(Refused, match=why):
            doer(watch).do(by("ann", BACKFILL, again=again), watch.now)
    over = found._replace(status=BulkActionStatus.COMPLETED_FAILED)
    watch.round.instance.update_backfill(over)
    doer(watch).do(by("ann", BACKFILL), watch.now)
    assert ["ben", "ann"] == [who for who, _ in story(watch, BACKFILL)]


def test_only_a_backfill_of_this_incident_and_asset_counts(watch: Watch) -> None:
    doer(watch).do(by("ben", BACKFILL), watch.now)
    site, dedup = Site(watch.round.instance, watch.round.desk.lineage.graph), watch.post.pages[0].dedup
    assert running(site, dedup, "profit")
    assert None is running(site, dedup, "rates")
    assert None is running(site, f"{dedup}2", "profit")


def test_a_backfill_that_dagster_does_not_take_leaves_no_line_in_the_story(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(watch.round.instance, "add_backfill", full)
    with pytest.raises(OSError, match="disk full"):
        doer(watch).do(by("ben", BACKFILL), watch.now)
    assert [] == story(watch, BACKFILL)


def test_an_incident_without_a_partition_is_backfilled_by_hand(
    on_disk: dg.DagsterInstance, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    why = "incident 1 is about no partition"
    with incident(on_disk, url, tmp_path, partition=None) as watch, pytest.raises(Refused, match=why):
        doer(watch).do(by("ann", BACKFILL), watch.now)


def test_what_is_computed_as_a_whole_is_in_the_backfill_too(site: Site) -> None:
    plan = planned(site, "2026-01-07", asset="profit", downstream=True)
    assert "requested a backfill of profit, slides for 2026-01-07" == plan.done
    request(site, plan, "Incident 1", {}, NOW)
    (found,) = site.instance.get_backfills()
    assert found.asset_backfill_data
    assert {dg.AssetKey("slides")} == found.asset_backfill_data.target_subset.non_partitioned_asset_keys
