"""An edition as a page for mail programs and the archive: one file, legible on light and dark, at any width."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Literal

from oncall_assets.reports.edition import Edition, Figure
from oncall_assets.reports.rendering import wording
from oncall_assets.reports.rendering.pictures import HEIGHT, WIDTH, picture
from oncall_assets.reports.rendering.wording import Box, Compared, Passage, Row
from oncall_assets.rota.markup import Markup, element, joined, trusted

Pictures = Literal["cid", "data"]

# Styles stand in each element, as many mail programs drop style sheets; only what has a ground of its own has a
# colour of text, so that a dark mode can do its work.
_BODY: Final = "margin:0;padding:0;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_OUTER: Final = "border-collapse:collapse;width:100%;max-width:640px;margin:0 auto"
_HEAD: Final = "padding:20px 16px;background:#16324f;color:#ffffff"
_MAIN: Final = "padding:4px 16px 24px;overflow-wrap:anywhere"
_LINE: Final = "border-top:1px solid #9aa5b1"
_HEADING: Final = "margin:28px 0 8px;font-size:17px;line-height:1.3"
_QUIET: Final = "font-size:13px;line-height:1.45;opacity:.75"
_BOXES: Final = {
    "warning": "margin:16px 0 0;padding:12px 14px;background:#fff0d4;color:#4a2a00;border-left:5px solid #b3131b",
    "remark": "margin:16px 0 0;padding:12px 14px;background:#e6eef8;color:#16324f;border-left:5px solid #22609f",
}
# Blocks that stand side by side where there is room, and under each other on a telephone, without media queries.
_WIDE: Final = "display:inline-block;vertical-align:top;width:46%;min-width:270px;padding:2px 0"
_SLIM: Final = "display:inline-block;vertical-align:top;width:27%;min-width:140px;padding:2px 0"
_AMOUNT: Final = "font-size:21px;line-height:1.3;font-weight:bold;white-space:nowrap"
_CARD: Final = (
    "display:block;width:100%;max-width:608px;height:auto;box-sizing:border-box;background:#ffffff;"
    "border:1px solid #cbd2d9"
)


def as_html(edition: Edition, *, pictures: Pictures) -> str:
    """The whole page; its pictures within it (`data`), or as parts of the same mail named by `content_id`."""
    title = wording.subject(edition)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="supported-color-schemes", content="light dark"),
        element("title", title),
        element("style", trusted(":root{color-scheme:light dark}")),
    )
    inner = element(
        "table",
        element("tr", element("td", *_top(edition), style=_HEAD)),
        element("tr", element("td", *_main(edition, pictures), style=_MAIN)),
        role="presentation",
        style=_OUTER,
    )
    return f"<!doctype html>\n{element('html', head, element('body', inner, style=_BODY), lang='en')}\n"


def content_id(edition: Edition, figure: Figure) -> str:
    """What the figure's picture is called within a mail, without angle brackets."""
    parts = (edition.report, str(edition.first), str(edition.last), figure.column, figure.name)
    return f"{sha256(chr(0).join(parts).encode()).hexdigest()[:24]}@figure"


def _top(edition: Edition) -> list[Markup]:
    return [
        element("h1", wording.said(edition.title), style="margin:0;font-size:24px;line-height:1.25"),
        element("div", wording.period(edition), style="font-size:16px"),
    ]


def _main(edition: Edition, pictures: Pictures) -> list[Markup]:
    parts = [
        *(_box(box) for box in wording.boxes(edition)),
        _heading("Figures"),
        *(_row(row) for row in wording.rows(edition)),
        *_pictures(edition, pictures),
        _heading("Definitions"),
        *(_passage(passage) for passage in wording.definitions(edition)),
        _heading("Data"),
        _paragraph(wording.data(edition)),
    ]
    if edition.restatements:
        parts += [_heading("Restated since the last edition"), *map(_passage, wording.restatements(edition))]
    if edition.caveats:
        items = (element("li", caveat) for caveat in wording.caveats(edition))
        parts += [_heading("Known caveats"), element("ul", *items, style="margin:0;padding-left:20px")]
    foot = f"{_QUIET};{_LINE};margin-top:28px;padding-top:12px"
    return [*parts, element("div", _paragraph(wording.footer(edition)), style=foot)]


def _box(box: Box) -> Markup:
    title = element("div", element("b", box.title), style="font-size:16px")
    return element("div", title, *(element("div", line) for line in box.lines), style=_BOXES[box.kind])


def _row(row: Row) -> Markup:
    value = [
        element("div", row.name, style="padding-right:12px"),
        element("div", row.value, style=_AMOUNT),
        *([element("div", row.why, style=_QUIET)] if row.why else []),
    ]
    blocks = [element("div", *value, style=_WIDE), *(_compared(one) for one in row.compared)]
    return element("div", *blocks, style=f"{_LINE};padding:8px 0")


def _compared(one: Compared) -> Markup:
    return element(
        "div",
        element("div", f"vs {one.what}", style=_QUIET),
        element("div", one.change, style="font-weight:bold;white-space:nowrap"),
        element("div", one.detail, style=f"{_QUIET};padding-right:8px"),
        style=_SLIM,
    )


def _pictures(edition: Edition, pictures: Pictures) -> list[Markup]:
    drawn = [(figure, image) for figure in edition.figures if (image := picture(figure, edition))]
    if not drawn:
        return []
    cards = [_card(figure, image, edition, pictures) for figure, image in drawn]
    note = "This edition's period is in dark blue; a hatched period has no value."
    return [_heading("Trend"), element("div", note, style=_QUIET), *cards]


def _card(figure: Figure, image: bytes, edition: Edition, pictures: Pictures) -> Markup:
    name = wording.said(figure.name)
    inline = f"data:image/png;base64,{b64encode(image).decode()}"
    shown = element(
        "img",
        src=inline if pictures == "data" else f"cid:{content_id(edition, figure)}",
        alt=f"{name}: the last {len(figure.series)} periods",
        width=WIDTH,
        height=HEIGHT,
        style=_CARD,
    )
    title = element("div", element("b", name), style="margin:12px 0 4px")
    return element("div", title, shown, style="break-inside:avoid")


def _passage(passage: Passage) -> Markup:
    lines = (element("div", line, style=_QUIET) for line in passage.lines)
    return element("div", element("b", passage.title), *lines, style="margin:0 0 10px")


def _heading(title: str) -> Markup:
    return element("h2", title, style=_HEADING)


def _paragraph(lines: Sequence[str]) -> Markup:
    return joined(*(element("div", line) for line in lines))
