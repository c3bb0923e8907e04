"""What a check left in its evaluation, as text, because checks of any origin write what they like there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagster import AssetCheckEvaluation, MetadataValue, TableMetadataValue

from oncall_assets.handbook import labels
from oncall_assets.incidents.signals.kinds import Evidence
from oncall_assets.notify.message import printable, shorten

_TEXT_LIMIT = 2000
_SAMPLE_ROWS = 5
_CELL_WIDTH = 24


def evidence_of(evaluation: AssetCheckEvaluation) -> Evidence:
    """From the layer's labels where they are; a foreign check has at most its description."""
    metadata = evaluation.metadata
    step = _text(metadata.get(labels.STEP)) or ""
    finding = _text(metadata.get(labels.FINDING)) or shorten(printable(evaluation.description or ""), _TEXT_LIMIT)
    return Evidence(
        finding=finding or "The check failed and said nothing more.",
        observed=_text(metadata.get(labels.OBSERVED)),
        threshold=_text(metadata.get(labels.THRESHOLD)),
        sample=_sample(metadata.get(labels.SAMPLE)),
        step=max(int(step), 1) if step.isascii() and step.isdigit() else 1,
        pipeline=_text(metadata.get(labels.PIPELINE)),
    )


def partition_of(evaluation: AssetCheckEvaluation) -> str | None:
    """As the check says, or as Dagster knows."""
    return _text(evaluation.metadata.get(labels.PARTITION)) or evaluation.partition


def _text(value: MetadataValue[Any] | None) -> str | None:
    if value is None or value.value is None:
        return None
    text = f"{value.value:.6g}" if isinstance(value.value, float) else str(value.value)
    return shorten(printable(text), _TEXT_LIMIT)


def _sample(value: MetadataValue[Any] | None) -> str:
    if isinstance(value, TableMetadataValue):
        return _table([record.data for record in value.records])
    rows: Any = value.value if value else None
    if isinstance(rows, Sequence) and rows and all(isinstance(row, Mapping) for row in rows):
        return _table(rows)
    # An empty list is what a check without offending rows leaves.
    return (_text(value) or "") if rows else ""


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The first rows as aligned columns; the columns are those of the first row."""
    if not rows:
        return ""
    columns = list(rows[0])
    grid: list[list[Any]] = [columns, *([row.get(column) for column in columns] for row in rows[:_SAMPLE_ROWS])]
    cells = [["-" if cell is None else " ".join(str(cell).split())[:_CELL_WIDTH] for cell in row] for row in grid]
    widths = [max(len(row[number]) for row in cells) for number in range(len(columns))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in cells]
    more = [f"and {len(rows) - _SAMPLE_ROWS} more"] if len(rows) > _SAMPLE_ROWS else []
    return "\n".join([line.rstrip() for line in lines] + more)
