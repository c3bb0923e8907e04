"""What each field of a rule takes, in words, so that its reference says so without anybody writing it twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from oncall_assets.handbook.rules.written import AnyRule, Column, Columns, Number, Ratio, Sets, Texts
from oncall_assets.handbook.tolerance import Tolerance
from oncall_assets.handbook.values import Duration, Hour, Size

_WORDS: Final = (
    (Column, "a column"),
    (Columns, "columns, as a list"),
    (Ratio, "a ratio, 0 to 1"),
    (Number, "a number"),
    (Sets, "`{column: text}`, or a list of texts"),
    (Texts, "texts, as a list"),
    (Duration, "a duration such as `4h`"),
    (Size, "a size such as `5 GiB`"),
    (Hour, 'a time of day such as `"04:00"`'),
    (dict[str, str], "`{column: text}`"),
    (dict[str, Any], "values by name"),
)
_BARE: Final = {str: "text", int: "a whole number", float: "a number", dict: "numbers by name"}
_LIMITS: Final = (
    ("ge", "{:g} or more"),
    ("gt", "more than {:g}"),
    ("le", "at most {:g}"),
    ("lt", "less than {:g}"),
)
# Text to the program, but a table to whoever writes it.
_TABLES: Final = {"other": "a table", "of": "a table", "source": "a table", "upstream": "tables, as a list"}
_MUST: Final = "must be given"


def rows(kind: type[AnyRule]) -> Iterator[tuple[str, str, str]]:
    """(field, what it takes, what holds if it is left out): those that must be given first."""
    hints = get_type_hints(kind, include_extras=True)
    fields = {name: field for name, field in kind.model_fields.items() if name != "rule"}
    for name, field in sorted(fields.items(), key=lambda item: not item[1].is_required()):
        yield name, _TABLES.get(name) or takes(hints[name]), _otherwise(field)


def takes(hint: Any) -> str:
    """The kind of value in words, from an annotation with its metadata."""
    for known, words in _WORDS:
        if hint is known or (get_origin(known) is dict and hint == known):
            return words
    if get_origin(hint) in {Union, UnionType}:
        return " or ".join(takes(one) for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is Literal:
        *others, last = (f"`{value}`" for value in get_args(hint))
        return f"{', '.join(others)} or {last}" if others else last
    if metadata := getattr(hint, "__metadata__", None):
        bare, *_ = get_args(hint)
        limits = _limits(metadata)
        return takes(bare) + (f", {limits}" if limits else "")
    if hint is Tolerance:
        return "whole cents, or a ratio below 1"
    return _BARE[get_origin(hint) or hint]


def in_words(length: timedelta) -> str:
    """A duration as a handbook writes it: `1m`, `48h`, `7 days`."""
    minutes = length // timedelta(minutes=1)
    if minutes % 60:
        return f"{minutes}m"
    if minutes % (24 * 60) or minutes == 24 * 60:
        return f"{minutes // 60}h"
    return f"{minutes // (24 * 60)} days"


def _limits(metadata: tuple[Any, ...]) -> str:
    """`4 to 52`, or `more than 0`, of what a field declares."""
    declared = [one for info in metadata if isinstance(info, FieldInfo) for one in info.metadata]
    found = {key: getattr(one, key) for key, _ in _LIMITS for one in declared if hasattr(one, key)}
    if found.keys() >= {"ge", "le"}:
        return f"{found['ge']:g} to {found['le']:g}"
    return " and ".join(words.format(found[key]) for key, words in _LIMITS if key in found)


def _otherwise(field: FieldInfo) -> str:
    if field.is_required():
        return _MUST
    value = field.default
    if value is PydanticUndefined or value in (None, {}):
        return "–"
    if isinstance(value, timedelta):
        return f"`{in_words(value)}`"
    return str(value) if isinstance(value, Tolerance) else f"`{value}`"
