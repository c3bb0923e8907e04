"""Whether the tables have what reports are to tell, known when Dagster loads and not when the first is due."""

from __future__ import annotations

from collections.abc import Iterator

from oncall_assets.handbook import Handbook, HandbookError, Problem
from oncall_assets.handbook.problem import one_of, shown
from oncall_assets.metrics.contracts import CONTRACTS, Contract

# What tells which period a row is of, and is no figure of it.
_NO_FIGURES = frozenset({"days_with_data", "days_so_far"})


def check_reports(handbook: Handbook) -> None:
    """Raises HandbookError with every figure that is no number in its report's table."""
    problems = [*_column_problems(handbook)]
    if problems:
        raise HandbookError(problems)


def _column_problems(handbook: Handbook) -> Iterator[Problem]:
    for runbook, number, report in handbook.reports():
        contract = CONTRACTS[report.table(runbook.pipeline)]
        known = _figures(contract)
        for position, figure in enumerate(report.figures):
            if figure.column not in known:
                message = f"{shown(figure.column)} is no figure of {contract.name}; {one_of(figure.column, known)}"
                yield runbook.source.problem(("reports", number, "figures", position, "column"), message)


def _figures(contract: Contract) -> set[str]:
    numbers = {column.name for column in contract.columns if column.kind in {"int64", "float64"}}
    return numbers - _NO_FIGURES
