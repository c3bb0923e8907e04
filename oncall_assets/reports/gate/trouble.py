"""What is open on the figures: nothing is told to investors over an incident that is critical."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dagster import AssetKey

from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.open_on import OpenOn, open_on
from oncall_assets.incidents.policy.partitions import overlap
from oncall_assets.metrics.days import Days
from oncall_assets.reports.gate.judgement import Hold

# More would hide the figures.
_CAVEATS = 10


@dataclass(frozen=True, slots=True)
class Troubles:
    """Critical incidents as `holds`, others as `caveats`, the newest first."""

    holds: tuple[Hold, ...]
    caveats: tuple[str, ...]


def troubles(ledger: Database, upstream: Iterable[AssetKey], days: Days) -> Troubles:
    """The open incidents about any of these tables on any of the days; one that names no days is about all.

    What is wrong with the edition itself, as that it is held, or could not be sent, is not mended by holding it:
    nobody asks for it here.
    """
    found = open_on(ledger, [table.to_user_string() for table in upstream])
    about = [one for one in found if any(overlap(part, str(days)) for part in one.partitions)]
    newest_first = sorted(about, key=lambda one: -one.number)
    return Troubles(
        tuple(Hold("incident", _critical(one)) for one in newest_first if one.severity == "critical"),
        tuple(_caveat(one) for one in newest_first if one.severity != "critical")[:_CAVEATS],
    )


def _critical(one: OpenOn) -> str:
    return (
        f"Incident {one.number} (critical) is open on {', '.join(one.assets)}: {one.title}. It has to be resolved."
    )


def _caveat(one: OpenOn) -> str:
    return f"Incident {one.number} ({one.severity}): {one.title}"
