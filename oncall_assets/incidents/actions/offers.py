"""What a page says of the steps that the program can do: the command, and a launchpad that is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from oncall_assets.handbook import Handbook
from oncall_assets.incidents.actions.chosen import runbook_of
from oncall_assets.incidents.asked import Refused
from oncall_assets.notify.message import Case, Offer

JOB = "oncall_run_step"
OP = "run_step"


@dataclass(frozen=True, slots=True)
class Launchpad:
    """Dagster's UI at `base`, opened by the engineer `by`; no addresses without a code `location`."""

    base: str
    location: str | None
    by: str

    def url(self, incident: int, step: int) -> str | None:
        """The address that fills in the job for this step; it starts nothing by itself."""
        if self.location is None:
            return None
        fields = {"incident": str(incident), "step": str(step), "by": f'"{self.by}"', "confirm": "false"}
        lines = [f"ops:\n  {OP}:\n    config:", *(f"      {name}: {value}" for name, value in fields.items())]
        where = f"{self.base}/locations/{quote(self.location, safe='@')}/jobs/{JOB}/playground/setup"
        return f"{where}?config={quote(chr(10).join(lines), safe='')}"


def offers(handbook: Handbook, case: Case, incident: int, launchpad: Launchpad) -> tuple[Offer, ...]:
    """One for each step on the page that has an action, as long as the step still is what the page says."""
    try:
        runbook = runbook_of(handbook, case, incident)
    except Refused:
        return ()
    return tuple(
        Offer(
            step=step,
            does=action.does,
            command=f"oncall run-step {incident} {step}",
            url=launchpad.url(incident, step),
        )
        for step, action in sorted(runbook.front.actions.items())
        if case.steps and set(runbook.steps_from(step, 1)) <= set(case.steps)
    )
