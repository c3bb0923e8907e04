"""What each finding asks a person to do, short enough for a page; docs/watchdog.md says more."""

from __future__ import annotations

from typing import Final

GUIDE: Final = "docs/watchdog.md"

_ADVICE: dict[str, tuple[str, ...]] = {
    "storage": (
        "Look whether the folder of DAGSTER_HOME is there, or whether Dagster's database answers.",
        "Look for a full disk, then start what is down.",
        "Until then no run starts and no check is judged: tell whoever waits for figures.",
    ),
    "daemon": (
        "Look whether the process `dagster-daemon run` lives, and read the end of its log.",
        "Start it again; a heartbeat follows within half a minute.",
        "Look at the runs that were queued or due meanwhile, and launch what is missing.",
    ),
    "pager": (
        "Open the sensor oncall_pager in Dagster and read its last tick.",
        "Switch it on if it is off; if it raises, mend what the error names.",
        "Never reset its cursor to make it run: what happened meanwhile would page nobody.",
    ),
    "events": (
        "Open the sensor oncall_pager in Dagster and look whether its cursor moves from tick to tick.",
        "If it does, it is catching up: look at failed checks and runs by hand meanwhile.",
        "If it does not, read the error of its ticks; do not reset the cursor.",
    ),
    "web": (
        "Look whether `dagster-webserver` lives, and read the end of its log.",
        "Start it again; meanwhile nobody can see runs or launch them by hand.",
    ),
    "location": (
        "Read the whole error in Dagster under Deployment, Code locations.",
        "Take back the last change of that code, or mend it, and reload the location there.",
        "Look at what its schedules and sensors should have launched meanwhile.",
    ),
    "ledger": (
        "Look whether the database of ONCALL_DATABASE_URL answers; or, without that, whether ledger.sqlite in "
        "ONCALL_HOME is there and can be written.",
        "Look for a full disk.",
        "Nothing is lost: the pager goes on from its cursor once the ledger is back.",
    ),
    "outbox": (
        "`oncall incidents` shows what waits, and what the channels answered: deal with those incidents now.",
        "Look whether the channel is down, or its token or password was refused.",
    ),
    "handbook": (
        "Run `oncall check-handbook` on the handbook the pager reads; it names file, line and column.",
        "Take back the last change, or mend it. Until then pages go by the handbook as last read.",
    ),
    "look": (
        "Read the watchdog's own log.",
        "What it could not look at may be down or may hang: look there by hand.",
    ),
}


def advice(group: str) -> tuple[str, ...]:
    """The steps for findings of this group, in order."""
    return tuple(f"{number}. {step}" for number, step in enumerate(_ADVICE[group], start=1))
