"""The words and the order of a message, the same for every channel: what decides at 02:00 stands first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from oncall_assets.notify.message import Digest, Message, Notice, Page, Tone, Update, instant

# What the escalation did, where it did more than open the incident.
_TELLINGS: dict[Tone, str] = {
    "raised": "SEVERITY RAISED",
    "escalated": "ESCALATED",
    "reminded": "REMINDER",
    "returned": "BACK AGAIN",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A label of up to 12 characters with its text, none of it escaped for anything.

    `list` are names that may share a line, `code` keeps its own lines, `link` is a web address and its title.
    """

    label: str
    lines: tuple[str, ...]
    kind: Literal["text", "list", "code", "link"] = "text"


def headline(message: Message) -> tuple[str, ...]:
    """The title, and before it what is loud: the severity and what the escalation did, or what became of it."""
    match message:
        case Page():
            telling = _TELLINGS.get(message.telling)
            return (message.severity.upper(), *([telling] if telling else []), message.title)
        case Update():
            return (message.what.upper(), message.title)
        case Notice() | Digest():
            return (message.title,)


def blocks(message: Message) -> list[list[Row]]:
    """Everything but marks and headline, as rows in groups; no row and no group is empty."""
    match message:
        case Page():
            groups = _page(message)
        case Update() | Notice():
            groups = [[_row(label, text) for label, text in message.rows]]
        case Digest():
            more = [f"and {message.more} more"] if message.more else []
            listed = Row("", (*message.lines, *more))
            groups = [
                [listed],
                [_row("Answer", "oncall incidents lists what is open, oncall ack 17 answers number 17")],
            ]
    filled = [[row for row in rows if any(row.lines)] for rows in groups]
    return [rows for rows in filled if rows]


def _page(page: Page) -> list[list[Row]]:
    links = [Row(link.title, (link.url,), "link") for link in page.all_links]
    return [_decisive(page), _evidence(page), _concerned(page), _people(page), _steps(page), links]


def _decisive(page: Page) -> list[Row]:
    times = "once more" if page.repeats == 1 else f"{page.repeats} more times"
    return [
        _row("Finding", page.finding, f"failed {times} since" if page.repeats else None),
        _row("Answer", f"by {page.answer_by}", _command(page, "oncall ack")),
        _row("For", f"{page.to.name}: {page.why}"),
    ]


def _evidence(page: Page) -> list[Row]:
    more = [f"and {page.more_others} more"] if page.more_others else []
    return [
        _row("What", page.what),
        _row("Partition", page.partition),
        _row("Happened", instant(page.happened_at, page.to.timezone)),
        _row("Observed", page.observed),
        _row("Threshold", page.threshold),
        Row("Sample", (page.sample,), "code"),
        Row("Also failing", (*page.others, *more), "list"),
    ]


def _concerned(page: Page) -> list[Row]:
    return [
        _row("Pipeline", f"{page.pipeline}, for {page.audience}" if page.audience else page.pipeline),
        _row("Owners", ", ".join(page.owners)),
        Row("Downstream", page.downstream, "list"),
        _row("Skipped", ", ".join(page.not_computed)),
        _row("Not judged", ", ".join(page.not_judged)),
    ]


def _people(page: Page) -> list[Row]:
    return [
        _row("On call", page.primary.name if page.primary else "nobody", *page.because),
        _row("Secondary", page.secondary.name if page.secondary else "nobody"),
        _row("Resolve", f"by {page.mend_by}", _command(page, "if no check says so: oncall resolve")),
    ]


def _steps(page: Page) -> list[Row]:
    return [_row("Runbook", page.runbook, *(_step(page, step) for step in page.steps))]


def _step(page: Page, step: str) -> str:
    """The step, and if the program can do it, what it would do and the command for it."""
    offer = next((one for one in page.offers if step.startswith(f"{one.step}. ")), None)
    return f"{step} ({offer.does}: {offer.command})" if offer else step


def _command(page: Page, words: str) -> str | None:
    """The command that answers; what the watchdog reports is in no ledger, and ends when it is mended."""
    return f"{words} {page.incident}" if page.incident else None


def _row(label: str, *texts: str | None) -> Row:
    return Row(label, tuple(text for text in texts if text))
