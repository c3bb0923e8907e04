"""What validation found, in the handbook's own words: the value, what is wrong, what is expected."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from oncall_assets.handbook.fields import branches_at, fields_at
from oncall_assets.handbook.problem import one_of, shown
from oncall_assets.handbook.tree import Loc, at, written

_FIELDS = "fields with a name each"
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "date_type": "a date such as 2026-01-05, without quotes",
    "dict_type": _FIELDS,
    "model_type": _FIELDS,
    "model_attributes_type": _FIELDS,
    "union_tag_not_found": _FIELDS,
    "list_type": "a list",
    "tuple_type": "a list",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "{} or more"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "{} or less"),
    "less_than": ("lt", "less than {}"),
}


def message(model: type[BaseModel], detail: Any) -> str:
    """One of pydantic's findings (an item of `errors()`) about `model`."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        return _unknown_field(model, detail["loc"])
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", context["expected"])
        return f"{shown(value)} is not known; {one_of(str(value), known)}"
    if kind == "union_tag_invalid":
        known = re.findall(r"'([^']*)'", context["expected_tags"])
        return f"{shown(context['tag'])} is no {_discriminator(detail)}; {one_of(context['tag'], known)}"
    if kind == "union_tag_not_found" and isinstance(value, dict):
        return f"is missing; {one_of('', branches_at(model, detail['loc'], _discriminator(detail)))}"
    if kind in {"too_short", "string_too_short"}:
        return "is empty; expected at least one" if context["min_length"] == 1 else _too_few(context)
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{shown(value)} is out of range; expected {words.format(f'{context[key]:g}')}"
    return _mistyped(value, _EXPECTED.get(kind, "another value"))


def place(tree: Any, detail: Any) -> Loc:
    """Where in the file the finding belongs: at the word that names an unknown branch, not at what holds it."""
    loc = written(tree, detail["loc"])
    if detail["type"] not in {"union_tag_invalid", "union_tag_not_found"} or not isinstance(detail["input"], dict):
        return loc
    # A rule is named by its key, a source by the value of its `kind`.
    tag = detail["ctx"].get("tag")
    return (*loc, tag if tag in at(tree, loc) else _discriminator(detail))


def _unknown_field(model: type[BaseModel], loc: Loc) -> str:
    name, known = str(loc[-1]), fields_at(model, loc[:-1])
    if not known:
        return "is not a field here, which has none; remove it"
    return f"is not a field here; {one_of(name, known)}"


def _discriminator(detail: Any) -> str:
    return str(detail["ctx"]["discriminator"]).strip("'")


def _too_few(context: Any) -> str:
    return f"has {context['actual_length']} of them; expected at least {context['min_length']}"


def _mistyped(value: object, expected: str) -> str:
    if value is None:
        return f"is empty; expected {expected}"
    if expected == "text" and not isinstance(value, dict | list):
        return f"{shown(value)} is not text; put it in quotes"
    return f"{shown(value)} is of the wrong kind; expected {expected}"
