"""What becomes of a plan: its owners run through the same layers as the rotation's, so that one resolver holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from oncall_assets.handbook import Handbook
from oncall_assets.rota.cover import Cover
from oncall_assets.rota.planner.blocks import blocks
from oncall_assets.rota.segment import merged
from oncall_assets.rota.shift import Shift, cut

Owners = Mapping[datetime, tuple[str, str]]
"""By the start of each block, who owns it: primary and secondary."""


def rotation_owners(handbook: Handbook, start: datetime, end: datetime) -> dict[datetime, tuple[str, str]]:
    """The owners of the window's blocks in the plain rotation, seasons included."""
    planned = {block.start for block in blocks(handbook, start, end)}
    parts = Cover(handbook).parts(start, end)
    return {part.start: (part.primary, part.secondary) for _, part in parts if part.start in planned}


def final_shifts(handbook: Handbook, owners: Owners, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """The shifts of `[start, end)`, cut at its ends, in order and without a gap, under a plan with these owners.

    Whatever is no block of the window, or has no owner, stays as the resolver has it.
    """
    cover = Cover(handbook)
    given = [block for block in blocks(handbook, start, end) if block.start in owners]
    found = [shift for one in given for shift in merged(cover.owned(one.start, one.end, *owners[one.start]))]
    for first, last in gaps(((one.start, one.end) for one in given), start, end):
        found += cut(cover.expand(first, last), first, last)
    return tuple(sorted(found, key=lambda shift: shift.start))


def gaps(
    spans: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """What of `[start, end)` the spans, which are in order and lie within, leave."""
    for first, last in spans:
        if start < first:
            yield start, first
        start = last
    if start < end:
        yield start, end
