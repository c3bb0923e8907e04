"""A quarter's review from the ledger, the same for the terminal and for Dagster's UI."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import state_folder
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.review.report import Period, review
from oncall_assets.incidents.review.times import Retold
from oncall_assets.rota.quarters import Quarter


def reviewed(handbook: Handbook, quarter: Quarter, ledger: Ledger, now: datetime) -> str:
    """The review of what the ledger keeps of the quarter, from hand-off to hand-off, as Markdown."""
    start, end = quarter.start(handbook.team), quarter.end(handbook.team)
    told = [Retold(record, tuple(ledger.story(record.number))) for record in ledger.opened(start, end)]
    notes = [(at, text) for at, text in ledger.notes(start) if at < end]
    return review(handbook, Period(quarter, told, notes), now)


def review_file(quarter: Quarter) -> Path:
    """Where the review of the quarter goes if nobody names another place."""
    return state_folder() / "reviews" / f"{quarter}.md"


def write_review(path: Path, text: str) -> None:
    """Write the review, and the folders above it; an older one is replaced whole. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whoever reads along sees the old one or the new one, never half of it.
    half = path.with_name(f".{path.name}.new")
    half.write_text(text, encoding="utf-8", newline="\n")
    half.replace(path)
