"""Plans put together by hand for tests of what is stored, checked and published; no solver has a part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.published import PublishedShift
from oncall_assets.rota.fairness import measure
from oncall_assets.rota.planfile import Certificate, OwnedBlock, PlanFile, digest
from oncall_assets.rota.planner.owners import final_shifts, rotation_owners

MADE = datetime(2026, 10, 1, 8, tzinfo=UTC)


def planned(
    handbook: Handbook,
    start: datetime,
    end: datetime,
    given: Mapping[datetime, tuple[str, str]] | None = None,
    **certificate: Any,
) -> PlanFile:
    """A plan of `[start, end)` that gives the blocks `given` to others than the rotation does."""
    owners = {**rotation_owners(handbook, start, end), **(given or {})}
    served = final_shifts(handbook, owners, start, end)
    spread = measure(handbook.team, served, start, end).spread
    rules = {"solver": "by hand", "seed": 7, "effort": 1.0, "stages": [], "rules": [], "spread": spread}
    return PlanFile(
        version=1,
        start=start,
        end=end,
        made=MADE,
        handbook=digest(handbook.team),
        certificate=Certificate.model_validate({**rules, **certificate}),
        owners=[OwnedBlock(start=at, primary=one, secondary=two) for at, (one, two) in sorted(owners.items())],
        shifts=[
            PublishedShift(
                start=one.start, end=one.end, primary=one.primary, secondary=one.secondary, why=list(one.why)
            )
            for one in served
        ],
    )
