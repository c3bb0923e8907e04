"""One wording for everything that is wrong in a handbook, so that people can go straight to the line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_NAMES_SHOWN = 12
_VALUE_SHOWN = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong at one place; `str()` gives `path:line:column: field: message`."""

    path: str
    line: int
    column: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.field}: {self.message}"


class HandbookError(Exception):
    """Every problem of a handbook at once, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def one_of(value: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: what is known, and what was probably meant."""
    names = sorted(known)
    if len(names) == 1:
        return f"expected {names[0]}"
    shown = ", ".join(names[:_NAMES_SHOWN]) or "(none is listed)"
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"expected one of {shown}{more}{did_you_mean(value, names)}"


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where one of the known names is close to `value`, whatever the case; else nothing."""
    folded = {name.casefold(): name for name in sorted(known)}
    close = difflib.get_close_matches(value.casefold(), folded, n=1)
    return f"; did you mean {folded[close[0]]}?" if close else ""


def first_line(error: BaseException) -> str:
    """The first line of an error's message that is not empty, or the error's kind: libraries write pages."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def shown(value: object) -> str:
    """A value as it is named in a message: in quotes if it is text, and never longer than a line can bear."""
    text = repr(value)
    return text if len(text) <= _VALUE_SHOWN else f"{text[: _VALUE_SHOWN - 1]}…"
