"""What a figure's code computes, as a short text that changes with the computation and with nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from hashlib import blake2b
from typing import Any, Final

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from oncall_assets.metrics.contracts import CONTRACTS
from oncall_assets.metrics.days import Days

# Short enough to read in the UI, long enough that no two definitions of a figure ever share one.
_BYTES: Final = 8
# Any stretch will do, as long as it is the same one: two days, of two months and weeks, one of them a leap day.
_STRETCH: Final = Days(date(2024, 2, 29), date(2024, 3, 1))
# Counted up as expressions are built, so that it says when one was built and not what it computes.
_COUNTED: Final = {"identifier"}


def fingerprint(compute: Callable[..., ir.Table], reads: Mapping[str, object], contract: str) -> str:
    """The digest of the expression that `compute(**tables, days=…)` builds and of what `contract` promises.

    `reads` has the tables by name, and of each how much is read, as a dataclass that says so. The digest is the
    same in every process. Comments, names of functions and the order in which they are written do not change it;
    another expression does, even an equivalent one, and so may another version of Ibis.
    """
    tables = {name: ibis.table(CONTRACTS[name].schema, name=name) for name in reads}
    expression = compute(**tables, days=_STRETCH).op()
    computed = expression.map(_digest)[expression]
    windows = (f"{name} {window!r}" for name, window in reads.items())
    return digest(computed, str(CONTRACTS[contract].schema), *windows)


def digest(*parts: str) -> str:
    """A short digest of texts, in order; where one ends and the next begins counts."""
    found = blake2b(digest_size=_BYTES)
    for part in parts:
        text = part.encode()
        found.update(len(text).to_bytes(8, "big") + text)
    return found.hexdigest()


def _digest(node: ops.Node, _results: Mapping[ops.Node, str], **arguments: Any) -> str:
    if isinstance(node, ops.InMemoryTable):
        # Its name is drawn by lot.
        rows = node.data.to_pyarrow(node.schema).to_pylist()
        return digest("rows", str(node.schema), repr(rows))
    said = [f"{name}={_text(value)}" for name, value in arguments.items() if name not in _COUNTED]
    return digest(type(node).__name__, *said)


def _text(value: Any) -> str:
    """A value that is the same text in every process: no address, no order of a set."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return digest("mapping", *(text for pair in value.items() for text in map(_text, pair)))
    if isinstance(value, tuple | list):
        return digest("sequence", *map(_text, value))
    if isinstance(value, set | frozenset):
        return digest("set", *sorted(map(_text, value)))
    if isinstance(value, Enum):
        return value.name
    return repr(value)
