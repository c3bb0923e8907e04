"""What is to be shared out: rest between turns, the days of a season, the days of a long holiday."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby, pairwise

from oncall_assets.rota.audit.finding import Finding
from oncall_assets.rota.audit.majors import named_by_table
from oncall_assets.rota.audit.scene import DAY, Block, Scene, Span
from oncall_assets.rota.holidays import HolidayDay
from oncall_assets.rota.shift import ROLES


def apart(scene: Scene) -> Iterator[Finding]:
    """Nobody has the same role, or any, in two turns in a row; days of a season belong to no turn."""
    wanted = scene.team.planning.apart
    if wanted == "free":
        return
    whole = [block for block in scene.blocks if block.season is None]
    turns = [list(blocks) for _, blocks in groupby(whole, key=lambda block: block.turn)]
    for before, after in pairwise(turns):
        if after[0].turn != before[0].turn + 1 or all(scene.is_settled(block) for block in (*before, *after)):
            continue
        if after[-1].end <= scene.start:
            continue
        for who, role in sorted(_again(scene, before, after, wanted == "any_role")):
            text = f"{who} {role} from {scene.day(before[0].start)} and again from {scene.day(after[0].start)}"
            yield Finding("apart", who, after[0].start, after[-1].end, text)


def _again(scene: Scene, before: list[Block], after: list[Block], any_role: bool) -> set[tuple[str, str]]:
    earlier, later = (
        [(who, role) for block in blocks for role in ROLES if (who := scene.owner(block, role))]
        for blocks in (before, after)
    )
    if any_role:
        return {(who, "has a turn") for who, _ in earlier} & {(who, "has a turn") for who, _ in later}
    return {(who, f"is {role}") for who, role in earlier} & {(who, f"is {role}") for who, role in later}


def shared_season(scene: Scene) -> Iterator[Finding]:
    """Of a season's days, nobody who is there for all of it is primary on over one more than another.

    A day is whose who is primary for most of it. A season counts once its last day is in the window or before
    its end.
    """
    for first in sorted({block.season for block in scene.blocks if block.season}):
        days = _days_of(scene, first)
        start, end = scene.handoff(days[0]), scene.handoff(days[-1] + DAY)
        if end > scene.end or end <= scene.start or days[0] < scene.team.rotation.start:
            continue
        counts = {who: 0 for who in scene.takers if not scene.firmly_away(who, start, end)}
        for day in days:
            who = scene.longest("primary", scene.handoff(day), scene.handoff(day + DAY))
            if who in counts:
                counts[who] += 1
        least = min(counts, key=lambda who: counts[who], default="")
        for who, count in counts.items():
            if count > counts[least] + 1:
                of_the_season = f"days of the season from {first}, {least} on {counts[least]}"
                text = f"{who} is primary on {count} {of_the_season}: over one more"
                yield Finding("shared_season", who, start, end, text)


def _days_of(scene: Scene, first: date) -> list[date]:
    days = [first]
    while scene.season_of(days[-1] + DAY) == first:
        days.append(days[-1] + DAY)
    return days


def shared_holiday(scene: Scene) -> Iterator[Finding]:
    """Of a holiday of several days of a primary, nobody else carries all days where others could carry one.

    Who carries the first day may be anybody; from the second day on somebody else could take over who is free.
    Days for which the table names somebody, and what was agreed, are not shared out.
    """
    rules = scene.team.holidays
    if not rules.share_multi_day or rules.rule == "primary_covers":
        return
    for block in scene.blocks:
        owner = scene.owner(block, "primary")
        if owner is None or block.start < scene.start or scene.is_settled(block):
            continue
        days = scene.calendar.holiday_days(owner, block.start, block.end)
        for _, run in groupby(days, key=lambda day: day.day - day.number * DAY):
            yield from _carried(scene, block, owner, list(run))


def day_taken_by(scene: Scene, at: datetime) -> str | None:
    """Who carries the day of a long holiday that holds the instant, if fewer than two could carry all of the day.

    Such a day is shared among everybody, also those who have a holiday in it themselves.
    """
    block = next((one for one in scene.blocks if one.start <= at < one.end), None)
    owner = scene.owner(block, "primary") if block and scene.team.holidays.share_multi_day else None
    if block is None or owner is None:
        return None
    days = scene.calendar.holiday_days(owner, block.start, block.end)
    day = next((day for day in days if day.start <= at < day.end and day.length > 1), None)
    if day is None:
        return None
    span = max(day.start, block.start), min(day.end, block.end)
    second = scene.owner(block, "secondary")
    could = [who for who in scene.pool if who != owner and (who == second or _free(scene, who, span))]
    there = [who for who in could if not scene.firmly_away(who, *span)]
    return scene.longest("primary", *span) if len(there) < 2 else None


def _free(scene: Scene, who: str, span: Span) -> bool:
    return not scene.firmly_away(who, *span) and not scene.calendar.holiday_days(who, *span)


def _carried(scene: Scene, block: Block, owner: str, run: list[HolidayDay]) -> Iterator[Finding]:
    spans = [(max(day.start, block.start), min(day.end, block.end)) for day in run]
    spans = [span for span in spans if named_by_table(scene, *span) is None]
    carriers = {scene.longest("primary", *span) for span in spans} - {owner}
    if len(carriers) != 1 or owner in {scene.longest("primary", *span) for span in spans}:
        return
    (carrier,) = carriers
    others = [
        who
        for who in dict.fromkeys((*scene.team.rotation.ring, *scene.team.volunteers))
        if who not in (owner, carrier) and any(_free(scene, who, span) for span in spans[1:])
    ]
    if carrier and others:
        text = (
            f"{carrier} carries all {len(spans)} days of {owner}'s {run[0].name} from {scene.day(spans[0][0])}, "
            f"although {' and '.join(others)} could share them"
        )
        yield Finding("shared_holiday", carrier, spans[0][0], spans[-1][1], text)
