"""Identities spelled by the million, since formatting them one by one would take most of the time."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]


def spell(*parts: str | tuple[Integers, int]) -> pa.Array:
    """Strings of one length from fixed text and `(numbers, digits)`, padded with zeros.

    At least one part is numbers; all numbers have the same length, which is the result's. Numbers are
    not negative and have no more digits than said.
    """
    rows = next(len(part[0]) for part in parts if not isinstance(part, str))
    width = sum(len(part) if isinstance(part, str) else part[1] for part in parts)
    letters = np.empty((rows, width), dtype=np.uint8)
    column = 0
    for part in parts:
        if isinstance(part, str):
            letters[:, column : column + len(part)] = np.frombuffer(part.encode("ascii"), dtype=np.uint8)
            column += len(part)
        else:
            numbers, digits = part
            _write_digits(letters[:, column : column + digits], numbers)
            column += digits
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(letters))


def account_ids(accounts: Integers) -> pa.Array:
    """`acct-000123` for each number."""
    return spell("acct-", (accounts, 6))


def record_ids(prefix: str, day: date, numbers: Integers) -> pa.Array:
    """`<prefix>-20261003-00000123` for each number, unique if the numbers are within the day."""
    return spell(f"{prefix}-{day:%Y%m%d}-", (numbers, 8))


def _write_digits(letters: npt.NDArray[np.uint8], numbers: Integers) -> None:
    rest = numbers.astype(np.uint32)
    for column in reversed(range(letters.shape[1])):
        rest, digit = np.divmod(rest, np.uint32(10))
        letters[:, column] = digit + ord("0")
