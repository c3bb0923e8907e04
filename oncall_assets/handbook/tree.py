"""The tree of a YAML file: where each of its parts stands, and what they are without ruamel's own types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarbool import ScalarBoolean

Loc = tuple[str | int, ...]

# The field that says which branch of a union a mapping is; pydantic names the branch in its locations.
_DISCRIMINATOR = "kind"
# What pydantic appends to the location of a key that is wrong itself.
_KEY = "[key]"


def position(tree: Any, loc: Loc) -> tuple[int, int]:
    """Line and column, from 0, of the last part of `loc` that is written down."""
    node, place = tree, (tree.lc.line, tree.lc.col)
    for part in loc:
        key = _key(node, part)
        if key is None:
            break
        # A key merged in from an anchor stands elsewhere: the place of what it was merged into has to do.
        if isinstance(node, CommentedMap) and key in (node.lc.data or {}):
            place = node.lc.key(key)
        elif isinstance(node, CommentedSeq):
            place = node.lc.item(key)
        node = node[key]
    return place


def written(tree: Any, loc: Loc) -> Loc:
    """`loc` as the file has it: without the branches of unions, and with the last part even if it is missing."""
    kept: list[str | int] = []
    node, at_tag = tree, False
    for number, part in enumerate(loc):
        if part == _KEY or (at_tag and part == node.get(_DISCRIMINATOR)):
            at_tag = False
            continue
        key = _key(node, part)
        if key is not None:
            node = node[key]
            kept.append(part)
        elif number == len(loc) - 1 and (node is None or isinstance(node, Mapping)):
            kept.append(part)
        at_tag = isinstance(node, Mapping) and _DISCRIMINATOR in node
    return tuple(kept)


def at(tree: Any, loc: Loc) -> Any:
    """What is written at `loc`, or None."""
    node = tree
    for part in loc:
        key = _key(node, part)
        if key is None:
            return None
        node = node[key]
    return node


def plain(node: Any) -> Any:
    """The tree as ordinary values: ruamel's own number types would pass for what they wrap."""
    if isinstance(node, Mapping):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [plain(value) for value in node]
    if isinstance(node, ScalarBoolean):
        return bool(node)
    # A bool is an int too, and stays what it is.
    kind = next((kind for kind in (bool, int, float, str) if isinstance(node, kind)), None)
    return kind(node) if kind else node


def _key(node: Any, part: str | int) -> Any:
    """`part` as the key or index it is in `node` (a year is a number in YAML and text in a model), or None."""
    if isinstance(node, Mapping):
        return next((key for key in node if str(key) == str(part)), None)
    if isinstance(node, Sequence) and not isinstance(node, str):
        return part if isinstance(part, int) and part < len(node) else None
    return None
