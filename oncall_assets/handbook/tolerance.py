"""How far apart two amounts may be, because a filing is rounded where a ledger is not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from oncall_assets.handbook.problem import shown


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Whole cents, or a share of the amount compared with."""

    cents: int = 0
    ratio: float = 0.0

    def allowed(self, amount: int) -> int:
        """How many cents a sum may differ from `amount`."""
        # As it was written: 0.1 in binary is a little more than a tenth.
        return self.cents + int(Fraction(str(self.ratio)) * abs(amount))

    def __str__(self) -> str:
        if self.ratio:
            return f"within {self.ratio * 100:g} %"
        return f"within {self.cents:,} cents" if self.cents else "to the cent"


def tolerance(value: object) -> Tolerance:
    """What `value` writes: a whole number of cents, or a ratio below 1. Raises ValueError if it is neither."""
    if isinstance(value, Tolerance):
        return value
    # A bool is an int too.
    if type(value) is int and value >= 0:
        return Tolerance(cents=value)
    if isinstance(value, float) and 0 <= value < 1:
        return Tolerance(ratio=value)
    expected = "expected a whole number of cents such as 500, or a ratio below 1 such as 0.001"
    raise ValueError(f"{shown(value)} is no tolerance; {expected}")
