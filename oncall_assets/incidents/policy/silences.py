"""Silences: what people asked not to be told of for a while, each with an end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from oncall_assets.incidents.signals.kinds import check_target, job_target


@dataclass(frozen=True, slots=True)
class Silence:
    """`by` somebody, `because` of something, in `[starts, ends)` UTC.

    It is about an `asset`, a `pipeline`, a `check` (`complete`, or `orders:complete` on one asset), or what is of
    all those that are named.
    """

    id: int
    by: str
    because: str
    starts: datetime
    ends: datetime
    asset: str | None = None
    pipeline: str | None = None
    check: str | None = None


def silenced(
    silences: Iterable[Silence],
    assets: Iterable[str],
    pipeline: str | None,
    targets: Iterable[str],
    now: datetime,
) -> Silence | None:
    """The silence that keeps an incident quiet at `now`; of several the one that ends last.

    It must cover all `assets` of the cause, or all open `targets` where it is of a check: where something else is
    wrong too, a message too many is better than one too few. A silence that names nothing covers nothing.
    """
    about, failing = frozenset(assets), frozenset(targets)
    holding = (one for one in silences if one.starts <= now < one.ends and _covers(one, about, pipeline, failing))
    return max(holding, key=lambda one: one.ends, default=None)


def _covers(silence: Silence, assets: frozenset[str], pipeline: str | None, targets: frozenset[str]) -> bool:
    said: list[bool] = []
    if silence.pipeline is not None:
        said.append(silence.pipeline == pipeline)
    if silence.asset is not None:
        said.append(assets == {silence.asset})
    if silence.check is not None:
        check = check_target(silence.asset, silence.check) if silence.asset is not None else silence.check
        said.append(bool(targets) and all(_is_of(check, target) for target in targets))
    return bool(said) and all(said)


def _is_of(check: str, target: str) -> bool:
    """Whether the target is this check: `orders:complete`, or `complete` of any asset."""
    asset, _, name = target.rpartition(":")
    return target == check if ":" in check else bool(asset) and name == check and target != job_target(name)
