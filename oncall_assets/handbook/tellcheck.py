"""What must agree about who is told over what, so that no page is addressed to nobody in the middle of a night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oncall_assets.handbook.escalation import METRIC_OWNER, TOLD_BY_ROLE
from oncall_assets.handbook.problem import Problem, one_of, shown
from oncall_assets.handbook.rotacheck import texts_at
from oncall_assets.handbook.source import Source
from oncall_assets.handbook.tree import Loc

# Each is the field of an engineer that holds the address there, too; the log takes every message.
_ADDRESSED = {"slack", "email", "pagerduty"}


def telling_problems(team: Source, sources: Source | None, runbooks: Mapping[str, Source]) -> Iterator[Problem]:
    """Keys that mean two things, unknown recipients, and channels that are not used or reach nobody."""
    yield from _key_problems(team)
    for file in (team, *runbooks.values()):
        yield from _escalation_problems(team, file)
    for severity in team.fields("severities"):
        yield from _via_problems(team, ("severities", severity, "via"))
    if sources:
        people = {*team.fields("engineers"), *team.fields("teams")}
        for name in sources.fields("sources"):
            yield from _unknown(team, sources, ("sources", name, "tell"), people)


def _key_problems(team: Source) -> Iterator[Problem]:
    engineers = team.fields("engineers")
    for group in ("engineers", "teams"):
        for key in team.fields(group):
            if key in TOLD_BY_ROLE or str(key).startswith(f"{METRIC_OWNER}."):
                message = f"{shown(key)} is what `escalation:` calls somebody else; expected another key"
                yield team.problem((group, key), message)
            elif group == "teams" and key in engineers:
                yield team.problem((group, key), f"{shown(key)} is an engineer already; expected another key")


def _escalation_problems(team: Source, file: Source) -> Iterator[Problem]:
    people = {*team.fields("engineers"), *team.fields("teams")}
    for number, _ in enumerate(file.items("escalation")):
        yield from _unknown(team, file, ("escalation", number, "tell"), people | {*TOLD_BY_ROLE})
    for number, _ in enumerate(file.items("deadlines")):
        yield from _unknown(team, file, ("deadlines", number, "tell"), people | {METRIC_OWNER})


def _unknown(team: Source, file: Source, loc: Loc, known: set[str]) -> Iterator[Problem]:
    """That whoever is written at `loc` is none of `known`, or cannot be reached."""
    told = file.text(*loc)
    if told is None or "engineers" not in team.tree:
        return
    if told not in known:
        yield file.problem(loc, f"{shown(told)} is nobody who can be told here; {one_of(told, known)}")
    elif told == METRIC_OWNER and "email" not in team.fields("channels"):
        message = f"{shown(told)} is told by e-mail only; add `email` to `channels:` of team.yaml"
        yield file.problem(loc, message)


def _via_problems(team: Source, loc: Loc) -> Iterator[Problem]:
    channels = team.fields("channels")
    via = [*texts_at(team, *loc)]
    for place, name in via:
        # A word that is no channel at all is reported as such.
        if name in {*_ADDRESSED, "console"} and "channels" in team.tree and name not in channels:
            yield team.problem(place, f"{shown(name)} is not used by this team; {one_of(name, channels)}")
    names = {name for _, name in via}
    if not names or not names <= _ADDRESSED:
        return
    for key in team.fields("engineers"):
        if not names & set(team.fields("engineers", key)):
            fields = " or ".join(f"`{name}`" for _, name in via)
            yield team.problem(loc, f"reaches {key} over nothing; add {fields} to {key}, or another channel here")
