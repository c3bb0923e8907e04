"""One experiment works and one does not, and both are assigned as experiments should be."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from oncall_assets.sample import Company
from oncall_assets.sample.accounts import Accounts
from oncall_assets.sample.experiments import (
    EXPERIMENTS,
    NULL_EXPERIMENT,
    REAL_EFFECT_PERCENT,
    REAL_EXPERIMENT,
    Experiments,
)
from oncall_assets.sample.revenue import Revenue


@pytest.fixture(scope="module")
def outcome() -> pd.DataFrame:
    """Per experiment and account of a large company: variant, and cents paid after the day of assignment."""
    company = Company(accounts=20_000, days=40, seed=3, first_day=date(2026, 9, 1))
    accounts, experiments = Accounts(company), Experiments(company)
    revenue = Revenue(company, experiments)
    paid, assigned = [], []
    for day in company.calendar.each:
        life = accounts.live(day)
        paid.append(revenue.book(life))
        assigned.append(experiments.assign(life))
    money = pa.concat_tables(paid).to_pandas()
    variants = pa.concat_tables(assigned).to_pandas()
    joined = variants.merge(money, on="account_id", how="left")
    counts = joined.booked_at.dt.floor("D") > joined.assigned_at
    joined["cents"] = joined.amount_cents.where(counts, 0)
    totals: pd.DataFrame = joined.groupby(["experiment_id", "account_id", "variant"], as_index=False).cents.sum()
    return totals


def _readout(outcome: pd.DataFrame, experiment: str) -> tuple[float, float]:
    """(Treatment's mean over control's, difference in standard errors)."""
    groups = outcome[outcome.experiment_id == experiment].groupby("variant").cents
    mean, error = groups.mean(), groups.var() / groups.size()
    difference = mean["treatment"] - mean["control"]
    return mean["treatment"] / mean["control"], difference / np.sqrt(error.sum())


def test_the_real_effect_is_seen(outcome: pd.DataFrame) -> None:
    ratio, errors = _readout(outcome, REAL_EXPERIMENT)
    assert 1 + REAL_EFFECT_PERCENT / 100 == pytest.approx(ratio, abs=0.06)
    assert errors > 8


def test_no_effect_is_seen_where_there_is_none(outcome: pd.DataFrame) -> None:
    ratio, errors = _readout(outcome, NULL_EXPERIMENT)
    assert 1 == pytest.approx(ratio, abs=0.06)
    assert abs(errors) < 3


def test_the_variants_are_equally_large_and_independent(outcome: pd.DataFrame) -> None:
    wide = outcome.pivot_table(index="account_id", columns="experiment_id", values="variant", aggfunc="first")
    shares = pd.crosstab(wide[REAL_EXPERIMENT], wide[NULL_EXPERIMENT], normalize=True)
    assert [pytest.approx(0.25, abs=0.015)] * 4 == shares.to_numpy().ravel().tolist()


def test_an_account_is_assigned_once_in_each_experiment_and_while_it_has_seats(
    landed: dict[str, pa.Table],
) -> None:
    assigned = landed["experiment_assignments"].to_pandas().sort_values("assigned_at")
    assert not assigned.duplicated(["experiment_id", "account_id"]).any()
    assert set(EXPERIMENTS) == set(assigned.experiment_id)
    changes = landed["account_events"].to_pandas().sort_values("occurred_at")
    held = pd.merge_asof(
        assigned, changes, left_on="assigned_at", right_on="occurred_at", by="account_id", direction="backward"
    )
    assert (held.seats > 0).all()


def test_nearly_everyone_is_in_both_after_a_few_weeks(company: Company, landed: dict[str, pa.Table]) -> None:
    assigned = landed["experiment_assignments"].to_pandas().groupby("experiment_id").size()
    assert (assigned >= 0.97 * company.accounts).all()
