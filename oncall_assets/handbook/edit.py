"""One more entry in a file that people keep, with every other byte of it as they left it.

Dumping a whole round-tripped tree would re-wrap and re-indent what somebody laid out by hand. So ruamel says where
the list stands, one line is put there, and ruamel says again whether the file now means what it should.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import MappingStartEvent, ScalarEvent, SequenceStartEvent
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from oncall_assets.handbook.tree import plain

_BOM = "\ufeff"
_NOTHING = {"", "~", "null", "Null", "NULL"}
_INDENT = 2


class CannotEdit(Exception):
    """The file is laid out in a way that no line can be added to safely, or cannot be written."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the value of a key stands, as offsets into the text; `dash` is the column of a block's dashes."""

    key_end: int
    start: int
    end: int
    last: int | None
    style: str
    dash: int


def one_line(item: Mapping[str, object]) -> str:
    """`item` as YAML in braces on one line; a time of day such as `2026-05-05T09:00` stands in quotes."""
    node = CommentedMap((key, _scalar(value)) for key, value in item.items())
    node.fa.set_flow_style()
    yaml, stream = YAML(typ="rt"), io.StringIO()
    yaml.width = sys.maxsize
    yaml.dump(node, stream)
    return stream.getvalue().rstrip("\n")


def with_item(text: str, key: str, item: Mapping[str, object]) -> str:
    """`text`, a mapping in YAML, with `item` at the end of the list under its top-level `key`.

    A list that is missing or empty becomes a block; one in brackets stays in brackets. Raises CannotEdit where the
    result would not be the old file plus that entry.
    """
    mark, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    line = one_line(item)
    try:
        changed = _spliced(body, key, line)
        if changed is not None and _is_old_plus(body, changed, key, line):
            return mark + changed
    except (YAMLError, ValueError):
        pass  # what cannot be read cannot be added to either
    raise CannotEdit(f"no line can be added under `{key}:` safely as it is laid out; add by hand: - {line}")


def replace_text(path: Path, old: str, new: str) -> None:
    """Put `new` in the place of `old` in one step, so that nobody reads half a file; its mode stays.

    Raises CannotEdit if the file is no longer `old`, or cannot be written.
    """
    target = path.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(new.encode())
                stream.flush()
                os.fsync(stream.fileno())
            shutil.copymode(target, name)
            if target.read_bytes() != old.encode():
                raise CannotEdit(f"{path} was changed by somebody else just now; nothing was written, try again")
            Path(name).replace(target)
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()
    except OSError as error:
        raise CannotEdit(f"{path} cannot be written ({error.strerror}); nothing was changed") from None


def _scalar(value: object) -> object:
    if not isinstance(value, str):
        return value
    oneline = " ".join(value.split())
    # Words alone stand bare, anything else in quotes: within braces ruamel leaves some bare that it cannot read.
    return oneline if re.fullmatch(r"[^\W\d_][\w .-]*", oneline) else DoubleQuotedScalarString(oneline)


def _is_old_plus(old: str, new: str, key: str, line: str) -> bool:
    before, after = (plain(YAML(typ="rt").load(text)) for text in (old, new))
    before[key] = [*(before.get(key) or []), plain(YAML(typ="rt").load(line))]
    return bool(before == after)


def _spliced(text: str, key: str, line: str) -> str | None:
    newline = "\r\n" if "\r\n" in text else "\n"
    events: list[Any] = list(YAML(typ="rt").parse(text))
    root = next((number for number, event in enumerate(events) if isinstance(event, MappingStartEvent)), None)
    if root is None or events[root].flow_style:
        return None
    places = _places(text, events, root)
    dash = next((place.dash for place in places.values() if place.style == "block"), _INDENT)
    place = places.get(key)
    if place is None:
        ended = text if text.endswith("\n") else text + newline
        gap = "" if ended.endswith(newline * 2) else newline
        return f"{ended}{gap}{key}:{newline}{' ' * dash}- {line}{newline}"
    if place.style == "nothing":
        emptied = text[: place.start].rstrip(" ") + text[place.end :] if place.end > place.start else text
        return _after_line(emptied, place.key_end, f"{' ' * dash}- {line}", newline)
    if place.style == "block":
        return (
            None if place.last is None else _after_line(text, place.last, f"{' ' * place.dash}- {line}", newline)
        )
    return _in_brackets(text, place, line, newline) if place.style == "flow" else None


def _in_brackets(text: str, place: _Place, line: str, newline: str) -> str:
    closing = place.end - 1
    if place.last is None:
        return f"{text[:closing]}{line}{text[closing:]}"
    rest = text[place.last : closing]
    if "\n" not in rest:
        return f"{text[: place.last]}, {line}{text[place.last :]}"
    # A list whose bracket closes on a line of its own has an entry a line; comments stay with theirs.
    before = text[text.rfind("\n", 0, place.last) + 1 : place.last]
    indent = before[: len(before) - len(before.lstrip())]
    follows = rest.lstrip().startswith(",")
    comma, tail = ("", ",") if follows else (",", "")
    return _after_line(
        f"{text[: place.last]}{comma}{text[place.last :]}", place.last, f"{indent}{line}{tail}", newline
    )


def _after_line(text: str, offset: int, line: str, newline: str) -> str:
    """`text` with `line` below the line that holds `offset`."""
    end = text.find("\n", offset)
    if end < 0:
        return f"{text}{newline}{line}{newline}"
    return f"{text[: end + 1]}{line}{newline}{text[end + 1 :]}"


def _places(text: str, events: Sequence[Any], root: int) -> dict[str, _Place]:
    """Where each value of the mapping that starts at event `root` stands in `text`."""
    places = {}
    at = root + 1
    while isinstance(events[at], ScalarEvent):
        value, following = at + 1, _past(events, at + 1)
        places[str(events[at].value)] = _place(text, events[at], events[value:following])
        at = following
    return places


def _past(events: Sequence[Any], at: int) -> int:
    """The number of the event behind the node that starts at event `at`."""
    depth = 0
    while True:
        name = type(events[at]).__name__
        depth += name.endswith("StartEvent") - name.endswith("EndEvent")
        at += 1
        if depth == 0:
            return at


def _place(text: str, key: Any, value: Sequence[Any]) -> _Place:
    start, end = value[0].start_mark, value[-1].end_mark.index
    # The end of a block is where the next token stands, comments and all: what counts is its last content.
    ends = [event.end_mark.index for event in value[1:-1] if event.end_mark.index > event.start_mark.index]
    if isinstance(value[0], ScalarEvent):
        empty = value[0].style is None and value[0].value in _NOTHING
        style = "nothing" if empty else "other"
    elif isinstance(value[0], SequenceStartEvent) and value[0].flow_style:
        one_row = value[0].start_mark.line == value[-1].end_mark.line
        style = "nothing" if not ends and one_row else "flow"
    else:
        style = "block" if isinstance(value[0], SequenceStartEvent) else "other"
    last = len(text[: ends[-1]].rstrip()) if ends else None
    return _Place(key.end_mark.index, start.index, end, last, style, start.column)
