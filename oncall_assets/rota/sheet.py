"""A quarter of the rota as one page that needs nothing else: on a screen, on a telephone, on a wall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from oncall_assets.handbook.team import Team
from oncall_assets.rota.fairness import Load
from oncall_assets.rota.markup import Markup, element, joined, trusted
from oncall_assets.rota.palette import Look, initials, looks
from oncall_assets.rota.shift import ROLES, Role, Shift, serving
from oncall_assets.rota.weeks import Bar, Week, weeks

# More people than this get less room each, so that the weeks still fit on one sheet of paper.
_FEW = 10
_DOTS = 5
# Letters of a name from which on a bar of a day has room for the initials only.
_LONG = 13

_STYLE = Path(__file__).with_name("sheet.css")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something about one day that concerns `who`: a public holiday of theirs, or that they are away."""

    kind: str
    text: str
    who: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """What a page shows: `shifts`, at least one, in order; `marks` by day; what the shifts weigh.

    `changed` holds the start and the role of shifts where it is not the one in turn who serves; `written` is the
    instant of the page.
    """

    team: Team
    title: str
    shifts: Sequence[Shift]
    marks: Mapping[date, Sequence[Mark]]
    loads: Sequence[Load]
    changed: frozenset[tuple[datetime, Role]]
    written: datetime


def render(sheet: Sheet) -> str:
    """The page as HTML: no scripts, no fonts or pictures from elsewhere, everything people wrote escaped."""
    draw = _Draw(sheet)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"On call {sheet.title}, {sheet.team.team}"),
        element("style", trusted(_STYLE.read_text(encoding="utf-8"))),
    )
    body = element("body", draw.header(), draw.legend(), draw.grid(), draw.footer(), draw.list())
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


