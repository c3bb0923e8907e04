"""Messages in Slack's Block Kit, within its limits and with nothing in them that Slack would act upon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oncall_assets.notify.layout import Row, headline
from oncall_assets.notify.layout import blocks as groups_of
from oncall_assets.notify.message import Message, Page, Update, oneline, printable, subject_of

# https://docs.slack.dev/reference/block-kit/blocks
_HEADER_LIMIT = 150
_TEXT_LIMIT = 3000
_BLOCKS_LIMIT = 50

# Few enough that a section's rows, each with a fair share of its text, stay readable.
_ROWS = 6

# What was found, where, and each of the steps that a page shows.
_LINKS = 6

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def fallback(message: Message) -> str:
    """What a notification shows: marks, headline, and of a page the finding and by when to answer."""
    marks = "".join(f"[{mark}] " for mark in message.marks)
    if not isinstance(message, Page):
        number = f"{subject_of(message)} " if isinstance(message, Update) else ""
        title = f"{number}{message.what}: {message.title}" if isinstance(message, Update) else message.title
        return escape(marks + title, _TEXT_LIMIT)
    again = "" if message.telling == "opened" else f", {message.telling}"
    head = f"{marks}{subject_of(message)}, {message.severity}{again}: {message.title}. "
    who = f"On call: {message.primary.name if message.primary else 'nobody'}."
    return escape(f"{head}{oneline(message.finding, 1000)} {who} Answer by {message.answer_by}.", _TEXT_LIMIT)


def blocks(message: Message) -> list[dict[str, Any]]:
    """The message in Block Kit, all text from data escaped; what is beyond Slack's 50 blocks is left out."""
    made = [_section(" · ".join(f"*{escape(mark, 300)}*" for mark in message.marks))] if message.marks else []
    made.append(_header(" · ".join(headline(message))))
    for group in groups_of(message):
        made += _group(group)
    if isinstance(message, Page):
        made.append(_context(f"{subject_of(message)} · {message.key}"))
    return made[:_BLOCKS_LIMIT]


def _group(rows: Sequence[Row]) -> list[dict[str, Any]]:
    if rows[0].kind == "link":
        links = [f"<{_url(row.lines[0])}|{escape(row.label, 100)}>" for row in rows[:_LINKS]]
        return [_section(" · ".join(links))]
    made = []
    told = [row for row in rows if row.kind != "code"]
    for first in range(0, len(told), _ROWS):
        piece = told[first : first + _ROWS]
        made.append(_section("\n".join(_row(row, _TEXT_LIMIT // len(piece) - 1) for row in piece)))
    code = [row for row in rows if row.kind == "code"]
    return made + [_section(f"```\n{_code(row)}\n```") for row in code]


def _row(row: Row, limit: int) -> str:
    label = f"*{escape(row.label, 100)}* " if row.label else ""
    lines = [oneline(line, 600) for line in row.lines]
    return label + escape((", " if row.kind == "list" else "\n").join(lines), limit - len(label))


def _code(row: Row) -> str:
    return escape("\n".join(row.lines).replace("`", "'"), _TEXT_LIMIT - 8)


def escape(text: str, limit: int) -> str:
    """At most `limit` characters that Slack shows as `text`: no mention, link or entity comes out of it.

    https://docs.slack.dev/messaging/formatting-message-text, "escaping text".
    """
    escaped = [_ENTITIES.get(letter, letter) for letter in printable(text)]
    if sum(map(len, escaped)) <= limit:
        return "".join(escaped)
    kept, room = [], limit - 1
    for letter in escaped:
        room -= len(letter)
        if room < 0:
            break
        kept.append(letter)
    return "".join(kept) + "…"


def _header(title: str) -> dict[str, Any]:
    text = {"type": "plain_text", "text": escape(oneline(title, 300), _HEADER_LIMIT), "emoji": False}
    return {"type": "header", "text": text}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> dict[str, Any]:
    element = {"type": "mrkdwn", "text": escape(text, 2000), "verbatim": True}
    return {"type": "context", "elements": [element]}


def _url(url: str) -> str:
    # A bar would end the address and let the rest pass for its title.
    return escape(url, 800).replace("|", "%7C")
