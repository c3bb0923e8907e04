"""Two experiments whose outcome is known beforehand, so that a readout can be told right from wrong."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from oncall_assets.sample.changes import AccountDay
from oncall_assets.sample.company import Company
from oncall_assets.sample.landing import HOUR, instants, midnight, rows
from oncall_assets.sample.spelling import Integers, account_ids

# Treated accounts of this one pay more for every seat from the next day on, and none leaves for it.
REAL_EXPERIMENT: Final = "premium-support"
REAL_EFFECT_PERCENT: Final = 25
# Treated accounts of this one see another colour of button, and nothing comes of it.
NULL_EXPERIMENT: Final = "new-onboarding"
EXPERIMENTS: Final = (REAL_EXPERIMENT, NULL_EXPERIMENT)
VARIANTS: Final = ("control", "treatment")

# Chance a day that an account with seats which is in no variant yet is given one, half of them each.
ENROLMENT: Final = 0.25

_UNASSIGNED: Final = -1


class Experiments:
    """Who is in which variant, advanced a day at a time, in order of days."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._variants = np.empty((len(EXPERIMENTS), 0), dtype=np.int64)

    def treated(self, experiment: str, accounts: Integers) -> npt.NDArray[np.bool_]:
        """Whether each of `accounts` was given the treatment on an earlier day."""
        variants = np.append(self._variants[EXPERIMENTS.index(experiment)], _UNASSIGNED)
        # Accounts that arrived today lie past the end and share the last place.
        treated: npt.NDArray[np.bool_] = variants[np.minimum(accounts, len(variants) - 1)] == 1
        return treated

    def assign(self, life: AccountDay) -> pa.Table:
        """The day's `experiment_assignments`; an account is assigned at most once in each experiment."""
        chance = self._company.chance("experiments", life.day)
        holders = (life.morning > 0) & (life.evening > 0)
        size = (len(EXPERIMENTS), len(holders))
        enrols = chance.random(size) < ENROLMENT
        variants = chance.integers(0, len(VARIANTS), size)
        at = chance.integers(6 * HOUR, 22 * HOUR, size)
        newcomers = np.full((len(EXPERIMENTS), len(holders) - self._variants.shape[1]), _UNASSIGNED)
        known = np.hstack([self._variants, newcomers])
        fresh = holders & enrols & (known == _UNASSIGNED)
        self._variants = np.where(fresh, variants, known)
        experiment, account = np.nonzero(fresh)
        order = np.argsort(at[fresh], kind="stable")
        return rows(
            "experiment_assignments",
            {
                "experiment_id": pa.array(EXPERIMENTS).take(pa.array(experiment[order])),
                "account_id": account_ids(account[order]),
                "variant": pa.array(VARIANTS).take(pa.array(variants[fresh][order])),
                "assigned_at": instants(midnight(life.day) + at[fresh][order]),
            },
        )
