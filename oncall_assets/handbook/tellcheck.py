"""What must agree about who is told over what, so that no page is addressed to nobody in the middle of a night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from oncall_assets.handbook.actions import SECONDARY
from oncall_assets.handbook.audiences import AUDIENCE
from oncall_assets.handbook.escalation import EVERYONE, METRIC_OWNER, OWNERS, TOLD_BY_ROLE
from oncall_assets.handbook.problem import Problem, one_of, shown
from oncall_assets.handbook.rotacheck import texts_at
from oncall_assets.handbook.source import Source
from oncall_assets.handbook.tree import Loc

# Each is the field of an engineer that holds the address there, too; the log takes every message.
_ADDRESSED = {"slack", "email", "pagerduty"}

_RESERVED = {*TOLD_BY_ROLE, SECONDARY}


def telling_problems(team: Source, sources: Source | None, runbooks: Mapping[str, Source]) -> Iterator[Problem]:
    """Keys that mean two things, unknown recipients, and channels that are not used or reach nobody."""
    yield from _key_problems(team)
    for file in (team, *runbooks.values()):
        yield from _escalation_problems(team, file)
    for runbook in runbooks.values():
        yield from _action_problems(team, runbook)
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
            if key in _RESERVED or str(key).startswith((f"{METRIC_OWNER}.", f"{AUDIENCE}.")):
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


def _action_problems(team: Source, runbook: Source) -> Iterator[Problem]:
    """Actions that page or notify nobody this team knows."""
    audiences, teams = set(team.fields("audiences")), set(team.fields("teams"))
    for step in runbook.fields("actions"):
        here = ("actions", str(step))
        yield from _unknown(team, runbook, (*here, "escalate", "to"), {SECONDARY, OWNERS, EVERYONE} | teams)
        for loc, name in texts_at(runbook, *here, "notify", "who"):
            yield from _unknown(team, runbook, loc, {METRIC_OWNER} | audiences | teams)
            if name in audiences & teams:
                yield runbook.problem(loc, f"{shown(name)} is an audience and a team; give one another name")
            elif name in audiences and "email" not in team.fields("channels"):
                yield runbook.problem(loc, _by_email_only(name))


def _unknown(team: Source, file: Source, loc: Loc, known: set[str]) -> Iterator[Problem]:
    """That whoever is written at `loc` is none of `known`, or cannot be reached."""
    told = file.text(*loc)
    if told is None or "engineers" not in team.tree:
        return
    if told not in known:
        yield file.problem(loc, f"{shown(told)} is nobody who can be told here; {one_of(told, known)}")
    elif told == METRIC_OWNER and "email" not in team.fields("channels"):
        yield file.problem(loc, _by_email_only(told))


def _by_email_only(told: str) -> str:
    return f"{shown(told)} is told by e-mail only; add `email` to `channels:` of team.yaml"


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
