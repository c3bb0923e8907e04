"""Major holidays: the table that names who covers them, and the one that everybody is to have off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from oncall_assets.rota.audit.finding import Finding
from oncall_assets.rota.audit.scene import DAY, Scene
from oncall_assets.rota.holidays import local_day, major_holidays


def table(scene: Scene) -> Iterator[Finding]:
    """On a major holiday of the table, a day of the team's zone, its engineer is primary unless firmly away."""
    for start, end, holiday, who in _named(scene):
        for one in scene.served:
            first, last = max(one.start, start), min(one.end, end)
            if first >= last or one.primary == who or scene.agreed_in(first, last):
                continue
            if not scene.firmly_away(who, first, last):
                text = f"{one.primary} is primary on {holiday}, {scene.day(first)}, and the table names {who}"
                yield Finding("table", who, first, last, text)


def named_by_table(scene: Scene, start: datetime, end: datetime) -> str | None:
    """Whom the table of major holidays names for any of `[start, end)`."""
    return next((who for first, last, _, who in _named(scene) if first < end and start < last), None)


def _named(scene: Scene) -> Iterator[tuple[datetime, datetime, str, str]]:
    for holiday, years in scene.team.holidays.table.items():
        for year in range((scene.start - DAY).year, (scene.end + DAY).year + 1):
            day = major_holidays([holiday], year)[holiday]
            start, end = local_day(day, scene.zone)
            who = _goes_on(years, year, scene.team.rotation.ring)
            if who and start < scene.end and scene.start < end:
                yield start, end, holiday, who


def _goes_on(years: dict[int, str], year: int, ring: tuple[str, ...]) -> str | None:
    """Whom the table names, year by year by the step it took last, or one place, once it has ended."""
    if year < min(years):
        return None
    known = dict(years)
    for following in range(max(years) + 1, year + 1):
        here, before = known[following - 1], known.get(following - 2)
        last_step = ring.index(here) - ring.index(before) if before else 1
        known[following] = ring[(ring.index(here) + last_step) % len(ring)]
    return known.get(year)


def one_major_off(scene: Scene) -> Iterator[Finding]:
    """Of any run of consecutive major holidays as long as their list, everybody has one entirely off duty.

    A run counts if it ends in the window; its holidays before the window count as they were, from the start of the
    rotation on. Everybody is who was in the team on each of them.
    """
    names = scene.team.holidays.major
    if not scene.team.holidays.guarantee_one_major_off:
        return
    first = max(scene.team.rotation.start, scene.start.date() - 400 * DAY)
    days = sorted(
        (day, name)
        for year in range(first.year, scene.end.year + 1)
        for name, day in major_holidays(names, year).items()
        if day >= first and local_day(day, scene.zone)[1] <= scene.end
    )
    for number in range(len(days) - len(names) + 1):
        run = days[number : number + len(names)]
        start, end = local_day(run[0][0], scene.zone)[0], local_day(run[-1][0], scene.zone)[1]
        if end <= scene.start:
            continue
        for who in scene.team.engineers:
            if all(_there(scene, who, day) and _serves(scene, who, day) for day, _ in run):
                served = " and ".join(f"{name} {day.year}" for day, name in run)
                text = f"{who} is on duty on {served}: none of these is off"
                yield Finding("one_major_off", who, start, end, text)


def _there(scene: Scene, who: str, day: date) -> bool:
    engineer = scene.team.engineers[who]
    return (engineer.joined or day) <= day <= (engineer.left or day)


def _serves(scene: Scene, who: str, day: date) -> bool:
    """Whether they are on duty in either role at any time of the day, by their own clock."""
    start, end = local_day(day, ZoneInfo(scene.team.engineers[who].timezone))
    return any(who in (one.primary, one.secondary) for one in scene.during(start, end))
