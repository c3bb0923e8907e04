"""How fast the rota answers: a year of final shifts for 50 engineers in 6 regions, and one instant.

`python benchmarks/rota.py` prints the median of several runs; beside it what a calendar library takes for the
same year from the exported `.ics`, where the library that the tests open calendars with is installed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from oncall_assets.handbook import Handbook
from oncall_assets.rota import Rota, Shift
from oncall_assets.rota.calendar import team_calendar
from oncall_assets_tests.rota.teams import handbook, team

HOMES = [
    ("US-NY", "America/New_York"),
    ("US-CA", "America/Los_Angeles"),
    ("GB-ENG", "Europe/London"),
    ("IN", "Asia/Kolkata"),
    ("DE-BY", "Europe/Berlin"),
    ("AU-NSW", "Australia/Sydney"),
]
START, END = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
RUNS = 9


def main() -> None:
    """Prints one line for each measure."""
    book = fifty()
    shifts = Rota(book).shifts(START, END)
    print(f"{len(shifts)} shifts of a year, {len(book.team.engineers)} engineers, {len(book.team.away)} vacations")
    print(f"a year, holidays loaded   {1000 * median(lambda: Rota(book).shifts(START, END)):8.1f} ms")
    rota = Rota(book)
    instants = [START + number * timedelta(minutes=37) for number in range(10_000)]
    rota.on_call(instants[0])
    each = median(lambda: [rota.on_call(at) for at in instants]) / len(instants)
    print(f"an instant, rota loaded   {1_000_000 * each:8.2f} µs")
    compare(book, shifts)


def compare(book: Handbook, shifts: list[Shift]) -> None:
    """The same two questions, asked of the exported calendar."""
    try:
        from ical.calendar_stream import IcsCalendarStream  # noqa: PLC0415 - only where it is installed
    except ImportError:
        print("no calendar library to compare with: pip install ical")
        return
    text = team_calendar(book.team, shifts, START, 0).decode()

    def year() -> list[object]:
        (calendar,) = IcsCalendarStream.from_ics(text).calendars
        return list(calendar.timeline.overlapping(START, END))

    print(f"a year, from the .ics     {1000 * median(year):8.1f} ms")
    (calendar,) = IcsCalendarStream.from_ics(text).calendars
    instants = [START + number * timedelta(hours=97) for number in range(20)]
    each = median(lambda: [list(calendar.timeline.at_instant(at)) for at in instants]) / len(instants)
    print(f"an instant, .ics read     {1_000_000 * each:8.2f} µs")


def fifty() -> Handbook:
    """Weekly turns of 50 engineers who observe their own holidays, each with three weeks off in two vacations."""
    people = {f"e{number:02}": HOMES[number % len(HOMES)] for number in range(50)}
    away = [
        {"who": who, "from": first, "to": first + timedelta(days=length)}
        for number, who in enumerate(people)
        for first, length in (
            (date(2027, 1, 10) + timedelta(days=7 * number), 13),
            (date(2027, 12, 20) - timedelta(days=7 * number), 6),
        )
    ]
    details = {who: {"region": region, "timezone": zone} for who, (region, zone) in people.items()}
    of = team(order=[*people], people=details, holidays={"rule": "excused"}, away=away)
    return handbook(of)


def median(run: Callable[[], object]) -> float:
    """Seconds of the middle one of several runs."""
    taken = []
    for _ in range(RUNS):
        before = time.perf_counter()
        run()
        taken.append(time.perf_counter() - before)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
