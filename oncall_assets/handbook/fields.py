"""Which fields may stand at a place of a file, so that a misspelt one can be told its right name."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from oncall_assets.handbook.tree import Loc

_UNION = (Union, UnionType)


def fields_at(model: type[BaseModel], loc: Loc) -> set[str]:
    """Names of the fields that `model` allows at `loc`, which may name branches of unions as pydantic does."""
    models = [kind for kind in _kinds_at(model, loc) if _is_model(kind)]
    return {name for kind in models for name in _written_fields(kind)}


def branches_at(model: type[BaseModel], loc: Loc, discriminator: str) -> set[str]:
    """The values that `discriminator` may have at `loc`."""
    models = [kind for kind in _kinds_at(model, loc) if _is_model(kind)]
    return {name for kind in models for name in get_args(kind.model_fields[discriminator].annotation)}


def _kinds_at(model: type[BaseModel], loc: Loc) -> list[Any]:
    kinds: list[Any] = [model]
    for part in loc:
        kinds = [inner for kind in kinds for inner in _inside(kind, part)]
    return kinds


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    if _is_model(kind):
        # A branch may have the name of a field, as the kind `folder` has; pydantic names the branch first.
        if _is_branch(kind, part):
            yield kind
        elif part in (fields := _written_fields(kind)):
            yield from _alternatives(fields[str(part)].annotation)
    elif get_origin(kind) is dict:
        yield from _alternatives(get_args(kind)[1])
    elif get_origin(kind) in (list, tuple):
        yield from _alternatives(get_args(kind)[0])


def _written_fields(kind: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields by the names they have in a file."""
    return {
        field.alias or name: field
        for name, field in kind.model_fields.items()
        # A rule of a check is named by its key, not by a field.
        if not (name == "rule" and len(get_args(field.annotation)) == 1)
    }


def _alternatives(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in _UNION:
        for kind in get_args(annotation):
            yield from _alternatives(kind)
    else:
        yield annotation


def _is_branch(kind: type[BaseModel], part: str | int) -> bool:
    return any(
        part in get_args(kind.model_fields[name].annotation)
        for name in ("kind", "rule")
        if name in kind.model_fields and get_origin(kind.model_fields[name].annotation) is Literal
    )


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
