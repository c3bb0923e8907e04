"""The shape a promise about a table takes, kept apart from the promises so that none imports another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import ibis

Kind = Literal["string", "int64", "float64", "boolean", "date", "timestamp"]

# Ibis writes a UTC instant with its zone; a bare "timestamp" would be naive.
_IBIS: Final[dict[Kind, str]] = {
    "string": "string",
    "int64": "int64",
    "float64": "float64",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp('UTC')",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: money is int64 cents, an instant is UTC, a ratio is float64 and may be null."""

    name: str
    kind: Kind
    description: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """A table's name, columns and, for a landed one, the column that says which day a row lands on."""

    name: str
    description: str
    columns: tuple[Column, ...]
    lands_by: str = "day"

    @property
    def schema(self) -> ibis.Schema:
        # The command line knows the tables by name and answers in a blink, as long as nothing loads an engine.
        import ibis  # noqa: PLC0415

        return ibis.schema({column.name: _IBIS[column.kind] for column in self.columns})

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def landing_day(self, table: ibis.Table) -> ibis.Column:
        """The UTC day that each row of `table` lands on."""
        column = table[self.lands_by]
        return column if column.type().is_date() else column.date()

    def shape(self, table: ibis.Table) -> ibis.Table:
        """The promised columns of `table`, in order and cast; a missing one is an IbisTypeError."""
        return table.select(**{name: table[name].cast(kind) for name, kind in self.schema.items()})


OPTIONAL: Final = True


def columns(*rows: tuple[str, Kind, str] | tuple[str, Kind, str, bool]) -> tuple[Column, ...]:
    """Columns from rows of name, kind, description and, where null is allowed, `OPTIONAL`."""
    return tuple(Column(*row) for row in rows)