class _Draw:
    """The parts of one sheet's page."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._team = sheet.team
        self._zone = ZoneInfo(sheet.team.timezone)
        self._looks = looks(sheet.team.engineers)
        names = [engineer.name for engineer in sheet.team.engineers.values()]
        short = initials(names)
        self._initials = {key: short[engineer.name] for key, engineer in sheet.team.engineers.items()}
        self._serving = {who for shift in sheet.shifts for who in (shift.primary, shift.secondary)}

    def header(self) -> Markup:
        first, last = self._sheet.shifts[0].start, self._sheet.shifts[-1].end
        return element(
            "header",
            element("h1", element("b", self._sheet.title), " ", element("span", self._team.team)),
            element(
                "p",
                f"{_when(first, self._zone)} to {_when(last, self._zone)}, hand-off "
                f"{self._team.rotation.handoff.capitalize()}, all times {self._team.timezone}",
            ),
        )

    def legend(self) -> Markup:
        cards = [self._card(key) for key in self._team.engineers if key in self._serving]
        keys = element(
            "p",
            element("span", "primary", class_="key filled"),
            element("span", "secondary", class_="key lined"),
            element("span", "changed from the plain rotation", class_="key turned"),
            element("span", element("i", "", class_="dot"), "public holiday, by engineer", class_="key"),
            element("span", element("i", "", class_="dot ring"), "away", class_="key"),
            class_="keys",
        )
        crowd = " many" if len(cards) > _FEW else ""
        return joined(element("section", *cards, class_=f"people{crowd}"), keys)

    def _card(self, key: str) -> Markup:
        engineer = self._team.engineers[key]
        figures = [
            element("span", element("b", figure), f" {label}")
            for load in self._sheet.loads
            if load.who == key
            for figure, label in _figures(load)
        ]
        return element(
            "div",
            element("i", self._initials[key], class_=f"chip {_weave(self._looks[key])}"),
            element(
                "div",
                element("strong", engineer.name),
                element("small", f"{engineer.region}, {engineer.timezone}"),
                element("p", "", *figures),
            ),
            class_="person",
            style=_colours(self._looks[key]),
        )

    def grid(self) -> Markup:
        names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        head = element("div", element("span", ""), *(element("b", name) for name in names), class_="week head")
        return element("main", head, *(self._week(week) for week in weeks(self._sheet.shifts, self._zone)))

    def _week(self, week: Week) -> Markup:
        number = week.monday.isocalendar().week
        label = element(
            "div",
            element("b", f"{week.monday:%b} {week.monday.day}"),
            element("small", f"week {number}"),
            class_="label",
        )
        tracks = [
            element("div", "", *(self._bar(bar) for bar in week.bars if bar.role == role), class_=f"track {role}")
            for role in ROLES
        ]
        days = [self._day(day) for day in week.days]
        return element("div", label, element("div", *days, *tracks, class_="days"), class_="week")

    def _day(self, day: date) -> Markup:
        inside = self._first_day <= day <= self._last_day
        marks = self._sheet.marks.get(day, ()) if inside else ()
        classes = ["day", *(["weekend"] if day.weekday() > 4 else []), *([] if inside else ["outside"])]
        title = f"{day:%a} {day.day} {day:%b}"
        hover = "\n".join([title, *(f"{mark.text}: {self._names(mark.who)}" for mark in marks)])
        date_text = f"{day.day} {day:%b}" if day.day == 1 else str(day.day)
        return element(
            "div",
            element("span", date_text, class_="date"),
            *(self._mark(mark) for mark in marks),
            class_=" ".join(classes),
            title=hover if marks else None,
        )

    def _mark(self, mark: Mark) -> Markup:
        shape = "dot" if mark.kind == "holiday" else "dot ring"
        dots = [element("i", "", class_=shape, style=_colours(self._looks[who])) for who in mark.who[:_DOTS]]
        more = [element("b", f"+{len(mark.who) - _DOTS}")] if len(mark.who) > _DOTS else []
        words = [element("span", mark.text)] if mark.kind == "holiday" else []
        return element("span", *dots, *more, *words, class_=f"mark {mark.kind}")

    def _bar(self, bar: Bar) -> Markup:
        look, name = self._looks[bar.who], self._team.engineers[bar.who].name
        turned = [(piece.shift.start, bar.role) in self._sheet.changed for piece in bar.pieces]
        # A fold where the change begins is enough; the pieces after it are changed as well.
        folds = [here and not before for here, before in zip(turned, [False, *turned], strict=False)]
        pieces = [
            element(
                "i",
                "",
                class_="piece turned" if fold else "piece",
                style=f"left:{100 * (piece.left - bar.left) / bar.width:.3f}%;"
                f"width:{100 * (piece.right - piece.left) / bar.width:.3f}%",
                title=self._told(piece.shift, bar.role),
            )
            for piece, fold in zip(bar.pieces, folds, strict=True)
        ]
        ends = {"starts": bar.starts, "ends": bar.ends, "folded": folds[0], _weave(look): True}
        return element(
            "div",
            *pieces,
            element("span", name, class_="name long" if len(name) > _LONG else "name"),
            element("span", self._initials[bar.who], class_="initials"),
            class_=" ".join(["bar", *(name for name, wanted in ends.items() if name and wanted)]),
            style=f"left:{bar.left:.4f}%;width:{bar.width:.4f}%;{_colours(look)}",
        )

    def _told(self, shift: Shift, role: Role) -> str:
        others: dict[Role, Role] = {"primary": "secondary", "secondary": "primary"}
        who, partner = serving(shift, role), serving(shift, others[role])
        lines = [
            f"{self._team.engineers[who].name} is {role}",
            f"{_when(shift.start, self._zone)} to {_when(shift.end, self._zone)}",
            f"{self._team.engineers[partner].name} is {others[role]}",
            *(f"– {reason}" for reason in shift.why),
        ]
        return "\n".join(lines)

    def list(self) -> Markup:
        """Every shift with its reasons as text, for those who cannot hover."""
        head = element("tr", *(element("th", name) for name in ("From", "To", "Primary", "Secondary", "Because")))
        rows = [
            element(
                "tr",
                element("td", _when(shift.start, self._zone)),
                element("td", _when(shift.end, self._zone)),
                element("td", self._team.engineers[shift.primary].name),
                element("td", self._team.engineers[shift.secondary].name),
                element("td", "; ".join(shift.why)),
                class_="turned" if any((shift.start, role) in self._sheet.changed for role in ROLES) else None,
            )
            for shift in self._sheet.shifts
        ]
        table = element("table", element("thead", head), element("tbody", *rows))
        return element("details", element("summary", "Every shift, with its reasons"), table)

    def footer(self) -> Markup:
        written = self._sheet.written.astimezone(UTC)
        return element(
            "footer", f"As of {written:%Y-%m-%d %H:%M} UTC. Swaps and overrides made later are not in it."
        )

    @property
    def _first_day(self) -> date:
        return self._sheet.shifts[0].start.astimezone(self._zone).date()

    @property
    def _last_day(self) -> date:
        # An end at midnight belongs to the day before.
        return (self._sheet.shifts[-1].end.astimezone(self._zone) - timedelta(microseconds=1)).date()

    def _names(self, keys: Sequence[str]) -> str:
        return ", ".join(self._team.engineers[key].name for key in keys)


def _figures(load: Load) -> Iterator[tuple[str, str]]:
    yield f"{load.primary.total:.0f} h", "primary"
    yield f"{load.secondary.total:.0f} h", "secondary"
    yield f"{load.primary.weekend:.0f} h", "of weekends"
    yield str(len(load.holidays)), "holiday" if len(load.holidays) == 1 else "holidays"


def _when(instant: datetime, zone: ZoneInfo) -> str:
    local = instant.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def _colours(look: Look) -> str:
    return f"--fill:{look.fill};--ink:{look.ink};--thread:{look.thread}"


def _weave(look: Look) -> str:
    return f"weave{min(look.weave, 3)}" if look.weave else ""
