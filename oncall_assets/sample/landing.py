"""The day each row lands on, since refunds and late events are made on one day and arrive on another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from oncall_assets.metrics.contracts import LANDED

MICROSECONDS: Final = 1_000_000
HOUR: Final = 3_600 * MICROSECONDS
DAY: Final = 24 * HOUR

_EPOCH: Final = date(1970, 1, 1)


def schema(name: str) -> pa.Schema:
    """The Arrow schema that the contract of the landed table `name` promises."""
    return LANDED[name].schema.to_pyarrow()


def rows(name: str, columns: Mapping[str, pa.Array]) -> pa.Table:
    """A table of the contract `name` from its columns, in its order and of its types."""
    return pa.table(dict(columns), schema=schema(name))


def midnight(day: date) -> int:
    """The start of `day`, in microseconds of UTC since 1970."""
    return (day - _EPOCH).days * DAY


def instants(microseconds: npt.NDArray[np.int64]) -> pa.Array:
    """UTC instants from microseconds since 1970."""
    return pa.array(microseconds).cast(pa.timestamp("us", tz="UTC"))


class Landing:
    """Rows of one landed table with an instant to land by, kept until their UTC day comes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._by = LANDED[name].lands_by
        self._waiting: defaultdict[date, list[pa.Table]] = defaultdict(list)

    def add(self, table: pa.Table) -> None:
        """Keep the rows of `table`, which are in order of landing, each for its day."""
        days = table[self._by].cast(pa.int64()).to_numpy() // DAY
        for day in np.unique(days):
            first, end = np.searchsorted(days, [day, day + 1])
            self._waiting[_EPOCH + timedelta(days=int(day))].append(table.slice(first, end - first))

    def take(self, day: date) -> pa.Table:
        """The rows that land on `day`, in order of landing; they are kept no longer."""
        landed = self._waiting.pop(day, [])
        table = pa.concat_tables([schema(self._name).empty_table(), *landed])
        # A sort of one piece would only copy what is in order already.
        return table.take(pc.sort_indices(table[self._by])) if len(landed) > 1 else table
