"""Runbooks become asset checks here, so that what a team wrote down is what Dagster watches."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import dagster as dg
import ibis.expr.types as ir

from oncall_assets.checks.installation import Installation
from oncall_assets.checks.records import InstanceRecords
from oncall_assets.checks.rules import Evidence, Unjudged, Verdict, judge
from oncall_assets.checks.rules.facts import Facts
from oncall_assets.handbook import Handbook, labels
from oncall_assets.handbook.home import state_folder
from oncall_assets.handbook.rules import tables_named
from oncall_assets.handbook.runbook import Check, Runbook
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import days_of_run

TABLES: Final = "warehouse"
REPORTING: Final = "reporting"


class Tables(Protocol):
    """What the resource `warehouse` must offer: the stored rows of a table over some days."""

    def stored(self, name: str, days: Days) -> ir.Table: ...


def runbook_checks(
    handbook: Handbook, code_versions: Mapping[str, str | None] | None = None
) -> Iterator[dg.AssetChecksDefinition]:
    """An asset check for each check of each runbook; `code_versions` are those of the assets, by key.

    Those that read tables need a resource `warehouse` that is `Tables`, and those about the reporting database one
    `reporting` that is `Reporting`.
    """
    for runbook, _, check in handbook.checks():
        yield _asset_check(handbook, runbook, check, code_versions or {})


def _asset_check(
    handbook: Handbook, runbook: Runbook, check: Check, code_versions: Mapping[str, str | None]
) -> dg.AssetChecksDefinition:
    severity = dg.AssetCheckSeverity.WARN if check.severity == "warn" else dg.AssetCheckSeverity.ERROR
    issues = ", ".join(check.guards)
    others = {dg.AssetKey(name.split("/")) for _, name in tables_named(check.expect) if name != check.asset}
    resources = _resources(check)
    private = handbook.team.pipelines[runbook.pipeline].audience == labels.INVESTORS

    @dg.asset_check(
        name=check.name,
        asset=dg.AssetKey(check.asset.split("/")),
        # Judged when the tables it is held against are there too, whatever the order they are computed in.
        additional_deps=sorted(others),
        blocking=check.blocking,
        description=f"{_words_of(check)} Guards: {issues}. From {runbook.path}.",
        required_resource_keys=resources,
        metadata={labels.ISSUE: issues, labels.STEP: check.step, labels.RUNBOOK: runbook.path},
    )
    def evaluate(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        days = _days(context, check)
        facts = Facts(
            InstanceRecords(context.instance, context.run, code_versions),
            context.resources.reporting if REPORTING in resources else None,
            Installation(handbook.folder, state_folder()),
        )
        read = context.resources.warehouse.stored if TABLES in resources else _no_tables
        # A rule about no days is judged as of today.
        stretch = days or Days.one(datetime.now(UTC).date())
        evidence = Evidence(check.asset, stretch, read, handbook.team.timezone, facts)
        try:
            verdict = judge(check.expect, evidence)
        except Unjudged as error:
            verdict = Verdict(
                False, labels.NOT_JUDGED, "the columns the rule names", f"The rule cannot be applied: {error}."
            )
        return dg.AssetCheckResult(
            passed=verdict.passed,
            severity=severity,
            # Dagster prints it into the log of the run, which more people read than its pages.
            description=None if private else verdict.sentence,
            metadata={
                labels.OBSERVED: verdict.observed,
                labels.THRESHOLD: verdict.threshold,
                labels.FINDING: verdict.sentence,
                labels.ISSUE: issues,
                # As text: a number would be plotted.
                labels.STEP: str(check.step),
                **({labels.PARTITION: str(days)} if days else {}),
                **_watched(context),
                labels.PIPELINE: runbook.pipeline,
                labels.RUNBOOK: runbook.path,
                **_sample(verdict),
            },
        )

    return evaluate


def _watched(context: dg.AssetCheckExecutionContext) -> dict[str, str]:
    """The watch this is a part of, if any: it speaks of its days together, and the pager must know."""
    watch = context.run.tags.get(labels.WATCH)
    return {labels.WATCH: watch} if watch else {}


def _resources(check: Check) -> set[str]:
    """What the rule asks for: on definitions without a warehouse, rules about runs and machines work as well."""
    asked = {TABLES: check.expect.reads_tables, REPORTING: check.expect.asks_reporting}
    return {name for name, needed in asked.items() if needed}


def _no_tables(name: str, days: Days) -> ir.Table:
    raise Unjudged(f"rows of {name} for {days} are asked for, by a rule that reads none")


def _days(context: dg.AssetCheckExecutionContext, check: Check) -> Days | None:
    days = days_of_run(context.run.tags)
    if days is None and check.expect.about_days:
        raise dg.Failure(
            "this check judges days; launch it with a partition or a range of them", allow_retries=False
        )
    return days


def _words_of(check: Check) -> str:
    """The rule's own words, on one line."""
    return " ".join((type(check.expect).__doc__ or "").split())


def _sample(verdict: Verdict) -> dict[str, dg.MetadataValue[Any]]:
    """The offending rows as a table in the UI; nothing where there are none."""
    if not verdict.sample:
        return {}
    records = [dg.TableRecord(_plain(row)) for row in verdict.sample]
    return {labels.SAMPLE: dg.MetadataValue.table(records)}


def _plain(row: dict[str, Any]) -> dict[str, str | int | float | bool]:
    return {name: value if isinstance(value, int | float) else str(value) for name, value in row.items()}
