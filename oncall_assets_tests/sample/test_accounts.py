"""Every account lives a life that makes sense."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest

from oncall_assets.sample import Company
from oncall_assets.sample.accounts import MOST_SEATS, Accounts

Life = list[tuple[str, int]]


@pytest.fixture(scope="module")
def lives(company: Company) -> dict[str, Life]:
    """(kind, seats) of each account in order of time, over two years, as comebacks are rare."""
    two_years = Company(accounts=150, days=730, seed=company.seed, first_day=company.first_day)
    accounts = Accounts(two_years)
    found: dict[str, Life] = {}
    for day in two_years.calendar.each:
        for event in accounts.live(day).table().to_pylist():
            found.setdefault(event["account_id"], []).append((event["kind"], event["seats"]))
    return found


def test_every_kind_of_the_contract_happens(lives: dict[str, Life]) -> None:
    kinds = {kind for life in lives.values() for kind, _ in life}
    assert {"signup", "renewal", "cancellation", "reactivation", "seat_change"} == kinds


def test_a_life_begins_with_its_only_sign_up(lives: dict[str, Life]) -> None:
    assert all("signup" == life[0][0] for life in lives.values())
    assert all(1 == [kind for kind, _ in life].count("signup") for life in lives.values())


def test_a_cancelled_account_has_no_seats_and_comes_back_only_by_reactivation(lives: dict[str, Life]) -> None:
    for life in lives.values():
        for (before, _), (after, _) in pairwise(life):
            assert (before == "cancellation") == (after == "reactivation"), life


def test_seats_are_none_after_a_cancellation_and_some_after_anything_else(lives: dict[str, Life]) -> None:
    for life in lives.values():
        for kind, seats in life:
            assert (seats == 0) == (kind == "cancellation"), life
            assert 0 <= seats <= MOST_SEATS


def test_a_renewal_keeps_the_seats_and_a_seat_change_changes_them(lives: dict[str, Life]) -> None:
    ups = downs = 0
    for life in lives.values():
        for (_, before), (kind, after) in pairwise(life):
            assert kind != "renewal" or before == after
            assert kind != "seat_change" or before != after
            ups += kind == "seat_change" and after > before
            downs += kind == "seat_change" and after < before
    assert ups > downs > 0


def test_the_books_open_with_all_the_stock_at_midnight(company: Company, landed: dict[str, pa.Table]) -> None:
    events = landed["account_events"].to_pandas()
    opening = events[events.occurred_at == company.calendar.start]
    assert company.accounts == len(opening)
    assert {"signup"} == set(opening.kind)
    later = events[(events.kind == "signup") & (events.occurred_at > company.calendar.start)]
    assert 0.01 < len(later) / company.accounts < 0.15


def test_the_company_grows(company: Company, landed: dict[str, pa.Table]) -> None:
    events = landed["account_events"].to_pandas()
    arrivals = events.kind.isin(["signup", "reactivation"]).sum()
    assert arrivals - (events.kind == "cancellation").sum() > company.accounts
