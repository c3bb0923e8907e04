"""The CSV of an edition: exact where numbers are, harmless where texts are."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oncall_assets.reports.edition import Edition, Unit, Value
from oncall_assets.reports.rendering.table import COLUMNS, as_csv, harmless, plain
from oncall_assets_tests.reports.rendering.editions import DAILY, MONTHLY, strange


def read(edition: Edition) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(as_csv(edition), newline=""), strict=True))


def test_a_row_for_each_figure_under_the_promised_columns() -> None:
    lines = as_csv(DAILY).split("\r\n")
    assert ",".join(COLUMNS) == lines[0]
    assert (
        "aggregate_profit_daily,2026-10-06,2026-10-06,Profit,USD,4739966.45,4456391.64,3402117.09,0.0636332784252,"
    ) == lines[1]
    assert "" == lines[-1]
    assert len(DAILY.figures) + 2 == len(lines)


def test_numbers_are_exact_and_negative_ones_stay_numbers() -> None:
    profit, revenue, churn, *_ = read(MONTHLY)
    assert ("-120334.19", "6000.00", "") == (profit["value"], profit["period_before"], profit["year_before"])
    assert Decimal("17035945081.87") == Decimal(revenue["value"])
    assert ("ratio", "0.0286", "-0.0026") == (churn["unit"], churn["value"], churn["change"])


def test_an_empty_cell_has_its_reason_in_the_note() -> None:
    sessions = read(MONTHLY)[3]
    assert ("", "3.4", "3.9", "") == (
        sessions["value"], sessions["period_before"], sessions["year_before"], sessions["change"],
    )  # fmt: skip
    assert sessions["note"].startswith("value: n/a (the period has no rows); provisional: Late events")


def test_a_change_from_nothing_is_empty_and_says_why() -> None:
    figure = DAILY.figures[0].model_copy(update={"before": Value(amount=0)})
    (row,) = read(DAILY.model_copy(update={"figures": (figure,)}))
    assert ("0.00", "", "change: n/a (nothing above 0 to compare with)") == (
        row["period_before"], row["change"], row["note"],
    )  # fmt: skip


def test_who_forwards_only_the_table_forwards_its_warnings_too() -> None:
    note = read(MONTHLY)[1]["note"]
    assert "provisional: Late events are admitted" in note
    assert "released although held, by Alice Johnson (alice): the board meets" in note


@given(st.integers(-(2**63), 2**63 - 1))
@settings(max_examples=150)
def test_money_read_back_is_the_same_to_the_cent(cents: int) -> None:
    assert cents == Decimal(plain(Value(amount=cents), "money")) * 100


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["ratio", "number", "count"]))
@settings(max_examples=150)
def test_any_other_number_read_back_is_the_same_and_has_no_exponent(amount: float, unit: Unit) -> None:
    text = plain(Value(amount=amount), unit)
    assert amount == float(text)
    assert re.fullmatch(r"-?\d+(\.\d+)?", text)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(12.5, "0.125"), (1250.0, "12.50"), (0, "0.00"), (-7, "-0.07"), (1e-9, "0.00000000001")],
)
def test_a_fraction_of_a_cent_keeps_its_decimals(amount: float, expected: str) -> None:
    assert expected == plain(Value(amount=amount), "money")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        (' "=1', " \"'=1".strip()),
        ("a;=1", "a;'=1"),
        ("a; -5 % of b", "a; '-5 % of b"),
        ("Net - of refunds, a=b", "Net - of refunds, a=b"),
    ],
)
def test_what_a_spreadsheet_would_compute_has_an_apostrophe_before_it(text: str, expected: str) -> None:
    assert expected == harmless(text)


@given(st.text(alphabet="=+-@＝ \t\r\n\"';,|a1", max_size=20))
@example("=cmd|' /C calc'!A0")
@settings(max_examples=150)
def test_no_text_cell_begins_with_a_formula_whatever_the_separator(text: str) -> None:
    for row in read(strange(text)):
        assert set(COLUMNS) == set(row)
        for column in ("report", "figure", "note"):
            for cell in (row[column], *row[column].split(";")):
                assert not re.match(r"[\s\"]*[=+\-@＝＋－＠]", cell)


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_whatever_is_written_the_numbers_and_the_rows_stay(text: str) -> None:
    rows = read(strange(text))
    assert len(MONTHLY.figures) == len(rows)
    assert "17035945081.87" == rows[1]["value"]
