"""Where the two halves meet: any Dagster definitions, put on call by what a handbook says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b

import dagster as dg

from oncall_assets.checks import runbook_checks
from oncall_assets.checks.own import own_problem
from oncall_assets.checks.watching import watch_automation
from oncall_assets.handbook import Handbook, HandbookError, Problem, labels
from oncall_assets.handbook.problem import first_line, one_of
from oncall_assets.handbook.rules import Own, tables_named
from oncall_assets.handbook.runbook import Runbook
from oncall_assets.incidents.jobs import on_call_jobs
from oncall_assets.incidents.pager import build_pager
from oncall_assets.incidents.review.asset import review_assets, review_automation
from oncall_assets.pipelines.reporting.assets import PREFIX
from oncall_assets.reports.cadence import Planned
from oncall_assets.rota.check import check_rota


def with_on_call(definitions: dg.Definitions, handbook: Handbook) -> dg.Definitions:
    """The definitions with owners, tags, runbook checks and the pager of the handbook.

    Beside these: jobs by which people answer incidents from the UI, and the review of each quarter as an asset.

    Reports belong to the pipeline whose runbook plans them. Other assets that no pipeline of the handbook selects
    stay as they are; failures of theirs page whoever is on call. Raises HandbookError where the handbook speaks of
    assets that the definitions do not have or of own rules that cannot be called, or where its rota has a gap or a
    change that the rules refuse.
    """
    check_rota(handbook)
    definitions = with_review(definitions, handbook)
    pipelines = pipelines_by_asset(definitions, handbook)

    def stamp(spec: dg.AssetSpec) -> dg.AssetSpec:
        name = pipelines.get(spec.key)
        return spec if name is None else _stamped(spec, handbook, name)

    # Only assets with a spec can be stamped; sources known by their key alone have nothing to stamp.
    stamped = definitions.map_resolved_asset_specs(func=stamp)
    code_versions = {spec.key.to_user_string(): spec.code_version for spec in stamped.resolve_all_asset_specs()}
    return dg.Definitions.merge(
        stamped,
        dg.Definitions(
            asset_checks=list(runbook_checks(handbook, code_versions)),
            sensors=[build_pager(handbook)],
            jobs=on_call_jobs(handbook),
        ),
        dg.Definitions(**watch_automation(handbook)),
    )


def with_review(definitions: dg.Definitions, handbook: Handbook) -> dg.Definitions:
    """The definitions and the review of each quarter, which a pipeline may own as any other asset."""
    review = dg.Definitions(assets=review_assets(handbook), **review_automation(handbook))
    return dg.Definitions.merge(definitions, review)


def pipelines_by_asset(definitions: dg.Definitions, handbook: Handbook) -> dict[dg.AssetKey, str]:
    """Which pipeline each asset belongs to. Raises HandbookError as `with_on_call` does."""
    graph = definitions.get_repository_def().asset_graph
    known = {key.to_user_string() for key in graph.get_all_asset_keys()}
    problems: list[Problem] = []
    owner: dict[dg.AssetKey, str] = {}
    for name, pipeline in handbook.team.pipelines.items():
        here = ("pipelines", name, "assets")
        try:
            keys = dg.AssetSelection.from_string(pipeline.assets).resolve(graph)
        except Exception as error:  # noqa: BLE001 - the parser raises errors of several libraries
            message = f"{pipeline.assets!r} is no asset selection: {first_line(error)}"
            problems.append(handbook.team_source.problem(here, message))
            continue
        problems += [
            handbook.team_source.problem(here, f"{key!r} is no asset; {one_of(key, known)}")
            for key in _keys_named(pipeline.assets)
            if key not in known
        ]
        for key in sorted(keys):
            if key in owner:
                message = f"{key.to_user_string()} belongs to {owner[key]} already; an asset has one pipeline"
                problems.append(handbook.team_source.problem(here, message))
            owner[key] = name
        if not keys:
            problems.append(handbook.team_source.problem(here, f"{pipeline.assets!r} selects no asset"))
    # What is only read, as the table of a report may be, is known to Dagster without anybody who makes it.
    made = {key.to_user_string() for key in graph.materializable_asset_keys}
    problems += _edition_problems(handbook, made, owner)
    problems += _check_problems(handbook, known)
    problems += _action_problems(handbook, known)
    for runbook, number, deadline in handbook.deadlines():
        if deadline.asset not in known:
            message = f"{deadline.asset!r} is no asset; {one_of(deadline.asset, known)}"
            problems.append(runbook.source.problem(("deadlines", number, "asset"), message))
    if problems:
        raise HandbookError(problems)
    return owner


def _edition_problems(handbook: Handbook, made: set[str], owner: dict[dg.AssetKey, str]) -> Iterator[Problem]:
    """Reports over tables that nobody has, or that another pipeline takes; the others are added to `owner`."""
    for runbook, number, report in handbook.reports():
        one = Planned(runbook, report)
        table = f"{PREFIX}/{one.table}"
        if table not in made:
            message = f"{table!r} is no asset, and the report is made of it; {one_of(table, made)}"
            yield runbook.source.problem(("reports", number, "of" if report.of else "name"), message)
        key = dg.AssetKey.from_user_string(one.asset)
        if one.asset in made and owner.setdefault(key, one.pipeline) != one.pipeline:
            message = f"selects {one.asset}, which belongs to {one.pipeline}, whose runbook plans the report"
            yield handbook.team_source.problem(("pipelines", owner[key], "assets"), message)


def _check_problems(handbook: Handbook, known: set[str]) -> Iterator[Problem]:
    """Assets and tables that checks name and nobody has, and own rules that cannot be called."""
    for runbook, number, check in handbook.checks():
        here = ("checks", number)
        rule = (*here, "expect", check.expect.rule)
        if check.asset not in known:
            message = f"{check.asset!r} is no asset; {one_of(check.asset, known)}"
            yield runbook.source.problem((*here, "asset"), message)
        for field, table in tables_named(check.expect):
            if table not in known:
                message = f"{table!r} is no asset; {one_of(table, known)}"
                yield runbook.source.problem((*rule, field), message)
        if isinstance(check.expect, Own) and (wrong := own_problem(check.expect)):
            yield runbook.source.problem((*rule, "function"), wrong)


def _action_problems(handbook: Handbook, known: set[str]) -> Iterator[Problem]:
    """Assets that steps would backfill and nobody has."""
    for runbook in handbook.runbooks.values():
        for step, action in runbook.front.actions.items():
            if action.backfill and (asset := action.backfill.asset) not in known:
                here = ("actions", str(step), "backfill", "asset")
                yield runbook.source.problem(here, f"{asset!r} is no asset; {one_of(asset, known)}")


def _keys_named(selection: str) -> list[str]:
    """Keys that a selection spells out: a misspelt one selects nothing and would go unnoticed."""
    named = re.findall(r"key:\s*(?:\"([^\"]*)\"|([^\s\"()]+))", selection)
    return [key for pair in named if "*" not in (key := pair[0] or pair[1])]


def _stamped(spec: dg.AssetSpec, handbook: Handbook, name: str) -> dg.AssetSpec:
    team, pipeline = handbook.team, handbook.team.pipelines[name]
    people = [pipeline.primary, *pipeline.secondary]
    return spec.replace_attributes(
        owners=[*spec.owners, *(team.engineers[who].email for who in people), f"team:{team.team}"],
        tags={**spec.tags, **_tags(handbook, name)},
        metadata={**spec.metadata, **_metadata(handbook, name)},
        code_version=_code_version(spec, handbook, name),
    )


def _code_version(spec: dg.AssetSpec, handbook: Handbook, name: str) -> str | None:
    """The asset's own, and behind it a digest of what the runbook says its metrics are.

    An asset without one gets one only if a rule asks whether its definition changed: to Dagster an unchanged code
    version is a promise that the same inputs give the same table.
    """
    runbook = handbook.runbooks.get(name)
    key = spec.key.to_user_string()
    asked = any(
        (check.asset, check.expect.rule) == (key, "definition_changed") for _, _, check in handbook.checks()
    )
    if runbook is None or (spec.code_version is None and not asked):
        return spec.code_version
    return "-".join(part for part in (spec.code_version, _words(runbook)) if part)


def _words(runbook: Runbook) -> str:
    """A digest of the metrics' words, however their lines are broken."""
    metrics = runbook.front.metrics
    words = [[" ".join(text.split()) for text in (one.name, one.means, one.calculation)] for one in metrics]
    return blake2b(repr(words).encode(), digest_size=8).hexdigest()


def _tags(handbook: Handbook, name: str) -> dict[str, str]:
    pipeline = handbook.team.pipelines[name]
    # A tag has one value: further secondaries are numbered from 2.
    secondaries = {
        labels.SECONDARY if number == 1 else f"{labels.SECONDARY}_{number}": who
        for number, who in enumerate(pipeline.secondary, start=1)
    }
    return {
        labels.PIPELINE: name,
        labels.PRIMARY: pipeline.primary,
        **secondaries,
        labels.AUDIENCE: pipeline.audience,
        labels.SEVERITY: handbook.severity(name),
    }


def _metadata(handbook: Handbook, name: str) -> Mapping[str, dg.MetadataValue]:
    pipeline, runbook = handbook.team.pipelines[name], handbook.runbooks.get(name)
    stamped: dict[str, dg.MetadataValue] = {
        labels.METRIC_OWNER: dg.MetadataValue.text(pipeline.metric_owner),
        labels.BECAUSE: dg.MetadataValue.text(pipeline.because),
    }
    if runbook:
        stamped[labels.RUNBOOK] = dg.MetadataValue.path(runbook.path)
    return stamped
