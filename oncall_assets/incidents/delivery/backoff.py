"""How long a channel or a letter waits after a failure: pure, so that an outage of any length can be tested."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

_FIRST = timedelta(seconds=5)
_CHANNEL_AT_MOST = timedelta(minutes=5)
_LETTER_AT_MOST = timedelta(minutes=15)
_ASKED_AT_MOST = timedelta(hours=1)

# Couriers that failed together must not all come back in the same second.
_JITTER = 0.2

# 2 ** 20 times the first wait is beyond every bound, and still a timedelta.
_DOUBLINGS = 20


def channel_rest(failures: int, letter: int) -> timedelta:
    """How long a channel rests that failed `failures` times in a row before this time, on the letter with this id.

    5 s, 10 s, 20 s …, up to a fifth more or less, and never more than 5 minutes.
    """
    return _jittered(failures, letter, _CHANNEL_AT_MOST)


def letter_wait(attempts: int, letter: int) -> timedelta:
    """How long a letter stands aside that was tried in vain `attempts` times before this time.

    As `channel_rest`, but up to 15 minutes.
    """
    return _jittered(attempts, letter, _LETTER_AT_MOST)


def asked_wait(retry_after: timedelta) -> timedelta:
    """How long to wait when the other side said so: what it said, but no longer than an hour."""
    return min(max(retry_after, timedelta(0)), _ASKED_AT_MOST)


def base(times: int, at_most: timedelta) -> timedelta:
    """The wait after `times` failures before this one, without its jitter."""
    return min(_FIRST * (1 << min(times, _DOUBLINGS)), at_most)


def _jittered(times: int, letter: int, at_most: timedelta) -> timedelta:
    """The same for the same letter and time, whoever computes it: a test can know it beforehand."""
    digest = sha256(f"{letter} {times}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 0xFFFFFFFF
    return min(base(times, at_most) * (1 - _JITTER + 2 * _JITTER * share), at_most)
