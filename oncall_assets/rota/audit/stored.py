"""A stored plan held against today's handbook, and its certificate against its own shifts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from oncall_assets.handbook import Handbook
from oncall_assets.rota.audit import Finding, audit
from oncall_assets.rota.fairness import Fairness, measure
from oncall_assets.rota.planfile import PlanFile, digest

# Certificates keep six decimals; what differs by more was not measured on these shifts.
_CLOSE: Final = 0.001


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a plan found; `doubts` are sentences about its certificate, `load` is measured anew.

    `changed` says that the handbook is not what the plan was made from.
    """

    findings: tuple[Finding, ...]
    doubts: tuple[str, ...]
    load: Fairness
    changed: bool

    @property
    def holds(self) -> bool:
        return not self.findings and not self.doubts

    def as_json(self) -> dict[str, Any]:
        """For programs; instants as text."""
        findings = [
            asdict(one) | {"start": one.start.isoformat(), "end": one.end.isoformat()} for one in self.findings
        ]
        return {
            "findings": findings,
            "doubts": list(self.doubts),
            "spread": self.load.spread,
            "handbook_changed": self.changed,
        }


def checked(handbook: Handbook, plan: PlanFile) -> Checked:
    """The audit of the plan's shifts by the handbook as it is, and its certificate compared with them."""
    made = plan.certificate
    found = audit(
        handbook,
        plan.shifts,
        plan.start,
        plan.end,
        owners=plan.pairs,
        earlier=plan.earlier,
        budget=made.budget,
    )
    people = set(handbook.team.engineers)
    served = [one for one in plan.served if {one.primary, one.secondary} <= people]
    load = measure(handbook.team, served, plan.start, plan.end, made.carried)
    changed = digest(handbook.team) != plan.handbook
    doubts = []
    if not changed and abs(load.spread - made.spread) > _CLOSE:
        doubts.append(
            f"the certificate says a spread of {made.spread:.1f} points, and its shifts come to {load.spread:.1f}"
        )
    if not changed and len(found) != made.broken:
        doubts.append(f"the certificate says {made.broken} broken rules, and the audit finds {len(found)}")
    return Checked(found, tuple(doubts), load, changed)
