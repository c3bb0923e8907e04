"""The rule about a table's columns and types, which says what changed upstream before a figure does."""

from __future__ import annotations

from typing import Any

from oncall_assets.checks.rules.evidence import Evidence, Verdict
from oncall_assets.handbook import rules as written
from oncall_assets.metrics.contracts import CONTRACTS


def schema(_: written.Schema, evidence: Evidence) -> Verdict:
    promised = CONTRACTS[evidence.asset].schema
    found = evidence.rows().schema()
    findings = [f"{name} is missing" for name in promised if name not in found]
    findings += [f"{name} was not promised" for name in found if name not in promised]
    findings += [
        f"{name} is {found[name]}, promised {kind}"
        for name, kind in promised.items()
        if name in found and _kind(found[name]) != _kind(kind)
    ]
    sentence = (
        f"The stored table differs from its contract: {'; '.join(findings)}."
        if findings
        else (f"All {len(promised)} columns are as the contract promises.")
    )
    return Verdict(not findings, len(findings), "no differences", sentence)


def _kind(kind: Any) -> str:
    """A type without what a file format adds to it: nullability, and the fineness of a timestamp."""
    return f"timestamp({kind.timezone})" if kind.is_timestamp() else str(kind(nullable=True))
