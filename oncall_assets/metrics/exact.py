"""Whole numbers stay whole: left alone, DuckDB sums int64 into HUGEINT and divides through floats."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

WIDE: Final = "decimal(38, 0)"

# Half the bits of an int64: a digit this size times another still fits.
_DIGIT: Final = 2**31


def total(column: ir.IntegerValue) -> ir.IntegerValue:
    """Sum of an int64 column as a true int64, 0 over no rows; a sum beyond int64 is the engine's error.

    Ibis believes that a sum of int64 is int64 and drops a plain cast, hence the way through a decimal.
    """
    return column.sum().cast(WIDE).cast("int64").fill_null(0)


def quotient(dividend: ir.IntegerValue, divisor: ir.IntegerValue) -> ir.IntegerValue:
    """`dividend // divisor` to the last digit; dividend from 0 to 2^62, divisor from 1 to 2^31.

    Long division in two digits, since every engine's `/` is a float that knows only 53 bits.
    """
    high, low = short_quotient(dividend, ibis.literal(_DIGIT)), dividend % _DIGIT
    carried = (high % divisor) * _DIGIT + low
    return short_quotient(high, divisor) * _DIGIT + short_quotient(carried, divisor)


def short_quotient(dividend: ir.IntegerValue, divisor: ir.IntegerValue) -> ir.IntegerValue:
    """`dividend // divisor` where the answer is below 2^50; both as for `quotient`.

    What is left after the remainder divides evenly, so the float is within a hair of the whole answer.
    """
    return ((dividend - dividend % divisor) / divisor).round().cast("int64")
