"""Messages as plain text, for those who watch a terminal or read a log afterwards."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from oncall_assets.notify.discreet import without_figures
from oncall_assets.notify.layout import Row, blocks, headline
from oncall_assets.notify.message import Message, Page, Update, oneline, printable, shorten, subject_of

_WIDTH = 96
_LABEL = 14


@dataclass(frozen=True)
class Console:
    """Reaches everybody: `write` gets the whole message as one text, with investors' figures only if it may."""

    write: Callable[[str], None]
    investor_figures: bool = False

    @property
    def name(self) -> str:
        return "console"

    def reaches(self, person: str) -> bool:  # noqa: ARG002 - whoever reads the log reads every message
        return True

    def takes(self, message: Message) -> bool:  # noqa: ARG002 - the log is for everything
        return True

    def send(self, message: Message, person: str, thread: str | None) -> None:  # noqa: ARG002 - a log has no threads
        """Never fails, but as `write` does."""
        self.write(as_text(message if self.investor_figures else without_figures(message, self.name)))


def as_text(message: Message, *, ruled: bool = True) -> str:
    """The message as lines of up to 96 columns; a web address may be longer, as it must stay whole.

    `ruled` sets the headline between rules, so that it is found among the other lines of a log.
    """
    rule = [("━" if isinstance(message, Page) else "─") * _WIDTH] if ruled else []
    marks = [line for mark in message.marks for line in _wrapped(oneline(mark, 200), "  ** ", "     ")]
    head = _wrapped("  ".join(oneline(part, 200) for part in (*_number(message), *headline(message))), "  ", "  ")
    lines = [*rule, *marks, *head, *(rule or [""]), *_addressee(message)]
    for number, group in enumerate(blocks(message)):
        lines += [""] if number else []
        lines += [line for row in group for line in _row(row)]
    return "\n".join([*lines, *rule])


def _number(message: Message) -> list[str]:
    return [subject_of(message).upper()] if isinstance(message, Page | Update) else []


def _addressee(message: Message) -> list[str]:
    """Whom it is for, where the message's own rows do not say so with the reason."""
    return [] if isinstance(message, Page) else list(_row(Row("For", (message.to.name,))))


def _row(row: Row) -> Iterator[str]:
    label = oneline(row.label, _LABEL - 1)
    for line in row.lines:
        if row.kind == "code":
            for part in printable(line).splitlines():
                yield _labelled(label, shorten(part, _WIDTH - _LABEL - 2))
                label = ""
        elif row.kind == "link":
            yield _labelled(label, oneline(line, 2000))
        else:
            yield from _wrapped(oneline(line, 600), _labelled(label, ""), " " * (_LABEL + 2))
            label = ""


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=rest)


def _labelled(label: str, value: str) -> str:
    return f"  {label:<{_LABEL}}{value}"
