"""Which of the channels that reach somebody a message goes over, and how long one asked to wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oncall_assets.notify.channel import preferred, wait_of
from oncall_assets.notify.console import Console
from oncall_assets.notify.pagerduty import PagerDuty

LOG = Console(print)
PHONE = PagerDuty("https://events.example.com", {})


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (None, [PHONE, LOG]),
        (["console"], [LOG]),
        (["console", "pagerduty"], [PHONE, LOG]),
        (["slack"], [PHONE, LOG]),
        ([], [PHONE, LOG]),
    ],
)
def test_the_chosen_channels_come_first_and_where_none_of_them_reaches_all_others_do(
    chosen: list[str] | None, expected: list[object]
) -> None:
    assert expected == preferred([PHONE, LOG], chosen)


def test_nobody_is_reached_where_no_channel_reaches_them() -> None:
    assert [] == preferred([], ["slack"])


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, None), ("30", 30), (" 30 ", 30), ("99999999999", 3600), ("soon", None), ("-1", None), ("٣", None)],
)
def test_a_wait_that_is_asked_for_is_read_in_seconds_and_bounded(header: str | None, expected: int | None) -> None:
    assert (None if expected is None else timedelta(seconds=expected)) == wait_of(header)
