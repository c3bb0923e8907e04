"""Dagster's clock moved to another instant and going on from there, so that a night is computed in its night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from unittest.mock import patch

from dagster._core.test_utils import get_freezable_log_manager


@contextmanager
def clock(start: datetime, speed: float = 1) -> Iterator[None]:
    """Within the block it is `start` (UTC) for Dagster, and later as time goes by, `speed` times as fast."""
    began = monotonic()

    def now() -> datetime:
        return start + timedelta(seconds=speed * (monotonic() - began))

    # As Dagster's own `freeze_time`, whose time stands still: no two events of a night are of one instant.
    with (
        patch("dagster._time._mockable_get_current_datetime", now),
        patch("dagster._time._mockable_get_current_timestamp", lambda: now().timestamp()),
        patch("dagster._core.log_manager.DagsterLogManager", get_freezable_log_manager()),  # type: ignore[no-untyped-call]
    ):
        yield
