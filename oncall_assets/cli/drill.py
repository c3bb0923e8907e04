"""`oncall drill`: who would be told of a fault, when and why, without telling anybody."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.asking import fail, opened_ledger
from oncall_assets.cli.defined import DEFINITIONS, definitions_of
from oncall_assets.cli.loading import load, refuse
from oncall_assets.cli.values import When, instant
from oncall_assets.handbook import Handbook, HandbookError
from oncall_assets.handbook.home import ledger_url
from oncall_assets.handbook.labels import INVESTORS
from oncall_assets.handbook.problem import one_of
from oncall_assets.handbook.team import WORST_FIRST
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.incidents.policy.silences import Silence

if TYPE_CHECKING:
    import dagster as dg

    from oncall_assets.incidents.drill import Fault


@click.command()
@click.option("--asset", required=True, help="The asset that is supposed to fail, as Dagster shows it.")
@click.option("--check", help="The check of it that fails. Without one, its run does.")
@click.option("--at", type=When(), help="When, as 2026-12-25T03:00 in the team's zone. By default now.")
@click.option("--severity", type=click.Choice(WORST_FIRST), help="As if it were this bad.")
@click.option("--partition", help="Of this partition.")
@click.option("--definitions", "module", default=DEFINITIONS, show_default=True, help="The module Dagster loads.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def drill(folder: Path, /, as_json: bool, **given: Any) -> None:
    """Say who would be told of a fault, when, over what and why. Nobody is told, and nothing is written."""
    handbook = load(folder)
    at = datetime.now(UTC) if given["at"] is None else instant(given["at"], ZoneInfo(handbook.team.timezone))
    fault = _fault(handbook, definitions_of(given["module"], folder), given, at)
    from oncall_assets.cli.drill_words import drill_as_json, drill_lines
    from oncall_assets.cli.reaching import reach_of
    from oncall_assets.incidents.drill import drilled

    found, reach = drilled(handbook, fault, given["severity"], _silences(at)), reach_of(handbook.team)
    if as_json:
        click.echo(json.dumps(None if found is None else drill_as_json(found, reach)))
    elif found is None:
        click.echo(f"Nothing opens: {fault.target} only warns, which is below the bar.")
    else:
        drill_lines(handbook, found, reach)


def _fault(handbook: Handbook, definitions: dg.Definitions, given: dict[str, Any], at: datetime) -> Fault:
    """What is supposed to fail, with what the definitions know of it. Refuses an unknown asset or check."""
    from dagster import AssetKey

    from oncall_assets.incidents.drill import Fault
    from oncall_assets.incidents.lineage import Lineage
    from oncall_assets.layer import pipelines_by_asset

    asset, check = given["asset"], given["check"]
    graph = definitions.resolve_asset_graph()
    known = {key.to_user_string() for key in graph.get_all_asset_keys()}
    if asset not in known:
        raise click.BadParameter(f"{asset!r} is no asset; {one_of(asset, known)}", param_hint="'--asset'")
    key = AssetKey.from_user_string(asset)
    checks = {one.name for one in graph.asset_check_keys if one.asset_key == key}
    checks |= {one.name for _, _, one in handbook.checks() if one.asset == asset}
    if check is not None and check not in checks:
        message = f"{check!r} is no check of {asset}; {one_of(check, checks)}"
        raise click.BadParameter(message, param_hint="'--check'")
    try:
        owned = {one.to_user_string(): name for one, name in pipelines_by_asset(definitions, handbook).items()}
    except HandbookError as error:
        refuse(error)
    to_investors = {name for name in owned if handbook.team.pipelines[owned[name]].audience == INVESTORS}
    lineage = Lineage(graph)
    about = lineage.about(asset)
    affected = [
        one.model_copy(update={"investors": one.investors or one.asset in to_investors})
        for one in lineage.downstream([asset])
    ]
    return Fault(
        asset=asset,
        check=check,
        partition=given["partition"],
        at=at,
        pipeline=owned.get(asset),
        tagged=next((one for one in WORST_FIRST if one == about.severity), None),
        affected=sorted(affected, key=lambda one: not one.investors),
        investors=asset in to_investors or about.audience == INVESTORS or any(one.investors for one in affected),
    )


def _silences(at: datetime) -> list[Silence]:
    """Those of the ledger that are not over at `at`; none where there is no ledger yet, as opening makes one."""
    from oncall_assets.incidents.ledger.database import missing_file
    from oncall_assets.incidents.ledger.planned import planned

    try:
        if missing_file(ledger_url()):
            return []
    except LedgerError as error:
        fail(str(error))
    with opened_ledger() as ledger:
        return planned(ledger, at)
