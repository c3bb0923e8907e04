"""Handbooks that nobody would write, with everything in them that the rota knows, for properties to hold on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from pydantic import TypeAdapter

from oncall_assets.handbook import Handbook, HandbookError
from oncall_assets.handbook.rota import MAJOR_HOLIDAYS, Change, Override, Swap
from oncall_assets.handbook.team import Team
from oncall_assets.rota.changes import refusal
from oncall_assets.rota.check import check_rota
from oncall_assets_tests.rota.teams import handbook, team

PEOPLE = ["ann", "ben", "cat", "dan", "eve", "fay", "gus", "hal"]
HOMES = [
    ("US-NY", "America/New_York"),
    ("US-CA", "America/Los_Angeles"),
    ("GB-ENG", "Europe/London"),
    ("IN", "Asia/Kolkata"),
    ("DE-BY", "Europe/Berlin"),
    ("AU-NSW", "Australia/Sydney"),
    ("JP", "Asia/Tokyo"),
]
FIRST, LAST = date(2026, 1, 5), date(2028, 12, 31)
RULES = ["primary_covers", "secondary_covers", "excused"]

_CHANGES: TypeAdapter[list[Swap | Override]] = TypeAdapter(list[Change])

days = st.dates(FIRST, LAST)
hours = st.sampled_from(["00:00", "02:30", "09:00", "17:00"])


@st.composite
def seasons(draw: st.DrawFn) -> dict[str, str]:
    first = draw(st.sampled_from(["12-20", "02-27", "07-01", "11-20"]))
    last = draw(st.sampled_from(["01-02", "03-01", "07-09", "11-30"]))
    return {"from": first, "to": last}


@st.composite
def vacations(draw: st.DrawFn, people: list[str]) -> dict[str, Any]:
    first = draw(days)
    entry: dict[str, Any] = {"who": draw(st.sampled_from(people)), "from": first}
    entry["to"] = first + timedelta(days=draw(st.integers(0, 20)))
    if draw(st.booleans()):
        entry |= {"from_hour": "13:00", "to_hour": "17:00"}
    return entry


@st.composite
def holidays(draw: st.DrawFn, people: list[str], rules: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"rule": draw(st.sampled_from(rules)), "share_multi_day": draw(st.booleans())}
    found["seasons"] = draw(st.lists(seasons(), max_size=1))
    names = draw(st.lists(st.sampled_from(MAJOR_HOLIDAYS), max_size=2, unique=True))
    found["table"] = {
        name: dict(enumerate(draw(st.lists(st.sampled_from(people), min_size=1, max_size=3)), start=2026))
        for name in names
    }
    return found


@st.composite
def bare_teams(draw: st.DrawFn, rules: list[str]) -> Team:
    """A team without swaps and overrides."""
    people = PEOPLE[: draw(st.integers(2, len(PEOPLE)))]
    homes = {who: draw(st.sampled_from(HOMES)) for who in people}
    details: dict[str, dict[str, Any]] = {
        who: {"region": region, "timezone": zone} for who, (region, zone) in homes.items()
    }
    if draw(st.booleans()):
        details[people[-1]]["left"] = draw(days)
    turns = draw(st.permutations(people[: draw(st.integers(2, len(people)))]))
    return team(
        zone=draw(st.sampled_from(HOMES))[1],
        turn=draw(st.sampled_from(["1 day", "3 days", "1 week", "2 weeks"])),
        hour=draw(hours),
        start=FIRST,
        order=turns,
        people=details,
        holidays=draw(holidays(turns, rules)),
        volunteers=draw(st.lists(st.sampled_from(people), max_size=2, unique=True)),
        away=draw(st.lists(vacations(people), max_size=6)),
    )


@st.composite
def swaps(draw: st.DrawFn, of: Team) -> dict[str, Any]:
    index = draw(st.integers(0, 60))
    day = of.rotation.start + index * of.rotation.turn
    pair = of.rotation.pairs[index % len(of.rotation.pairs)]
    entry = {"kind": "swap", "turn": day, "give": draw(st.sampled_from(pair)), "requested": FIRST}
    return entry | {"take": draw(st.sampled_from([who for who in of.engineers if who != entry["give"]]))}


@st.composite
def overrides(draw: st.DrawFn, of: Team) -> dict[str, Any]:
    first = datetime.combine(draw(days), datetime.min.time()) + timedelta(hours=draw(st.integers(0, 23)))
    last = first + timedelta(hours=draw(st.integers(1, 100)))
    role = draw(st.sampled_from(["primary", "secondary"]))
    return {
        "kind": "override",
        "from": f"{first:%Y-%m-%dT%H:%M}",
        "to": f"{last:%Y-%m-%dT%H:%M}",
        role: draw(st.sampled_from(sorted(of.engineers))),
        "requested": FIRST,
    }


@st.composite
def handbooks(draw: st.DrawFn, rules: list[str] = RULES, changes: bool = True) -> Handbook:
    """A handbook that check_rota takes."""
    bare = handbook(draw(bare_teams(rules)))
    kept: list[Swap | Override] = []
    for wish in draw(st.lists(swaps(bare.team) | overrides(bare.team), max_size=4)) if changes else ():
        (made,) = _CHANGES.validate_python([wish])
        if refusal(bare, made, kept) is None:
            kept.append(made)
    book = handbook(bare.team.model_copy(update={"changes": kept}))
    try:
        check_rota(book)
    except HandbookError:
        reject()
    return book
