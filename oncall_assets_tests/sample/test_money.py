"""Money follows from what accounts do, adds up in cents, and leaves a profit."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from oncall_assets.sample import Company
from oncall_assets.sample.accounts import Accounts
from oncall_assets.sample.expenses import DEDICATED_FROM_SEATS, Expenses
from oncall_assets.sample.experiments import Experiments
from oncall_assets.sample.revenue import REFUND_SHARE, Revenue


@pytest.fixture(scope="module")
def revenue(landed: dict[str, pa.Table]) -> pd.DataFrame:
    frame: pd.DataFrame = landed["revenue_records"].to_pandas()
    return frame


@pytest.fixture(scope="module")
def charged(landed: dict[str, pa.Table]) -> pd.DataFrame:
    """Account events with the seats before them and the money booked by the account within two minutes."""
    events = landed["account_events"].to_pandas().sort_values("occurred_at")
    events["before"] = events.groupby("account_id").seats.shift(fill_value=0)
    booked = landed["revenue_records"].to_pandas().query("kind != 'refund'").sort_values("booked_at")
    return pd.merge_asof(
        events,
        booked.rename(columns={"kind": "line"}),
        left_on="occurred_at",
        right_on="booked_at",
        by="account_id",
        direction="forward",
        tolerance=pd.Timedelta(minutes=2),
    )


def test_whoever_signs_up_renews_or_comes_back_pays_a_fee_and_who_leaves_pays_none(
    company: Company, charged: pd.DataFrame
) -> None:
    after_opening = charged[charged.occurred_at > company.calendar.start]
    pays = after_opening.kind.isin(["signup", "renewal", "reactivation"])
    assert {"subscription"} == set(after_opening.line[pays])
    assert after_opening.line[after_opening.kind == "cancellation"].isna().all()


def test_added_seats_are_paid_at_once_and_fewer_seats_only_later(charged: pd.DataFrame) -> None:
    moved = charged[charged.kind == "seat_change"]
    assert {"upgrade"} == set(moved.line[moved.seats > moved.before])
    assert moved.line[moved.seats < moved.before].isna().all()


def test_an_account_pays_every_thirty_days(revenue: pd.DataFrame) -> None:
    fees = revenue[revenue.kind == "subscription"].sort_values("booked_at")
    days = fees.booked_at.dt.floor("D").groupby(fees.account_id).diff().dropna().dt.days
    # Only a comeback starts another cycle.
    assert 0.99 < (days == 30).mean() <= 1


def test_fees_are_the_seats_by_a_price_of_the_list(charged: pd.DataFrame) -> None:
    fees = charged[charged.line == "subscription"]
    assert {1_200, 1_500, 2_500, 3_125, 4_900, 6_125} == set(fees.amount_cents / fees.seats)


def test_refunds_give_back_a_fee_or_half_of_it_at_the_known_rate(revenue: pd.DataFrame) -> None:
    fees = revenue[revenue.kind == "subscription"].set_index("record_id")
    refunds = revenue[revenue.kind == "refund"]
    paid = fees.loc[["rev" + identity.removeprefix("refund") for identity in refunds.record_id]]
    assert (paid.account_id.to_numpy() == refunds.account_id.to_numpy()).all()
    shares = -refunds.amount_cents.to_numpy() / paid.amount_cents.to_numpy()
    assert {0.5, 1.0} == set(shares.round(3))
    waits = refunds.booked_at.to_numpy() - paid.booked_at.to_numpy()
    assert pd.Timedelta(days=1) <= waits.min()
    assert waits.max() < pd.Timedelta(days=9)
    assert REFUND_SHARE == pytest.approx(len(refunds) / len(fees), abs=0.01)
    assert (revenue.amount_cents[revenue.kind != "refund"] > 0).all()


def test_expenses_have_shared_lines_and_lines_of_large_accounts(landed: dict[str, pa.Table]) -> None:
    expenses = landed["expense_records"].to_pandas()
    assert {"salaries", "infrastructure", "licences"} == set(expenses.category)
    assert {"infrastructure"} == set(expenses.category[expenses.account_id.notna()])
    assert (expenses.amount_cents > 0).all()
    assert 0 < expenses.account_id.dropna().nunique() < 100
    most = landed["account_events"].to_pandas().groupby("account_id").seats.max()
    assert (most[expenses.account_id.dropna()] >= DEDICATED_FROM_SEATS).all()


def test_everything_is_in_dollars(landed: dict[str, pa.Table]) -> None:
    for name in ("revenue_records", "expense_records"):
        assert ["USD"] == landed[name]["currency"].unique().to_pylist()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_default_company_earns_money_on_the_whole_and_in_every_week(seed: int) -> None:
    company = Company(seed=seed)
    accounts, expenses = Accounts(company), Expenses(company)
    revenue = Revenue(company, Experiments(company))
    daily = []
    for day in company.calendar.each:
        life = accounts.live(day)
        earned, spent = revenue.book(life), expenses.book(life)
        daily.append(sum(earned["amount_cents"].to_pylist()) - sum(spent["amount_cents"].to_pylist()))
    weekly = [sum(daily[first : first + 7]) for first in range(0, 56, 7)]
    assert min(weekly) > 0
