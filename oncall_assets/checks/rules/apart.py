"""How two tables that should be the same are not: rows that one lacks, has too many, or has with other values."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """Rows that are not the same, as tuples of `names`; those that differ beside what stands in their place."""

    names: tuple[str, ...]
    keys: tuple[str, ...]
    lacking: list[Row]
    too_many: list[Row]
    differing: list[tuple[Row, Row]]

    @property
    def count(self) -> int:
        return len(self.lacking) + len(self.too_many) + len(self.differing)

    def value(self, row: Row, name: str) -> Any:
        return row[self.names.index(name)]

    def key_of(self, row: Row) -> dict[str, str]:
        return {name: str(self.value(row, name)) for name in self.keys}

    def changed(self, own: Row, other: Row) -> list[str]:
        """The columns in which the two rows differ."""
        return [name for name, left, right in zip(self.names, own, other, strict=True) if left != right]


def compare(ours: pa.Table, theirs: pa.Table, keys: Sequence[str]) -> Apart:
    """What `theirs`, of the same columns, has otherwise than `ours`; the order of rows means nothing.

    Rows that agree in the columns `keys` are taken for the same row with another value.
    """
    names = tuple(ours.column_names)
    own, other = Counter(_rows(ours, names)), Counter(_rows(theirs, names))
    at = [names.index(name) for name in keys]
    lacking, too_many = _by_key((own - other).elements(), at), _by_key((other - own).elements(), at)
    differing: list[tuple[Row, Row]] = []
    for key, rows in lacking.items():
        while rows and too_many[key]:
            differing.append((rows.pop(0), too_many[key].pop(0)))
    return Apart(names, tuple(keys), _flat(lacking), _flat(too_many), differing)


def _rows(table: pa.Table, names: Sequence[str]) -> list[Row]:
    columns = [map(_comparable, table[name].to_pylist()) for name in names]
    return list(zip(*columns, strict=True))


def _comparable(value: object) -> object:
    """The value as two that mean the same are equal: a NaN is unlike itself, and 0 has two signs."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    return value


def _by_key(rows: Iterable[Row], at: Sequence[int]) -> defaultdict[Row, list[Row]]:
    found: defaultdict[Row, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=repr):
        found[tuple(row[number] for number in at)].append(row)
    return found


def _flat(rows: dict[Row, list[Row]]) -> list[Row]:
    return [row for key in sorted(rows, key=repr) for row in rows[key]]
