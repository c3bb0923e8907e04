"""Handbooks with what an incident is graded and escalated by, and the standings of incidents in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.escalation import Urgency
from oncall_assets.handbook.runbook import FrontMatter, Runbook
from oncall_assets.handbook.team import Team
from oncall_assets.incidents.policy.escalation import Standing, clocks
from oncall_assets_tests.rota import teams


def front_matter(**written: Any) -> FrontMatter:
    """Front matter in which only what is `written` matters."""
    return FrontMatter.model_validate(
        {
            "purpose": "Tells what is earned.",
            "metrics": [{"name": "profit", "means": "what is left", "calculation": "revenue - cost"}],
            "frequency": "daily",
            "sla": ["by 06:00"],
            "severity": "minor",
            "issues": {"short": {"what": "rows are missing"}},
            **written,
        }
    )


def promise(**written: Any) -> dict[str, Any]:
    """A pipeline of ann's and ben's in team.yaml."""
    fields = {"assets": "key:x", "primary": "ann", "secondary": ["ben"], "metric_owner": "f@example.com"}
    return {**fields, "audience": "stakeholders", "because": "somebody has to", **written}


def handbook(of: Team, runbooks: Mapping[str, FrontMatter] | None = None) -> Handbook:
    """The team's handbook with these runbooks by pipeline."""
    bare = teams.handbook(of)
    books = {
        name: Runbook(name, f"book/{name}.md", front, ("Look.",), bare.team_source)
        for name, front in (runbooks or {}).items()
    }
    return replace(bare, runbooks=books)


def standing(book: Handbook, now: datetime, urgency: Urgency = "any_time", **more: Any) -> Standing:
    """An incident of the pipeline `profit` opened at `now`, major, that nobody was told of."""
    on_call = more.pop("primary", None)
    clock_from, respond_by, resolve_by = clocks(book, "major", urgency, on_call, now)
    fresh = Standing(
        number=7,
        severity="major",
        urgency=urgency,
        pipeline="profit",
        assets=("profit",),
        targets=("profit:complete",),
        opened_at=now,
        round=1,
        clock_from=clock_from,
        respond_by=respond_by,
        resolve_by=resolve_by,
        acknowledged_at=None,
        acknowledged_by=None,
        told=frozenset(),
        tell=None,
    )
    return replace(fresh, **more)
