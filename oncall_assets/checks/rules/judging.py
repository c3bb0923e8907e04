"""Which function judges which rule, said once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from oncall_assets.checks.own import own_rule
from oncall_assets.checks.rules.against import agrees_with, cross_check
from oncall_assets.checks.rules.arrival import final_after, late_share
from oncall_assets.checks.rules.evidence import Evidence, Verdict
from oncall_assets.checks.rules.filing import completeness, matches_total
from oncall_assets.checks.rules.history import coverage, day_over_day
from oncall_assets.checks.rules.installation import environment, headroom
from oncall_assets.checks.rules.keys import no_overlap, unique
from oncall_assets.checks.rules.records import arrived_by, definition_changed, duration, stale_upstream
from oncall_assets.checks.rules.reporting import grants, published_matches
from oncall_assets.checks.rules.shape import schema
from oncall_assets.checks.rules.split import sample_ratio
from oncall_assets.checks.rules.trend import within_trend
from oncall_assets.checks.rules.values import accepted_values, bounds, finite, not_null
from oncall_assets.handbook import rules as written

JUDGES: Final[dict[str, Callable[[Any, Evidence], Verdict]]] = {
    "accepted_values": accepted_values,
    "agrees_with": agrees_with,
    "arrived_by": arrived_by,
    "bounds": bounds,
    "completeness": completeness,
    "coverage": coverage,
    "cross_check": cross_check,
    "day_over_day": day_over_day,
    "definition_changed": definition_changed,
    "duration": duration,
    "environment": environment,
    "final_after": final_after,
    "finite": finite,
    "grants": grants,
    "headroom": headroom,
    "late_share": late_share,
    "matches_total": matches_total,
    "no_overlap": no_overlap,
    "not_null": not_null,
    "own": own_rule,
    "published_matches": published_matches,
    "sample_ratio": sample_ratio,
    "schema": schema,
    "stale_upstream": stale_upstream,
    "unique": unique,
    "within_trend": within_trend,
}


def judge(rule: written.Rule, evidence: Evidence) -> Verdict:
    """The verdict of `rule`. Raises Unjudged if a column that it names is not there, or of another kind."""
    return JUDGES[rule.rule](rule, evidence)
