"""Markdown of parts that escape themselves, so that no title or note becomes a table's end, a link or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from oncall_assets.notify.message import printable

# What GitHub's Markdown reads as markup anywhere in a line. An underscore inside a word is none.
_MARKUP = re.compile(r"[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# What it reads as markup at the beginning: headings, quotes, lists and rules.
_LEADING = re.compile(r"^([#+=-])|^(\d+)([.)])")


def plain(text: str) -> str:
    """`text` on one line, every character of it shown as it is; not for the beginning of a line."""
    line = " ".join(printable(text).split())
    line = _MARKUP.sub(lambda found: f"\\{found[0]}", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> list[str]:
    """A table as lines, an empty one behind it; columns whose position is in `numbers` stand to the right."""
    right = set(numbers)
    rule = ["---:" if number in right else "---" for number in range(len(heads))]
    return [_row(heads), _row(rule), *(_row([plain(cell) for cell in row]) for row in rows), ""]


def bullets(lines: Iterable[str]) -> list[str]:
    """A list as lines, an empty one behind it."""
    return [*(f"- {_leading(plain(line))}" for line in lines), ""]


def _leading(line: str) -> str:
    return _LEADING.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", line)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
