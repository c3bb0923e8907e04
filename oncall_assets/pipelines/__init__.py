"""The company's numbers as Dagster assets, a partition a UTC day.

`places` fetches, with `databases` and `arrival`; `admission` refuses what breaks its contract; `sources` lands.
`figure` turns a metric into an asset, with a `fingerprint` of what it computes; `profit`, `growth`, `engagement`
and `investors` list them. `warehouse` is where all is stored, and `reporting` where people read it; `nightly` says
when. `rota` publishes who is on call.
"""

import dagster as dg

from oncall_assets.handbook import Handbook
from oncall_assets.pipelines.engagement import engagement_assets
from oncall_assets.pipelines.figure import daily
from oncall_assets.pipelines.growth import growth_assets
from oncall_assets.pipelines.investors import investor_assets
from oncall_assets.pipelines.nightly import nightly_automation
from oncall_assets.pipelines.profit import profit_assets
from oncall_assets.pipelines.reporting import ReportingDatabase, reporting_assets
from oncall_assets.pipelines.rota import rota_assets, rota_automation, rota_checks
from oncall_assets.pipelines.sources import source_assets
from oncall_assets.pipelines.warehouse import Warehouse


def pipeline_assets(handbook: Handbook) -> list[dg.AssetsDefinition]:
    """Every table of the company, with the days that the handbook's sources cover."""
    partitions = _partitions(handbook)
    return [
        *source_assets(handbook, partitions),
        *profit_assets(partitions),
        *growth_assets(partitions),
        *engagement_assets(partitions),
        *investor_assets(partitions),
    ]


def company(handbook: Handbook) -> dg.Definitions:
    """The company's numbers and its published rota, as any project would define them: nobody is on call yet."""
    return dg.Definitions.merge(
        dg.Definitions(
            assets=[*pipeline_assets(handbook), *reporting_assets(handbook, _partitions(handbook))],
            resources={"warehouse": Warehouse(), "reporting": ReportingDatabase.of(handbook)},
            # A process for each step costs two seconds a step; a night has twenty steps of less.
            executor=dg.in_process_executor,
            **nightly_automation(handbook.team.timezone),
        ),
        dg.Definitions(
            assets=rota_assets(handbook), asset_checks=rota_checks(handbook), **rota_automation(handbook)
        ),
    )


def _partitions(handbook: Handbook) -> dg.DailyPartitionsDefinition:
    return daily(handbook.sources.first_day, handbook.sources.last_day)


__all__ = ["company", "pipeline_assets"]
