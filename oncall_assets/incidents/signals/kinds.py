"""The kinds of signal, in words without Dagster, so that what to do about them can be decided purely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

from oncall_assets.handbook.team import Severity

# What is found by looking rather than told by an event.
TroubleKind = Literal[
    "run stuck",
    "asset late",
    "source silent",
    "storage short",
    "automation failing",
    "channel refusing",
    "edition held",
    "edition in doubt",
    "figure restated",
]

# How the id of a signal begins that says that an edition is held.
HELD: Final = "held/"

_NAME_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check found: a sentence, observed against threshold, offending rows as text, the runbook's step."""

    finding: str
    observed: str | None = None
    threshold: str | None = None
    sample: str = ""
    step: int = 1
    pipeline: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One observed fact. `id` stays the same however often it is read; `at` is its instant in UTC.

    `run_id` is empty for an evaluation reported without a run. `watched`: a watch of a runbook asked, which judges
    days that are there, several as one, and computes none of them.
    """

    id: str
    at: datetime
    run_id: str
    partition: str | None
    watched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailed(Signal):
    asset: str
    check: str
    severity: Literal["error", "warn"]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPassed(Signal):
    asset: str
    check: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckNotRun(Signal):
    """A run succeeded, computed the asset, and left this check of it planned but never judged."""

    asset: str
    check: str


@dataclass(frozen=True, slots=True)
class FailedStep:
    """A step that failed by itself: the `assets` concerned, and the `targets` that must succeed to mend it.

    Targets are its assets, or its checks as `asset:check`, or the job. `caused_by` holds the ids of the failed
    blocking checks that stopped it, if such did.
    """

    assets: tuple[str, ...]
    targets: tuple[str, ...]
    error: str
    caused_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(Signal):
    """`steps` is never empty: a run that failed as a whole counts as one step of its missing assets, or its job.

    `skipped` are the assets not computed because of them, `unjudged` the checks, as `asset:check`. `quiet`: the
    job is one that answers whoever launched it, and its failure is nobody else's business.
    """

    job: str
    steps: tuple[FailedStep, ...]
    skipped: tuple[str, ...]
    unjudged: tuple[str, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSucceeded(Signal):
    """`covers` are the assets and `asset:check`s that the run computed, and `job:<name>`."""

    job: str
    covers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble(Signal):
    """A condition that a look found to hold; it holds until another look finds it gone.

    `target` says what it is about, and no other kind of trouble uses its words. `id` is new for each occurrence.
    `severity` is given where the condition itself is worth one, `tell` names whom to tell beside the on-call.
    `whole`: what is wrong is wrong of a range of days together, and of none of them alone. `figures`: finding,
    observed and threshold may tell figures of the pipeline.
    """

    kind: TroubleKind
    target: str
    assets: tuple[str, ...]
    title: str
    finding: str
    observed: str | None = None
    threshold: str | None = None
    pipeline: str | None = None
    severity: Severity | None = None
    tell: str | None = None
    whole: bool = False
    figures: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleOver(Signal):
    """A look found that the trouble of this target and partition is gone."""

    kind: TroubleKind
    target: str


def bounded(name: str) -> str:
    """`name`, or its beginning and a digest if it is too long for a database's unique index."""
    if len(name) <= _NAME_LIMIT:
        return name
    return f"{name[: _NAME_LIMIT - 20]}… {sha256(name.encode()).hexdigest()[:16]}"


def check_target(asset: str, check: str) -> str:
    return f"{asset}:{check}"


def job_target(job: str) -> str:
    return f"job:{job}"
