"""Editions as Dagster shows them: partitions, what they are made of, and who gets them when."""

from __future__ import annotations

import dagster as dg
import pytest

from oncall_assets.handbook import Handbook
from oncall_assets.reports.assets import edition_assets
from oncall_assets_tests.reports.outgoing import PUBLISHED, Company, team_of


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Handbook:
    return team_of(tmp_path_factory.mktemp("planned") / "book")


def test_partitions_are_whole_days_weeks_from_monday_and_months(planned: Handbook) -> None:
    made = {asset.key.path[-1]: asset.partitions_def for asset in edition_assets(planned)}
    first = {
        name: definition.get_partition_keys()[:2]
        for name, definition in made.items()
        if isinstance(definition, dg.TimeWindowPartitionsDefinition)
    }
    assert {
        "profit_daily": ["2026-01-01", "2026-01-02"],
        # The first day is a Thursday.
        "profit_weekly": ["2026-01-05", "2026-01-12"],
        "profit_monthly": ["2026-01-01", "2026-02-01"],
    } == first


@pytest.mark.parametrize(
    ("report", "partition", "first", "last"),
    [
        ("profit_daily", "2026-01-06", "2026-01-06", "2026-01-06"),
        ("profit_weekly", "2026-01-05", "2026-01-05", "2026-01-11"),
        ("profit_monthly", "2026-02-01", "2026-02-01", "2026-02-28"),
    ],
)
def test_an_edition_is_made_of_all_days_of_its_period(
    planned: Handbook, report: str, partition: str, first: str, last: str
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        graph = Company(planned, instance).definitions().resolve_asset_graph()
        edition = dg.AssetKey(["editions", report])
        mine, its = graph.get(edition).partitions_def, graph.get(PUBLISHED).partitions_def
        assert mine is not None
        assert its is not None
        mapped = graph.get_partition_mapping(
            edition, PUBLISHED
        ).get_upstream_mapped_partitions_result_for_partitions(
            mine.empty_subset().with_partition_keys([partition]), mine, its
        )
    keys = sorted(mapped.partitions_subset.get_partition_keys())
    assert (first, last) == (keys[0], keys[-1])


def test_an_asset_says_what_it_holds_to_whom_it_goes_and_when(planned: Handbook) -> None:
    told = {asset.key.path[-1]: asset.get_asset_spec(asset.key) for asset in edition_assets(planned)}
    due = {name: spec.metadata["due"] for name, spec in told.items()}
    assert {
        "profit_daily": "every day at 06:00, Europe/London",
        "profit_weekly": "every Monday at 07:00, Europe/London",
        "profit_monthly": "2 business days before the next date of board at 17:00, Europe/London",
    } == due
    daily = told["profit_daily"]
    assert "Aggregate profit of each day: Profit. Sent to investors, stakeholders every day" in (
        daily.description or ""
    )
    assert ("editions", {"email"}) == (daily.group_name, daily.kinds)
