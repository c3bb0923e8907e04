"""A company of three assets and a team of two, small enough to see through and real to Dagster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from oncall_assets.handbook import Handbook, labels, load_handbook

DAY = "2026-01-07"
DAYS = dg.DailyPartitionsDefinition(start_date="2026-01-01")

_TEAM = """
team: data
timezone: Europe/London
engineers:
  ann: {name: Ann Archer, email: ann@example.com, slack: U01ANN, region: GB-ENG, timezone: Europe/London}
  ben: {name: Ben Baker, email: ben@example.com, slack: U01BEN, region: US-NY, timezone: America/New_York}
ENGINEERS
pipelines:
  profit: {assets: "key:profit", primary: ben, secondary: [ann], metric_owner: f@example.com,
           audience: investors, because: knows the ledger}
  orders: {assets: "key:orders", primary: ann, secondary: [ben], metric_owner: f@example.com,
           audience: stakeholders, because: built it, severity: minor}
PIPELINES
rotation: {turn: 1 week, handoff: monday 09:00, start: 2026-01-05, order: [[ann, ben], [ben, ann]]}
severities:
  critical: {respond: 1h, resolve: 4h}
  major: {respond: 2h, resolve: 8h}
  minor: {respond: 4h, resolve: 24h}
channels: CHANNELS
audiences: {investors: [ir@example.com], stakeholders: [all@example.com]}
"""

_RUNBOOK = """---
purpose: Tells what is earned.
metrics: [{name: profit, means: what is left, calculation: revenue - cost}]
frequency: daily
sla: [by 06:00]
FRONT
issues: {short: {what: rows are missing}, broken: {what: the run fails, detected_by: run failed}}
checks:
  - {name: complete, asset: profit, expect: {unique: {columns: [id]}}, guards: [short], step: 2}
---
## Procedure
1. Look at the run.
2. Compare the filing.
3. Land the file again.
4. Re-run the day.
5. Tell finance.
"""

_CREW = """
  cid: {name: Cid Cole, email: cid@example.com, region: GB-ENG, timezone: Europe/London}
  dan: {name: Dan Dean, email: dan@example.com, region: GB-ENG, timezone: Europe/London}
  eve: {name: Eve Earl, email: eve@example.com, region: GB-ENG, timezone: Europe/London}
  zoe: {name: Zoe Zahn, email: zoe@example.com, region: GB-ENG, timezone: Europe/London, left: 2026-01-06}
"""
# Major: 2 h to answer it, 8 h to mend it. Nobody on call owns it.
_RATES = """
  rates: {assets: "key:rates", primary: cid, secondary: [dan], metric_owner: f@example.com,
          audience: stakeholders, because: built it, severity: major}
"""
EVERYBODY = frozenset({"ann", "ben", "cid", "dan", "eve", "zoe"})


def handbook(
    folder: Path,
    channels: str = "{console: {}}",
    *,
    engineers: str = "",
    pipelines: str = "",
    team: str = "",
    front: str = "severity: critical",
    sources: str = "{}",
) -> Handbook:
    """The handbook written to `folder`, the rest being YAML.

    `channels` and `sources` stand for all there are; `engineers` and `pipelines` are lines for one more each,
    `team` is the end of team.yaml, `front` a part of the front matter of profit.
    """
    folder.mkdir(exist_ok=True)
    parts = {"CHANNELS": channels, "ENGINEERS": engineers, "PIPELINES": pipelines}
    written = _TEAM + team
    for place, text in parts.items():
        written = written.replace(place, text)
    (folder / "team.yaml").write_text(written)
    (folder / "profit.md").write_text(_RUNBOOK.replace("FRONT", front))
    (folder / "sources.yaml").write_text(f"first_day: 2026-01-01\nsources: {sources}\n")
    return load_handbook(folder, frozenset(["revenue_records"] if "revenue_records" in sources else []))


def crew(folder: Path, *, team: str = "", front: str = "severity: critical", sources: str = "{}") -> Handbook:
    """The handbook of a team of five, and one who has left, in the folder's `handbook`."""
    more = {"engineers": _CREW, "pipelines": _RATES, "team": team, "front": front, "sources": sources}
    return handbook(folder / "handbook", **more)


def asset_tags(pipeline: str, audience: str, severity: str) -> dict[str, str]:
    return {labels.PIPELINE: pipeline, labels.AUDIENCE: audience, labels.SEVERITY: severity}


@dg.asset(partitions_def=DAYS, tags=asset_tags("orders", "stakeholders", "minor"))
def orders() -> None: ...


@dg.asset(partitions_def=DAYS, deps=[orders], tags=asset_tags("profit", "stakeholders", "critical"))
def dashboard() -> None: ...


@dg.asset(partitions_def=DAYS, deps=[orders], tags=asset_tags("profit", "investors", "critical"))
def profit() -> None: ...


@dg.asset(tags=asset_tags("rates", "stakeholders", "major"))
def rates() -> None: ...


ASSETS: Sequence[dg.AssetsDefinition] = (orders, dashboard, profit)


def orders_check(
    *, passed: bool, blocking: bool = False, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
) -> dg.AssetChecksDefinition:
    """The check `complete` on orders, as the layer would write it."""

    @dg.asset_check(asset=orders, name="complete", blocking=blocking)
    def complete() -> dg.AssetCheckResult:
        sample = [{"record_id": "r-1", "cents": 199}, {"record_id": "r-2", "cents": None}]
        return dg.AssetCheckResult(
            passed=passed,
            severity=severity,
            metadata={
                labels.OBSERVED: 0.71,
                labels.THRESHOLD: "at least 0.99",
                labels.FINDING: "71 of 100 rows are there.",
                labels.SAMPLE: dg.MetadataValue.json([] if passed else sample),
                labels.STEP: 2,
                labels.PARTITION: DAY,
            },
        )

    return complete


def failing(name: str, error: Exception, **settings: Any) -> dg.AssetsDefinition:
    """An asset that raises `error`."""

    def fails() -> None:
        raise error

    made: dg.AssetsDefinition = dg.asset(name=name, partitions_def=DAYS, **settings)(fails)
    return made


def run(
    instance: dg.DagsterInstance,
    *parts: dg.AssetsDefinition | dg.AssetChecksDefinition,
    partition: str | None = DAY,
) -> dg.ExecuteInProcessResult:
    """Materialise assets and evaluate checks in one run."""
    return dg.materialize(parts, instance=instance, partition_key=partition, raise_on_error=False)


def report(instance: dg.DagsterInstance, asset: str, check: str, *, passed: bool = False, **settings: Any) -> None:
    """An evaluation without a run, as the REST endpoint leaves it."""
    key = dg.AssetKey.from_user_string(asset)
    evaluation = dg.AssetCheckEvaluation(asset_key=key, check_name=check, passed=passed, **settings)
    instance.report_runless_asset_event(evaluation)
