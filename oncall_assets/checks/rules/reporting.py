"""Rules about the reporting database: it says what the asset says, and to nobody else than it should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oncall_assets.checks.rules.apart import Apart, compare
from oncall_assets.checks.rules.evidence import SAMPLE_ROWS, Evidence, Unjudged, Verdict, require
from oncall_assets.checks.rules.facts import Reporting
from oncall_assets.handbook import rules as written
from oncall_assets.handbook.reporting import may_change, name_of
from oncall_assets.metrics.contracts import CONTRACTS

_PREFIX: Final = "reporting/"
_THE_SAME: Final = "the same rows"
_IDENTITY: Final = ("grain", "account_id", "experiment_id", "variant", "user_id")
_AS_NAMED: Final = "exactly the readers that the handbook names"


def published_matches(rule: written.PublishedMatches, evidence: Evidence) -> Verdict:  # noqa: ARG001 - it has no fields
    """How many rows of the days are missing, too many or different in the reporting database."""
    table = _table(evidence)
    found = _reporting(evidence).published(table, evidence.days)
    stored = evidence.read(table, evidence.days)
    names = CONTRACTS[table].names if table in CONTRACTS else tuple(stored.columns)
    require(stored, names)
    if found is None:
        sentence = f"The reporting database has no table {table}: it was never published, or was removed."
        return Verdict(False, "no such table", _THE_SAME, sentence)
    gone = [name for name in names if name not in found.column_names]
    if gone:
        sentence = f"{table} of the reporting database has no column {', '.join(gone)}."
        return Verdict(False, f"no column {', '.join(gone)}", _THE_SAME, sentence)
    ours = stored.select(*names).to_pyarrow()
    apart = compare(ours, found.select(names), _keys(table, names))
    where = f"{ours.num_rows:,} rows of {table} on {evidence.days}"
    if not apart.count:
        sentence = f"The reporting database has the {where}, equal in every column."
        return Verdict(True, 0, _THE_SAME, sentence)
    sentence = (
        f"Of the {where} the reporting database lacks {len(apart.lacking):,} and has {len(apart.differing):,} "
        f"otherwise; {len(apart.too_many):,} of its rows are too many.{_first_difference(apart)}"
    )
    return Verdict(False, apart.count, _THE_SAME, sentence, tuple(_lines(apart)[:SAMPLE_ROWS]))


def grants(rule: written.Grants, evidence: Evidence) -> Verdict:  # noqa: ARG001 - it has no fields
    """Who may read the table and should not, and who should and may not."""
    table, reporting = _table(evidence), _reporting(evidence)
    readers, allowed = reporting.readers(table), reporting.allowed(table)
    too_many = sorted(readers - allowed)
    missing = sorted(allowed - {name_of(reader) for reader in readers})
    if not (too_many or missing):
        named = ", ".join(sorted(allowed)) or "nobody"
        sentence = f"Those who may read {table} in the reporting database are those it is for: {named}."
        return Verdict(True, "as named", _AS_NAMED, sentence)
    findings = [_one_too_many(reader, allowed) for reader in too_many]
    findings += [f"{role} may not read it though the handbook says so" for role in missing]
    sentence = f"{table} in the reporting database: {'; '.join(findings)}."
    observed = f"{len(too_many)} too many, {len(missing)} missing"
    rows = [{"who": who, "finding": "not in the handbook"} for who in too_many]
    rows += [{"who": who, "finding": "may not read"} for who in missing]
    return Verdict(False, observed, _AS_NAMED, sentence, tuple(rows[:SAMPLE_ROWS]))


def _one_too_many(reader: str, allowed: frozenset[str]) -> str:
    name = name_of(reader)
    if reader != may_change(name):
        return f"{name} may read it and the handbook does not say so"
    return f"{name} may change it" if name in allowed else f"{name} may change it and is not in the handbook"


def _reporting(evidence: Evidence) -> Reporting:
    if evidence.facts.reporting is None:
        raise Unjudged("this installation has no resource `reporting`, the database that figures are published to")
    return evidence.facts.reporting


def _table(evidence: Evidence) -> str:
    """The table whose name is behind the prefix of the published ones."""
    return evidence.asset.removeprefix(_PREFIX)


def _keys(table: str, names: Sequence[str]) -> list[str]:
    """The columns by which a row is found again when others of its columns changed."""
    landing = CONTRACTS[table].lands_by if table in CONTRACTS else "day"
    return [name for name in names if name in {landing, *_IDENTITY}]


def _first_difference(apart: Apart) -> str:
    if not apart.differing:
        return ""
    own, other = apart.differing[0]
    name = apart.changed(own, other)[0]
    where = ", ".join(f"{key} {value}" for key, value in apart.key_of(own).items())
    there, here = _said(apart.value(other, name)), _said(apart.value(own, name))
    return f" {name} ({where}) is {there} there, {here} in the asset."


def _lines(apart: Apart) -> list[dict[str, Any]]:
    """A line a difference, all of one form: Dagster shows them as one table."""
    nothing = {"column": "", "asset": "", "reporting": ""}
    differing = [
        {
            **apart.key_of(own),
            "found": "differs",
            "column": name,
            "asset": _said(apart.value(own, name)),
            "reporting": _said(apart.value(other, name)),
        }
        for own, other in apart.differing
        for name in apart.changed(own, other)
    ]
    lacking = [{**apart.key_of(row), "found": "missing", **nothing} for row in apart.lacking]
    too_many = [{**apart.key_of(row), "found": "too many", **nothing} for row in apart.too_many]
    return [*differing, *lacking, *too_many]


def _said(value: object) -> str:
    if value is None:
        return "empty"
    return f"{value:,}" if type(value) is int else str(value)
