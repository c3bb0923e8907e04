"""What the watchdog found and whom it told, kept on disk so that a restart neither repeats nor forgets it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from oncall_assets.incidents.audits.finding import Finding, Sight, group_of

# Two looks further apart than this are not "in a row": the watchdog was off in between.
_APART = timedelta(minutes=10)


class Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Told(Kept):
    """A person told over a channel, with the receipt that continues the thread there."""

    person: str
    channel: str
    receipt: str | None = None


class Known(Kept):
    """A finding since it was first seen; instants are UTC.

    `looks` counts the looks in a row that saw it. `begun_at` is set while it is being told and nobody has it for
    certain, `paged_at` when somebody was last told, `over_at` when it was seen no more, `told` those who are still
    to hear that.
    """

    title: str
    detail: str
    since: AwareDatetime
    looks: int = 0
    begun_at: AwareDatetime | None = None
    paged_at: AwareDatetime | None = None
    over_at: AwareDatetime | None = None
    told: tuple[Told, ...] = ()

    @property
    def holds(self) -> bool:
        return self.over_at is None


class Memory(Kept):
    """All findings that hold or of which something is still to be said, by key."""

    looked_at: AwareDatetime | None = None
    findings: dict[str, Known] = {}

    def see(self, sight: Sight, now: datetime) -> tuple[list[Finding], list[str]]:
        """Take in what a look found: the findings that are new, and the keys of those that are over.

        What belongs to a group in `blind` stays as it was.
        """
        in_a_row = self.looked_at is not None and now - self.looked_at <= _APART
        new = [finding for finding in sight.findings if not self._held(finding.key)]
        for finding in sight.findings:
            self._take(finding, in_a_row, now)
        seen = {finding.key for finding in sight.findings}
        over = [
            key
            for key, known in self.findings.items()
            if known.holds and key not in seen and group_of(key) not in sight.blind
        ]
        for key in over:
            self.findings[key].over_at = now
        self.looked_at = now
        return new, over

    def forget(self, now: datetime, after: timedelta) -> None:
        """Drop what is over, once nobody is left to hear it and a page of it was longer ago than `after`."""
        self.findings = {key: known for key, known in self.findings.items() if not _done(known, now, after)}

    def _held(self, key: str) -> bool:
        return key in self.findings and self.findings[key].holds

    def _take(self, finding: Finding, in_a_row: bool, now: datetime) -> None:
        known = self.findings.get(finding.key)
        if known is None:
            known = self.findings[finding.key] = Known(title=finding.title, detail=finding.detail, since=now)
        elif not known.holds:
            # It is back. Those who have not heard that it was over need not hear it now: to them it went on.
            known.over_at, known.since = None, known.since if known.told else now
        known.title, known.detail = finding.title, finding.detail
        known.looks = known.looks + 1 if in_a_row else 1


def _done(known: Known, now: datetime, after: timedelta) -> bool:
    if known.over_at is None:
        return False
    paged = known.paged_at
    return (not known.told or now - known.over_at >= after) and (paged is None or now - paged >= after)


def load(path: Path, warn: Callable[[str], None]) -> Memory:
    """What was kept at `path`; an empty memory if there is none, or if `warn` hears why it is of no use."""
    try:
        return Memory.model_validate_json(path.read_text())
    except FileNotFoundError:
        return Memory()
    except (OSError, ValueError) as error:
        why = "it is not what the watchdog wrote" if isinstance(error, ValidationError) else str(error)
        warn(f"{path} cannot be read ({why}), so the watchdog starts anew and may repeat what it has told")
        return Memory()


def save(path: Path, memory: Memory) -> None:
    """Replace `path` at once and as a whole, readable by its owner only. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(memory.model_dump_json(indent=1))
        file.flush()
        os.fsync(descriptor)
    fresh.replace(path)
