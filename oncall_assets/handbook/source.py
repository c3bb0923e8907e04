"""YAML and front matter that remember their lines, because an error without a line is a search."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from oncall_assets.handbook import tree as trees
from oncall_assets.handbook.problem import HandbookError, Problem
from oncall_assets.handbook.tree import Loc
from oncall_assets.handbook.wording import message, place

Model = TypeVar("Model", bound=BaseModel)

_FENCE = "---"


@dataclass(frozen=True)
class Source:
    """A parsed mapping with the place of each of its fields; `body` is the Markdown after front matter."""

    path: str
    tree: Mapping[str, Any]
    first_line: int = 1
    body: str = ""
    body_line: int = 1

    def problem(self, loc: Loc, message: str) -> Problem:
        """A problem at the field `loc`, or at its nearest parent that is written down."""
        line, column = trees.position(self.tree, loc)
        return Problem(self.path, line + self.first_line, column + 1, field_path(loc), message)

    def validate(self, model: type[Model]) -> Model:
        """The tree as `model`. Raises HandbookError with one problem for each field that is wrong."""
        try:
            return model.model_validate(trees.plain(self.tree))
        except ValidationError as error:
            raise HandbookError(
                self.problem(place(self.tree, detail), message(model, detail)) for detail in error.errors()
            ) from None

    def fields(self, *loc: str | int) -> Mapping[str, Any]:
        """The mapping written at `loc`; empty where there is none."""
        found = trees.at(self.tree, loc)
        return found if isinstance(found, Mapping) else {}

    def items(self, *loc: str | int) -> Sequence[Any]:
        """The list written at `loc`; empty where there is none."""
        found = trees.at(self.tree, loc)
        return found if isinstance(found, Sequence) and not isinstance(found, str) else ()

    def text(self, *loc: str | int) -> str | None:
        """The text written at `loc`, or None."""
        found = trees.at(self.tree, loc)
        return str(found) if isinstance(found, str) else None


def field_path(loc: Loc) -> str:
    """`("order", 0, "who")` as `order[0].who`; the whole file is `(file)`."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path or "(file)"


def read_yaml(path: Path) -> Source:
    """The mapping in a YAML file. Raises HandbookError if it cannot be read or is not one."""
    return Source(str(path), _parse(_text(path), str(path), first_line=1))


def read_front_matter(path: Path) -> Source:
    """Front matter between two `---` lines, and the body. Raises HandbookError if either line is missing."""
    # Not splitlines(): it would count form feeds and other separators that no editor counts.
    lines = _text(path).split("\n")
    fences = [number for number, line in enumerate(lines) if line.rstrip() == _FENCE]
    if not fences or fences[0] != 0:
        raise _refusal(path, "has no front matter; expected YAML between two `---` lines, the first one on line 1")
    if len(fences) == 1:
        raise _refusal(path, "has front matter without an end; expected a second `---` line below the YAML")
    end = fences[1]
    tree = _parse("\n".join(lines[1:end]), str(path), first_line=2)
    return Source(str(path), tree, 2, "\n".join(lines[end + 1 :]), end + 2)


def _text(path: Path) -> str:
    try:
        # Some editors put a byte order mark in front.
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _refusal(path, "is missing; create it") from None
    except UnicodeDecodeError as error:
        raise _refusal(path, f"is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise _refusal(path, f"cannot be read ({error.strerror}); expected a readable file") from None


def _parse(text: str, path: str, first_line: int) -> CommentedMap:
    # Round-trip mode is ruamel's safe loader that keeps positions; it builds no arbitrary objects.
    yaml = YAML(typ="rt")
    try:
        tree = yaml.load(text)
    except DuplicateKeyError as error:
        key = str(error.problem).split(" with value")[0].removeprefix("found duplicate key ")
        message = f"the key {key} stands here a second time; keep one of the two"
        raise HandbookError([_marked(error, path, first_line, message)]) from None
    except MarkedYAMLError as error:
        found = f"is not YAML: {error.problem or error.context}; correct it here or just above"
        raise HandbookError([_marked(error, path, first_line, found)]) from None
    except YAMLError as error:
        found = f"is not YAML: {str(error).splitlines()[0]}; remove it"
        raise HandbookError([Problem(path, first_line, 1, "(file)", found)]) from None
    except ValueError as error:
        raise HandbookError([_no_date(text, path, first_line, error)]) from None
    except RecursionError:
        found = "is nested too deeply; expected a few levels"
        raise HandbookError([Problem(path, first_line, 1, "(file)", found)]) from None
    if not isinstance(tree, CommentedMap):
        kind = "nothing" if tree is None else "a list" if isinstance(tree, list) else "a single value"
        found = f"holds {kind}; expected fields with a name each"
        raise HandbookError([Problem(path, first_line, 1, "(file)", found)])
    return tree


def _marked(error: MarkedYAMLError, path: str, first_line: int, message: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    return Problem(path, line + first_line, column + 1, "(file)", message)


def _no_date(text: str, path: str, first_line: int, error: ValueError) -> Problem:
    """The place of what looks like a date and is none; ruamel says only that there is one."""
    for number, line in enumerate(text.split("\n")):
        for match in re.finditer(r"\b\d{4}-\d{2}-\d{2}\b", line):
            try:
                date.fromisoformat(match[0])
            except ValueError as reason:
                message = f"{match[0]} is not a date: {reason}; expected one such as 2026-01-05"
                return Problem(path, number + first_line, match.start() + 1, "(file)", message)
    return Problem(path, first_line, 1, "(file)", f"holds a value that cannot be read: {error}; correct it")


def _refusal(path: Path, message: str) -> HandbookError:
    return HandbookError([Problem(str(path), 1, 1, "(file)", message)])
