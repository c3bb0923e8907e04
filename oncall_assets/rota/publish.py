"""A quarter is promised once: frozen in the handbook, so that people can plan, and handed out as they read it."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import state_folder
from oncall_assets.handbook.team import Team
from oncall_assets.rota.quarters import Quarter
from oncall_assets.rota.resolve import shifts as final_shifts
from oncall_assets.rota.shift import Shift
from oncall_assets.rota.views import write_views

# So much earlier than promised a quarter is published, so that what goes wrong can be put right in time.
MARGIN: Final = timedelta(days=14)

_BARE: Final = re.compile(r"(?!(?i:null|true|false|yes|no|on|off|y|n)$)[A-Za-z][A-Za-z0-9_-]*")


class CannotPublish(Exception):
    """Why a quarter was not published, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published quarter: its file in the handbook, its shifts as they stand, and the files people read."""

    quarter: Quarter
    frozen: Path
    shifts: tuple[Shift, ...]
    files: tuple[Path, ...]


def publish(handbook: Handbook, quarter: Quarter, now: datetime, out: Path | None = None) -> Published:
    """Freeze the quarter as it is planned at `now`, and write its page and calendars to `out`.

    `out` is `views_folder(quarter)` if it is not named. A quarter that runs already may be published; one that has
    ended may not, as nobody can plan by it and a file would only rewrite who served. Raises CannotPublish.
    """
    team = handbook.team
    start, end = _bounds(handbook, quarter)
    if start >= end:
        raise CannotPublish(f"no turn begins in {quarter}; turns last {team.rotation.turn.days} days")
    if end <= now:
        raise CannotPublish(f"{quarter} ended on {_local(end, team)}; publish one that people can plan by")
    planned = _between(handbook, start, end)
    frozen = _freeze(handbook, quarter, planned, now)
    files = write_views(team, quarter, planned, now, 0, out or views_folder(quarter))
    return Published(quarter, frozen, planned, files)


def hand_out(handbook: Handbook, quarter: Quarter, now: datetime, out: Path | None = None) -> Published:
    """Write page and calendars of a published quarter again, with the swaps and overrides made since.

    Calendars take over what changed: events keep their identity and count up by the seconds since publication.
    Raises CannotPublish if the quarter is not published in `handbook`.
    """
    published_at = handbook.published_at.get(str(quarter))
    if published_at is None:
        message = f"{quarter} is not published in {handbook.folder}; run `oncall publish --quarter {quarter}`"
        raise CannotPublish(message)
    current = _between(handbook, *_bounds(handbook, quarter))
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


def _bounds(handbook: Handbook, quarter: Quarter) -> tuple[datetime, datetime]:
    """As it was told; else from the end of the quarter before to the start of the next one, as those were told.

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
    return tuple(
        replace(shift, start=max(shift.start, start), end=min(shift.end, end))
        for shift in final_shifts(handbook, start, end)
    )


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
    yield f"published: {_instant(now)}"
    yield "shifts:"
    for shift in planned:
        why = ", ".join(_quoted(text) for text in shift.why)
        yield (
            f"- {{start: {_instant(shift.start)}, end: {_instant(shift.end)}, primary: {_word(shift.primary)}, "
            f"secondary: {_word(shift.secondary)}, why: [{why}]}}"
        )


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _word(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    # JSON's strings are YAML's, but for some letters that YAML wants escaped.
    written = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08X}" for letter in written)


def _local(at: datetime, team: Team) -> str:
    return f"{at.astimezone(ZoneInfo(team.timezone)):%a %Y-%m-%d %H:%M} {team.timezone}"


def _published_before(handbook: Handbook, quarter: Quarter) -> CannotPublish:
    told = handbook.published_at.get(str(quarter))
    when = f" on {told:%Y-%m-%d}" if told else ""
    return CannotPublish(
        f"{published_file(handbook.folder, quarter)}: {quarter} was published{when}, and people plan by it; "
        "change it by `oncall swap` or `oncall override`, then hand it out with `oncall publish --again`"
    )
