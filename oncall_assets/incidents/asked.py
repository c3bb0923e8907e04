"""What people ask of an incident, refused in the same words wherever they ask: a terminal, Dagster's UI."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.problem import did_you_mean, one_of
from oncall_assets.incidents.policy.silences import Silence
from oncall_assets.incidents.signals.kinds import check_target
from oncall_assets.notify.message import length

LONGEST_TEXT: Final = 2000
# What is silenced for longer is not watched any more, and nobody decided that.
LONGEST_SILENCE: Final = timedelta(days=14)


class Refused(Exception):
    """Why something cannot be asked for, and what was expected."""


def engineer(handbook: Handbook, who: str) -> str:
    """`who`, if it is an engineer's key. Raises Refused."""
    if who not in handbook.team.engineers:
        raise Refused(f"{who!r} is no engineer; {one_of(who, handbook.team.engineers)}")
    return who


def pipeline(handbook: Handbook, name: str) -> str:
    """`name`, if it is a pipeline. Raises Refused."""
    if name not in handbook.team.pipelines:
        raise Refused(f"{name!r} is no pipeline; {one_of(name, handbook.team.pipelines)}")
    return name


def check(name: str) -> str:
    """`name`, if it is a check as `asset:check`. Raises Refused."""
    asset, colon, bare = name.rpartition(":")
    if not (asset and colon and bare):
        raise Refused(f"{name!r} is no check; expected ASSET:CHECK, as the incident names it")
    return name


def words(text: str) -> str:
    """`text` without blanks around it, 1 to `LONGEST_TEXT` characters. Raises Refused."""
    bare = text.strip()
    if not 0 < len(bare) <= LONGEST_TEXT:
        raise Refused(f"{len(bare):,} characters; expected 1 to {LONGEST_TEXT:,}")
    return bare


def lasting(starts: datetime, ends: datetime, now: datetime) -> None:
    """Refuse a silence that is over, empty or longer than `LONGEST_SILENCE`. Raises Refused."""
    if ends <= starts:
        raise Refused("it ends before it begins; expected a later end")
    if ends <= now:
        raise Refused("it is over already; expected an end to come")
    if ends - starts > LONGEST_SILENCE:
        raise Refused(f"it lasts {length(ends - starts)}; expected {length(LONGEST_SILENCE)} at most")


def subject(silence: Silence) -> str:
    """What a silence covers, in words."""
    named = (("check", silence.check), ("asset", silence.asset), ("pipeline", silence.pipeline))
    return " of ".join(f"{kind} {name}" for kind, name in named if name is not None)


def unknown_subject(handbook: Handbook, silence: Silence) -> str | None:
    """A sentence about a name that the handbook does not have, which may silence nothing; None if it has all.

    Only the code knows every asset and check, and a silence must be possible while the code does not load.
    """
    checks = {check_target(check.asset, check.name) for _, _, check in handbook.checks()}
    assets = {check.asset for _, _, check in handbook.checks()} | set(handbook.sources.sources)
    for pipeline in handbook.team.pipelines.values():
        assets |= set(re.findall(r'key:\s*"?([^"\s()]+)', pipeline.assets))
    for kind, name, known in (("check", silence.check, checks), ("asset", silence.asset, assets)):
        if name is not None and name not in known:
            hint = did_you_mean(name, known) or "; look whether it is spelt as Dagster shows it"
            return f"the handbook names no {kind} {name}{hint}"
    return None
