"""Room on the disk that holds this project's state, because a full one stops the pager with the pipelines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from oncall_assets.handbook.home import free_bytes
from oncall_assets.incidents.signals.kinds import Trouble, bounded

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def short_storage(
    folder: Path, at_least: int, now: datetime, free: Callable[[Path], int] = free_bytes
) -> list[Trouble]:
    """One if fewer than `at_least` bytes are free; `free` reads how many."""
    left = free(folder)
    if left >= at_least:
        return []
    return [
        Trouble(
            # By the hour: a disk on the edge is told of once an hour, not at every file that comes and goes.
            id=bounded(f"storage/{folder}/{now:%Y-%m-%dT%H}"),
            at=now,
            run_id="",
            partition=None,
            kind="storage short",
            target=f"storage {folder}",
            assets=(),
            title="Storage is short",
            finding=f"The disk that holds {folder} is nearly full.",
            observed=f"{_size(left)} free",
            threshold=f"at least {_size(at_least)}",
            severity="major",
        )
    ]


def _size(count: int) -> str:
    """`1.5 GiB`, in the largest unit of which there is one at least."""
    power = min(max(count.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    return f"{count / 1024**power:.4g} {_UNITS[power]}"
