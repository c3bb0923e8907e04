"""What happens to a change once it is typed: tried, and either written or refused with what would be allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import click

from oncall_assets.cli.proposal import Proposal, reasons_of, refused
from oncall_assets.cli.values import instant
from oncall_assets.handbook import HandbookError
from oncall_assets.handbook.edit import CannotEdit
from oncall_assets.rota.agreed import turn_of
from oncall_assets.rota.away import absences
from oncall_assets.rota.holidays import local_day
from oncall_assets.rota.moves import free
from oncall_assets.rota.turns import Turn

# How many people a refusal names, and how far ahead it looks for a turn.
_SHOWN: Final = 3
_TURNS_AHEAD: Final = 104


def agree_swap(folder: Path, entry: Mapping[str, object], dry_run: bool) -> None:
    """Add a swap to `team.yaml`, or end the command with why not, and who or when instead."""
    proposal = _dated(Proposal.of(folder, "changes", entry))
    turn = _turn_of(proposal)
    start, end = _interval(proposal) if "from" in entry else (turn.start, turn.end)

    def instead() -> Iterator[str]:
        yield from _others(proposal, "take", start, end)
        yield from _later(proposal, turn)
        if "emergency" not in entry and proposal.but(emergency="somebody").allowed():
            yield "or the same again with --emergency NAME, who approved it"

    _agree(proposal, start, end, dry_run, instead)


def agree_override(folder: Path, entry: Mapping[str, object], dry_run: bool) -> None:
    """Add an override to `team.yaml`, or end the command with why not, and who instead."""
    proposal = _dated(Proposal.of(folder, "changes", entry))
    start, end = _interval(proposal)

    def instead() -> Iterator[str]:
        for role in ("primary", "secondary"):
            if role in entry:
                yield from _others(proposal, role, start, end)
        if "force" not in entry and proposal.but(force=True).allowed():
            yield "or the same again with --force, if they agreed to it"

    _agree(proposal, start, end, dry_run, instead)


def take_leave(folder: Path, entry: Mapping[str, object], dry_run: bool) -> None:
    """Add time off to `team.yaml`, or end the command with why not, and who else is away then."""
    proposal = Proposal.of(folder, "away", entry)
    team, who = proposal.handbook.team, str(entry["who"])
    first, last = _day(entry["from"]), _day(entry["to"])
    if last < first:
        raise click.UsageError(f"--to {last} is before --from {first}; expected the same day or a later one")
    for other in team.away:
        whole = other.from_hour is None and other.to_hour is None
        if other.who == who and whole and other.first <= first and last <= other.last:
            refused([f"{who} is away from {other.first} to {other.last} already, for {other.why}"])
    start, end = local_day(first, proposal.zone)[0], local_day(last, proposal.zone)[1]

    def instead() -> Iterator[str]:
        for absence in absences(team, start, end):
            if absence.kind != "holiday" and absence.who != who:
                yield f"{absence.who} is away in that time too: {absence.why}"

    _agree(proposal, start, end, dry_run, instead)


def _agree(
    proposal: Proposal, start: datetime, end: datetime, dry_run: bool, instead: Callable[[], Iterable[str]]
) -> None:
    try:
        changed = proposal.tried()
    except (HandbookError, CannotEdit) as error:
        refused(reasons_of(error), list(instead()))
    moves = proposal.moves(changed, start, end)
    if not moves and proposal.key == "changes":
        # A swap that is taken down and swaps nothing is found out on the night that it was meant for.
        refused(["it would change nobody's shifts; `oncall who --explain --at …` says why it is who it is"])
    proposal.write(moves, dry_run)


def _dated(proposal: Proposal) -> Proposal:
    """The proposal with the day on which it was requested: today, in the team's zone, unless it was given."""
    requested = proposal.entry["requested"] or datetime.now(UTC).astimezone(proposal.zone).date()
    if isinstance(requested, datetime):
        local = requested.astimezone(proposal.zone) if requested.tzinfo else requested
        requested = f"{local:%Y-%m-%dT%H:%M}"
    return proposal.but(requested=requested)


def _others(proposal: Proposal, role: str, start: datetime, end: datetime) -> Iterator[str]:
    """Who could stand where the refused one stands, least load first; only whom the rules allow."""
    people = proposal.handbook.team.engineers
    asked = [who for who in free(proposal.handbook, start, end) if who not in proposal.entry.values()]
    fitting = (who for who in asked if proposal.but(**{role: who}).allowed())
    for who in islice(fitting, _SHOWN):
        yield f"{who} ({people[who].name}) could: --{role} {who}"


def _later(proposal: Proposal, turn: Turn) -> Iterator[str]:
    """The first turn from `turn` on that the giver could give to the taker."""
    rotation = proposal.handbook.team.rotation
    for number in range(turn.index, turn.index + _TURNS_AHEAD):
        day = rotation.start + number * rotation.turn
        if proposal.but(**{"turn": day, "from": None, "to": None}).allowed():
            yield f"the next turn that {proposal.entry['give']} can give to {proposal.entry['take']}: --turn {day}"
            return


def _turn_of(proposal: Proposal) -> Turn:
    """The turn that runs on the day in question, be it the right day or not."""
    return turn_of(proposal.handbook.team, _day(proposal.entry["turn"]))


def _interval(proposal: Proposal) -> tuple[datetime, datetime]:
    first, last = (str(proposal.entry[name]) for name in ("from", "to"))
    start, end = (instant(datetime.fromisoformat(wall), proposal.zone) for wall in (first, last))
    if end <= start:
        raise click.UsageError(f"--to {last} is not after --from {first}; expected a later one")
    return start, end


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
