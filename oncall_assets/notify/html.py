"""Messages as HTML for mail programs: inline styles only, as many drop the rest, legible on light and dark."""

from __future__ import annotations

from html import escape

from oncall_assets.notify.layout import Row, blocks, headline
from oncall_assets.notify.message import Message, Page, Update, oneline, printable

# Dark enough under white text for WCAG's contrast of 4.5, on a light and on a dark page.
_COLOURS = {"critical": "#b3131b", "major": "#a44b00", "minor": "#22609f", "resolved": "#1c7134"}
_QUIET = "#5a6470"

_BODY = "margin:0;padding:12px;font:15px/1.45 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_TABLE = "border-collapse:collapse;width:100%;margin:0 0 12px"
_LABEL = "width:92px;padding:2px 12px 2px 0;vertical-align:top;white-space:nowrap;opacity:.7"
_VALUE = "padding:2px 0;vertical-align:top;overflow-wrap:anywhere"
_CODE = (
    "margin:4px 0;padding:8px;white-space:pre-wrap;font:13px/1.4 Menlo,Consolas,monospace;border:1px solid #8888"
)


def as_html(message: Message) -> str:
    """A whole page; it sets no colour of text but on its own ground, so a program's dark mode can do its work."""
    marks = "".join(f'<p style="margin:0 0 8px"><b>{_text(mark)}</b></p>' for mark in message.marks)
    groups = [f'<table role="presentation" style="{_TABLE}">{_rows(rows)}</table>' for rows in blocks(message)]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{_text(message.title)}</title><style>:root{{color-scheme:light dark}}</style></head>"
        f'<body style="{_BODY}"><div style="max-width:640px">'
        f"{marks}{_head(message)}{''.join(groups)}</div></body></html>"
    )


def _head(message: Message) -> str:
    *loud, title = headline(message)
    number = [f"incident {message.incident}"] if isinstance(message, Page | Update) else []
    small = " &middot; ".join(_text(part) for part in (*loud, *number))
    above = f'<div style="font-size:13px">{small}</div>' if small else ""
    style = f"padding:10px 12px;margin:0 0 12px;background:{_colour(message)};color:#ffffff"
    return f'<div style="{style}">{above}<div style="font-size:18px;font-weight:bold">{_text(title)}</div></div>'


def _colour(message: Message) -> str:
    match message:
        case Page():
            return _COLOURS[message.severity]
        case Update(what="resolved"):
            return _COLOURS["resolved"]
        case _:
            return _QUIET


def _rows(rows: list[Row]) -> str:
    return "".join(f"<tr>{_label(row)}{_value(row)}</td></tr>" for row in rows)


def _label(row: Row) -> str:
    if not row.label:
        return f'<td colspan="2" style="{_VALUE}">'
    return f'<td style="{_LABEL}">{_text(row.label)}</td><td style="{_VALUE}">'


def _value(row: Row) -> str:
    if row.kind == "code":
        return f'<pre style="{_CODE}">{escape(printable(chr(10).join(row.lines)))}</pre>'
    if row.kind == "link":
        return "<br>".join(_link(line) for line in row.lines)
    return "<br>".join(_text(line) for line in row.lines)


def _link(url: str) -> str:
    shown = escape(oneline(url, 2000))
    # Only what a browser opens as a page; anything else is shown, and not followed.
    return f'<a href="{shown}">{shown}</a>' if url.startswith(("https://", "http://")) else shown


def _text(text: str) -> str:
    return escape(oneline(text, 2000))
