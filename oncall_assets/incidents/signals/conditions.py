"""What began and what ended since the last look, because a condition is told once, not as often as it is seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from oncall_assets.incidents.policy.faults import FaultKey
from oncall_assets.incidents.policy.partitions import each
from oncall_assets.incidents.signals.kinds import Signal, Trouble, TroubleKind, TroubleOver, bounded


def changes(
    found: Sequence[Trouble],
    blind: AbstractSet[TroubleKind],
    open_targets: Iterable[tuple[TroubleKind, FaultKey]],
    now: datetime,
) -> list[Signal]:
    """What `found` differs in from what is open: first the troubles that are over, then those that began.

    Nothing of a kind in `blind` is over, as the look at it failed. A trouble began if any of its days is not open;
    of several with the same kind, target and day the first stands for all. `now` is the instant of the look.
    """
    known = dict.fromkeys(open_targets)
    held: set[tuple[TroubleKind, FaultKey]] = set()
    began: list[Signal] = []
    for trouble in found:
        faults = {(trouble.kind, (trouble.target, day)) for day in each(trouble.partition, whole=trouble.whole)}
        if not faults <= known.keys() | held:
            began.append(trouble)
        held |= faults
    over = [_over(*one, now) for one in known if one[0] not in blind and one not in held]
    return [*over, *began]


def _over(kind: TroubleKind, fault: FaultKey, now: datetime) -> Signal:
    target, partition = fault
    return TroubleOver(
        id=bounded(f"over/{kind}/{target}/{partition}/{now.isoformat()}"),
        at=now,
        run_id="",
        partition=partition,
        kind=kind,
        target=target,
    )
