from __future__ import annotations

from oncall_assets.metrics.days import Days
from oncall_assets.metrics.profit import aggregate_profit, profit
from oncall_assets_tests.metrics.tables import Row, Run, at, of, on, table

DAY = "2026-03-04"
MEASURES = (
    "revenue_records",
    "revenue_cents",
    "direct_cost_cents",
    "allocated_cost_cents",
    "profit_cents",
)


def revenue(cents: int, account: str | None = "a", when: str = f"{DAY} 12:00") -> Row:
    return {"account_id": account, "booked_at": at(when), "amount_cents": cents}


def expense(cents: int, account: str | None = None, day: str = DAY) -> Row:
    return {"account_id": account, "booked_on": on(day), "amount_cents": cents}


def seats(account: str, closing: int, day: str = DAY, opening: int = 1) -> Row:
    return {"day": on(day), "account_id": account, "opening_seats": opening, "closing_seats": closing}


def figures(
    run: Run, revenues: list[Row], expenses: list[Row], held: list[Row], days: Days | None = None
) -> dict[object, tuple[int, ...]]:
    rows = run(
        profit(
            table("revenue_records", revenues),
            table("expense_records", expenses),
            table("growth", held),
            days or Days.parse(DAY),
        )
    )
    return {row["account_id"]: of(row, *MEASURES) for row in rows}


def test_profit_is_revenue_less_direct_and_shared_cost(run: Run) -> None:
    found = figures(
        run,
        [revenue(1000), revenue(-200), revenue(500, "b")],
        [expense(30, "a"), expense(70), expense(31)],
        [seats("a", 3), seats("b", 1)],
    )
    assert {"a": (2, 800, 30, 76, 694), "b": (1, 500, 0, 25, 475)} == found


def test_an_account_that_only_holds_seats_has_a_row(run: Run) -> None:
    assert {"a": (0, 0, 0, 0, 0)} == figures(run, [], [], [seats("a", 3), seats("gone", 0)])


def test_a_shared_cost_goes_by_closing_seats(run: Run) -> None:
    found = figures(run, [], [expense(100)], [seats("a", 1, opening=9), seats("b", 0, opening=9)])
    assert {"a": (0, 0, 0, 100, -100)} == found


def test_a_shared_cost_nobody_can_bear_goes_without_an_account(run: Run) -> None:
    found = figures(run, [revenue(7, None)], [expense(100), expense(-30)], [seats("a", 0)])
    assert {None: (1, 7, 0, 70, -63)} == found


def test_revenue_nobody_is_named_for_is_kept(run: Run) -> None:
    found = figures(run, [revenue(7, None), revenue(-9, None)], [expense(10)], [seats("a", 1)])
    assert {None: (2, -2, 0, 0, -2), "a": (0, 0, 0, 10, -10)} == found


def test_a_day_ends_at_midnight_of_utc(run: Run) -> None:
    edges = ["2026-03-03 23:59:59.999999", f"{DAY} 00:00", f"{DAY} 23:59:59.999999", "2026-03-05 00:00"]
    lines = [revenue(10**number, "a", when) for number, when in enumerate(edges)]
    costs = [expense(1, "a", "2026-03-03"), expense(2, "a"), expense(4, "a", "2026-03-05")]
    assert {"a": (2, 110, 2, 0, 108)} == figures(run, lines, costs, [seats("a", 1, "2026-03-05")])


def test_profit_is_summed_to_date(run: Run) -> None:
    rows = table(
        "profit",
        [
            profit_row("2026-02-28", "a", revenue_cents=1),
            profit_row("2026-03-01", "a", revenue_cents=10, direct_cost_cents=4),
            profit_row("2026-03-02", "a", revenue_cents=100, allocated_cost_cents=50),
            profit_row("2026-03-02", None, revenue_cents=1000),
            profit_row("2026-03-02", "b", revenue_records=0, allocated_cost_cents=5),
        ],
    )
    found = run(aggregate_profit(rows, Days.parse("2026-03-02")))
    names = ("grain", "accounts", "revenue_cents", "direct_cost_cents", "allocated_cost_cents")
    assert [
        ("day", 1, 1100, 0, 55, 1045, 0.95),
        ("month", 1, 1110, 4, 55, 1051, 1051 / 1110),
        ("week", 1, 1100, 0, 55, 1045, 0.95),
    ] == [of(row, *names, "profit_cents", "margin") for row in found]


def test_a_day_without_data_has_rows_of_zeros_and_no_margin(run: Run) -> None:
    found = run(aggregate_profit(table("profit", []), Days.parse("2026-03-02")))
    assert [(grain, 0, 1, 0, 0, 0, None) for grain in ("day", "week")] == [
        of(row, "grain", "days_with_data", "days_so_far", "accounts", "revenue_cents", "profit_cents", "margin")
        for row in found
        if row["grain"] != "month"
    ]


def test_there_is_no_margin_on_revenue_given_back(run: Run) -> None:
    rows = table("profit", [profit_row("2026-03-02", "a", revenue_cents=-100, direct_cost_cents=50)])
    assert {None} == {row["margin"] for row in run(aggregate_profit(rows, Days.parse("2026-03-02")))}


def profit_row(day: str, account: str | None, **figures: int) -> Row:
    return {"day": on(day), "account_id": account, "revenue_records": 1} | figures
