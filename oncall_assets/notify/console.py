"""Pages as plain text, for those who watch a terminal or read a log afterwards."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from oncall_assets.notify.message import Message, Notice, Page, instant, printable, shorten

_WIDTH = 96
_LABEL = 12


@dataclass(frozen=True)
class Console:
    """Reaches everybody: `write` gets the whole message as one text."""

    write: Callable[[str], None]

    @property
    def name(self) -> str:
        return "console"

    def reaches(self, person: str) -> bool:  # noqa: ARG002 - whoever reads the log reads every page
        return True

    def send(self, message: Message, person: str) -> None:  # noqa: ARG002 - the message names whom it is for
        self.write(as_text(message))


def as_text(message: Message) -> str:
    """The message as lines of up to 96 columns; a web address may be longer, as it must stay whole."""
    return _notice(message) if isinstance(message, Notice) else _page(message)


def _notice(notice: Notice) -> str:
    rule = "─" * _WIDTH
    title = _wrapped(_oneline(notice.title, 200), "  ", "  ")
    rows = [line for label, value in notice.rows for line in _row(_oneline(label, _LABEL - 1), value)]
    return "\n".join([rule, *title, rule, *_row("For", notice.person.name), *rows, rule])


def _page(page: Page) -> str:
    rule = "━" * _WIDTH
    title = _oneline(page.title, 200)
    lines = [rule, *_wrapped(f"INCIDENT {page.incident}  {page.severity.upper()}  {title}", "  ", "  "), rule]
    for block in (_people(page), _evidence(page), _consequences(page), _procedure(page), _links(page)):
        if block:
            lines += [*block, ""]
    return "\n".join([*lines[:-1], rule])


def _people(page: Page) -> list[str]:
    return [
        *_row("On call", page.primary.name),
        *_rows("", page.because),
        *_row("Secondary", page.secondary.name),
        *_row("Answer by", page.answer_by),
        *_row("Resolve by", page.resolve_by),
    ]


def _evidence(page: Page) -> list[str]:
    sample = [shorten(line, _WIDTH - _LABEL - 2) for line in printable(page.sample).splitlines()]
    return [
        *_row("What", page.what),
        *_row("Partition", page.partition),
        *_row("Happened", instant(page.happened_at, page.primary.timezone)),
        *_row("Finding", page.finding),
        *_row("Observed", page.observed),
        *_row("Threshold", page.threshold),
        *(_labelled("Sample" if number == 0 else "", line) for number, line in enumerate(sample)),
    ]


def _consequences(page: Page) -> list[str]:
    return [
        *_row("Pipeline", f"{page.pipeline}, for {page.audience}" if page.audience else page.pipeline),
        *_row("Owners", ", ".join(page.owners)),
        *_rows("Downstream", page.downstream),
        *_row("Skipped", ", ".join(page.not_computed)),
    ]


def _procedure(page: Page) -> list[str]:
    return [*_row("Runbook", page.runbook), *_rows("", page.steps)]


def _links(page: Page) -> list[str]:
    return [_labelled(_oneline(link.title, _LABEL - 1), _oneline(link.url, 2000)) for link in page.links]


def _rows(label: str, values: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for value in values:
        lines += _row("" if lines else label, value)
    return lines


def _row(label: str, value: str | None) -> list[str]:
    if not value:
        return []
    return _wrapped(_oneline(value, 600), _labelled(label, ""), " " * (_LABEL + 2))


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=rest)


def _labelled(label: str, value: str) -> str:
    return f"  {label:<{_LABEL}}{value}"


def _oneline(text: str, limit: int) -> str:
    return shorten(" ".join(printable(text).split()), limit)
