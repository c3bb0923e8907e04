"""What a plan may not touch, and how much it may change: promises to people outlast any plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from oncall_assets.rota.audit.finding import Finding
from oncall_assets.rota.audit.scene import Pair, Scene, Span
from oncall_assets.rota.shift import ROLES


def frozen(scene: Scene) -> Iterator[Finding]:
    """What is published, and blocks with a swap or an override in them, are served as the rota says."""
    for start, end, why in _fixed(scene):
        for told in scene.rota(start, end):
            for one in scene.during(max(start, told.start), min(end, told.end)):
                if (one.primary, one.secondary) != (told.primary, told.secondary):
                    text = (
                        f"{one.primary} with {one.secondary} from {scene.when(one.start)}, where "
                        f"{told.primary} with {told.secondary} is {why}"
                    )
                    yield Finding("frozen", told.primary, one.start, one.end, text)


def _fixed(scene: Scene) -> Iterator[tuple[datetime, datetime, str]]:
    for start, end in _merged(scene.published):
        first, last = max(start, scene.start), min(end, scene.end)
        if first < last:
            yield first, last, "published"
    for block in scene.blocks:
        first, last = max(block.start, scene.start), min(block.end, scene.end)
        if first < last and scene.is_changed(block) and not scene.is_published(first, last):
            yield first, last, "agreed by a swap or an override"


def _merged(spans: tuple[Span, ...]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def budget(scene: Scene, earlier: Mapping[datetime, Pair] | None, allowed: int | None) -> Iterator[Finding]:
    """At most so many duties have another owner than in the earlier plan; blocks that only one plan has aside."""
    if allowed is None or earlier is None:
        return
    count = changes(scene.owners, earlier)
    if count > allowed:
        text = f"duties with another owner than in the earlier plan: {count}, of {allowed} allowed"
        yield Finding("budget", "", scene.start, scene.end, text)


def changes(owners: Mapping[datetime, Pair], earlier: Mapping[datetime, Pair]) -> int:
    """How many duties, blocks by role, have another owner than `earlier`."""
    return sum(
        owners[start][role] != earlier[start][role]
        for start in owners.keys() & earlier.keys()
        for role in range(len(ROLES))
    )
