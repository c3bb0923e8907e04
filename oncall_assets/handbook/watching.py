"""Watches: when a runbook's checks are run again over several days, so that somebody looks before it hurts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from oncall_assets.handbook.problem import Problem, one_of, shown
from oncall_assets.handbook.recurring import OnDays
from oncall_assets.handbook.rotacheck import texts_at
from oncall_assets.handbook.source import Source
from oncall_assets.handbook.values import CheckName, Hour, Written


def _name(value: str) -> str:
    # It becomes part of a job's name, for which Dagster takes no other characters.
    if not re.fullmatch(r"[A-Za-z0-9_]{1,63}", value):
        raise ValueError(f"{shown(value)} is not a watch's name; expected 1 to 63 letters, digits or `_`")
    return value


class PlannedWatch(Written):
    """On the days that `on` names, at the wall time `at` of the team's zone, the runbook's checks run again.

    They are judged over the last `days` UTC days that have ended, one by default, all of them together as one
    stretch; nothing is computed for it. `checks` names some of the runbook's, all without it. `on` takes the words
    of a deadline: `every day`, `working days`, a weekday, `last week of the month`, `last day of the month`, or a
    day of the month. The on-call gets one digest of all watches of one time, whatever came of them:

        watch:
          - {name: weekly, on: monday, at: "09:00", days: 7}
          - {name: month_end, on: last week of the month, at: "09:00"}
          - {name: duplicates, on: friday, at: "09:00", days: 7, checks: [one_row_per_user]}
    """

    name: Annotated[str, AfterValidator(_name)]
    on: OnDays
    at: Hour
    days: Annotated[int, Field(ge=1, le=366)] = 1
    checks: Annotated[list[CheckName], Field(min_length=1)] | None = None

    @property
    def words(self) -> str:
        """As it stands in a sentence: `month end watch`."""
        return f"{self.name.replace('_', ' ')} watch"


def watch_problems(runbook: Source) -> Iterator[Problem]:
    """Checks that the runbook does not have, two watches of one name, and watches with nothing to look at."""
    checks = {text for n, _ in enumerate(runbook.items("checks")) if (text := runbook.text("checks", n, "name"))}
    taken: dict[str, int] = {}
    for number, _ in enumerate(runbook.items("watch")):
        here, name = ("watch", number), runbook.text("watch", number, "name")
        for loc, check in texts_at(runbook, *here, "checks"):
            if check not in checks:
                yield runbook.problem(loc, f"{shown(check)} is no check of this runbook; {one_of(check, checks)}")
        if name is not None and name in taken:
            message = f"{shown(name)} is taken by line {taken[name]}; expected a name of its own"
            yield runbook.problem((*here, "name"), message)
        elif name is not None:
            taken[name] = runbook.problem((*here, "name"), "").line
        if not runbook.items("checks"):
            message = "has nothing to look at; expected `checks:` in this runbook, or no watch"
            yield runbook.problem(here, message)
