"""Which step of which runbook is asked for, and whether there is anything in it that the program can do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.actions import Action
from oncall_assets.handbook.runbook import Runbook
from oncall_assets.incidents.asked import Refused
from oncall_assets.notify.message import Case


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for which step of the runbook of which incident; `again` if it was done before."""

    incident: int
    step: int
    by: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """A step of the incident's runbook that has an action."""

    runbook: Runbook
    step: int
    action: Action

    @property
    def words(self) -> str:
        """`step 3 of aggregate_profit: Land the file again.`"""
        return f"step {self.step} of {self.runbook.pipeline}: {self.runbook.procedure[self.step - 1]}"

    @property
    def mark(self) -> str:
        """What lines of the incident's story about it are called."""
        return f"step {self.step}"


def runbook_of(handbook: Handbook, case: Case, incident: int) -> Runbook:
    """The runbook that the incident's page showed. Raises Refused."""
    if case.runbook is None:
        raise Refused(f"incident {incident} has no runbook; expected an incident of a pipeline that has one")
    # Its path depends on how the handbook's folder was named; its pipeline does not.
    name = Path(case.runbook).stem
    if name not in handbook.runbooks:
        raise Refused(f"the runbook of incident {incident}, {name}, is in the handbook no more")
    return handbook.runbooks[name]


def chosen(handbook: Handbook, case: Case, asked: Asked) -> Chosen:
    """The step asked for. Raises Refused if it is no step of the incident's runbook, or has no action."""
    runbook = runbook_of(handbook, case, asked.incident)
    count, actions = len(runbook.procedure), runbook.front.actions
    if not 1 <= asked.step <= count:
        raise Refused(f"{asked.step} is no step of {runbook.pipeline}; its procedure has {count}")
    if asked.step not in actions:
        having = ", ".join(map(str, sorted(actions)))
        others = f"of {runbook.pipeline} these have: {having}" if having else f"none of {runbook.pipeline} has"
        raise Refused(f"step {asked.step} has no action, it is done by hand; {others}")
    return Chosen(runbook, asked.step, actions[asked.step])
