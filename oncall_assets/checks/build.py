"""Runbooks become asset checks here, so that what a team wrote down is what Dagster watches."""

from collections.abc import Iterator
from typing import Any, Protocol

import dagster as dg
import ibis.expr.types as ir

from oncall_assets.checks.rules import Evidence, Unjudged, Verdict, judge
from oncall_assets.handbook import Handbook, labels
from oncall_assets.handbook.rules import tables_named
from oncall_assets.handbook.runbook import Check, Runbook
from oncall_assets.metrics.days import Days
from oncall_assets.metrics.runs import days_of_run

TABLES = "warehouse"


class Tables(Protocol):
    """What the resource `warehouse` must offer: the stored rows of a table over some days."""

    def stored(self, name: str, days: Days) -> ir.Table: ...


def runbook_checks(handbook: Handbook) -> Iterator[dg.AssetChecksDefinition]:
    """An asset check for each check of each runbook; they need a resource `warehouse` that is `Tables`."""
    for runbook, _, check in handbook.checks():
        yield _asset_check(runbook, check)


def _asset_check(runbook: Runbook, check: Check) -> dg.AssetChecksDefinition:
    severity = dg.AssetCheckSeverity.WARN if check.severity == "warn" else dg.AssetCheckSeverity.ERROR
    issues = ", ".join(check.guards)
    others = {dg.AssetKey(name.split("/")) for _, name in tables_named(check.expect) if name != check.asset}

    @dg.asset_check(
        name=check.name,
        asset=dg.AssetKey(check.asset.split("/")),
        # Judged when the tables it is held against are there too, whatever the order they are computed in.
        additional_deps=sorted(others),
        blocking=check.blocking,
        description=f"{_words_of(check)} Guards: {issues}. From {runbook.path}.",
        required_resource_keys={TABLES},
        metadata={labels.ISSUE: issues, labels.STEP: check.step, labels.RUNBOOK: runbook.path},
    )
    def evaluate(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        days = _days(context)
        evidence = Evidence(check.asset, days, getattr(context.resources, TABLES).stored)
        try:
            verdict = judge(check.expect, evidence)
        except Unjudged as error:
            verdict = Verdict(
                False, "not judged", "the columns the rule names", f"The rule cannot be applied: {error}."
            )
        return dg.AssetCheckResult(
            passed=verdict.passed,
            severity=severity,
            description=verdict.sentence,
            metadata={
                labels.OBSERVED: verdict.observed,
                labels.THRESHOLD: verdict.threshold,
                labels.FINDING: verdict.sentence,
                labels.ISSUE: issues,
                # As text: a number would be plotted.
                labels.STEP: str(check.step),
                labels.PARTITION: str(days),
                labels.PIPELINE: runbook.pipeline,
                labels.RUNBOOK: runbook.path,
                **_sample(verdict),
            },
        )

    return evaluate


def _days(context: dg.AssetCheckExecutionContext) -> Days:
    days = days_of_run(context.run.tags)
    if days is None:
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
