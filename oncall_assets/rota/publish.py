"""A quarter is promised once: frozen in the handbook, so that people can plan, and handed out as they read it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import state_folder
from oncall_assets.handbook.team import Team
from oncall_assets.rota.audit import audit
from oncall_assets.rota.planfile import PlanFile
from oncall_assets.rota.quarters import Quarter
from oncall_assets.rota.resolve import shifts as final_shifts
from oncall_assets.rota.shift import Shift, cut
from oncall_assets.rota.views import write_views
from oncall_assets.rota.yamltext import instant, shift_line

# So much earlier than promised a quarter is published, so that what goes wrong can be put right in time.
MARGIN: Final = timedelta(days=14)


class CannotPublish(Exception):
    """Why a quarter was not published, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published quarter: its file in the handbook, its shifts as they stand, and the files people read."""

    quarter: Quarter
    frozen: Path
    shifts: tuple[Shift, ...]
    files: tuple[Path, ...]


def publish(
    handbook: Handbook, quarter: Quarter, now: datetime, out: Path | None = None, planned: PlanFile | None = None
) -> Published:
    """Freeze the quarter as the rotation has it at `now`, or as `planned`; write its page and calendars to `out`.

    `out` is `views_folder(quarter)` if it is not named. A quarter that runs already may be published; one that has
    ended may not, as nobody can plan by it and a file would only rewrite who served. Raises CannotPublish, of a
    plan also if it does not cover the quarter or breaks a rule in it.
    """
    team = handbook.team
    start, end = bounds(handbook, quarter)
    if start >= end:
        raise CannotPublish(f"no turn begins in {quarter}; turns last {team.rotation.turn.days} days")
    if end <= now:
        raise CannotPublish(f"{quarter} ended on {_local(end, team)}; publish one that people can plan by")
    shifts = _between(handbook, start, end) if planned is None else _of_plan(handbook, planned, start, end)
    frozen = _freeze(handbook, quarter, shifts, now)
    files = write_views(team, quarter, shifts, now, 0, out or views_folder(quarter))
    return Published(quarter, frozen, shifts, files)


def hand_out(handbook: Handbook, quarter: Quarter, now: datetime, out: Path | None = None) -> Published:
    """Write page and calendars of a published quarter again, with the swaps and overrides made since.

    Calendars take over what changed: events keep their identity and count up by the seconds since publication.
    Raises CannotPublish if the quarter is not published in `handbook`.
    """
    published_at = handbook.published_at.get(str(quarter))
    if published_at is None:
        message = f"{quarter} is not published in {handbook.folder}; run `oncall publish --quarter {quarter}`"
        raise CannotPublish(message)
    current = _between(handbook, *bounds(handbook, quarter))
    revision = max(int((now - published_at).total_seconds()), 0)
    files = write_views(handbook.team, quarter, current, now, revision, out or views_folder(quarter))
    return Published(quarter, published_file(handbook.folder, quarter), current, files)


def published_file(folder: Path, quarter: Quarter) -> Path:
    """Where the handbook in `folder` keeps the quarter once it is published."""
    return folder / "published" / f"{quarter}.yaml"


def views_folder(quarter: Quarter) -> Path:
    """Where page and calendars of the quarter go if nobody names another place."""
    return state_folder() / "rota" / str(quarter)


def promised(team: Team, at: datetime) -> list[Quarter]:
    """The quarters that must be published at the instant `at`: the one that runs, and `publish.ahead` more.

    None where `team.yaml` has no `publish:`.
    """
    if team.publish is None:
        return []
    found = [Quarter.of(team, at)]
    for _ in range(team.publish.ahead):
        found.append(found[-1].next)
    # Where turns are longer than a quarter, some have none.
    return [quarter for quarter in found if quarter.start(team) < quarter.end(team)]


def due(handbook: Handbook, at: datetime) -> list[Quarter]:
    """The quarters to publish now, because they are promised, or will be within `MARGIN`, and have no file yet."""
    return missing(handbook, at + MARGIN)


def missing(handbook: Handbook, at: datetime) -> list[Quarter]:
    """The quarters that are promised at the instant `at` and have no file in the handbook's folder."""
    return [
        quarter for quarter in promised(handbook.team, at) if not published_file(handbook.folder, quarter).exists()
    ]


def bounds(handbook: Handbook, quarter: Quarter) -> tuple[datetime, datetime]:
    """Start and end of the quarter as it was told; else from the end of the one before to the start of the next.

    Where nothing was told the turns say: where the rotation moved in between, they leave a gap or say time twice.
    """
    told = handbook.published
    if own := told.get(str(quarter)):
        return own[0].start, own[-1].end
    before, after = told.get(str(quarter.previous)), told.get(str(quarter.next))
    return (
        before[-1].end if before else quarter.start(handbook.team),
        after[0].start if after else quarter.end(handbook.team),
    )


def _between(handbook: Handbook, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """The final shifts of `[start, end)`, cut where one reaches over its border."""
    return cut(final_shifts(handbook, start, end), start, end)


def _of_plan(handbook: Handbook, plan: PlanFile, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """The plan's shifts of `[start, end)`, if the rules of today's handbook hold in them."""
    team = handbook.team
    if not plan.start <= start < end <= plan.end:
        covered = f"from {_local(plan.start, team)} to {_local(plan.end, team)}"
        wanted = f"from {_local(start, team)} to {_local(end, team)}"
        raise CannotPublish(
            f"the plan is {covered}, and the quarter {wanted}; plan it with `oncall plan --quarter`"
        )
    found = audit(handbook, plan.shifts, plan.start, plan.end, owners=plan.pairs)
    if broken := [finding for finding in found if finding.start < end and start < finding.end]:
        more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
        raise CannotPublish(
            f"the plan breaks a rule: {broken[0].text}{more}; see all with `oncall plan --check`, then plan again"
        )
    return cut(plan.served, start, end)


def _freeze(handbook: Handbook, quarter: Quarter, planned: Sequence[Shift], now: datetime) -> Path:
    """Write the quarter's file whole or not at all, and never over another one; its path."""
    frozen = published_file(handbook.folder, quarter)
    try:
        frozen.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=frozen.parent, prefix=f".{frozen.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(f"{line}\n" for line in _lines(quarter, planned, now))
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            # Unlike a rename, a link is refused where the quarter is published, be it a moment ago.
            os.link(name, frozen)
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()
    except OSError as error:
        if frozen.exists():
            raise _published_before(handbook, quarter) from None
        reason = f"{frozen} cannot be written ({error.strerror})"
        raise CannotPublish(f"{reason}; {quarter} is not published, make the folder writable") from None
    return frozen


def _lines(quarter: Quarter, planned: Sequence[Shift], now: datetime) -> Iterator[str]:
    yield "# What people were told and plan by. Swaps and overrides in team.yaml change it; this file stays."
    yield f"quarter: {quarter}"
    yield f"published: {instant(now)}"
    yield "shifts:"
    for shift in planned:
        yield shift_line(shift.start, shift.end, shift.primary, shift.secondary, shift.why)


def _local(at: datetime, team: Team) -> str:
    return f"{at.astimezone(ZoneInfo(team.timezone)):%a %Y-%m-%d %H:%M} {team.timezone}"


def _published_before(handbook: Handbook, quarter: Quarter) -> CannotPublish:
    told = handbook.published_at.get(str(quarter))
    when = f" on {told:%Y-%m-%d}" if told else ""
    return CannotPublish(
        f"{published_file(handbook.folder, quarter)}: {quarter} was published{when}, and people plan by it; "
        "change it by `oncall swap` or `oncall override`, then hand it out with `oncall publish --again`"
    )
