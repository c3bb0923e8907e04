"""The plain text of an edition, for 72 columns."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oncall_assets.reports.edition import Edition
from oncall_assets.reports.rendering.text import as_text
from oncall_assets_tests.reports.rendering.editions import DAILY, LARGE, MONTHLY, strange


@pytest.mark.parametrize("edition", [DAILY, MONTHLY, LARGE])
def test_no_line_is_longer_than_72_columns(edition: Edition) -> None:
    assert [] == [line for line in as_text(edition).splitlines() if len(line) > 72]


def test_the_parts_come_in_the_order_in_which_they_matter() -> None:
    text = as_text(MONTHLY)
    parts = [
        "INVESTOR REPORT\nOctober 2026 (UTC)\n",
        "*** Released although held ***",
        "*** Provisional ***",
        "\nFigures\n-------\n",
        "\nDefinitions\n",
        "\nData\n",
        "\nRestated since the last edition\n",
        "\nKnown caveats\n",
        "Sent by Data engineering.",
    ]
    places = [text.index(part) for part in parts]
    assert sorted(places) == places


def test_an_ordinary_day_has_no_empty_parts() -> None:
    text = as_text(DAILY)
    assert "***" not in text
    assert "Restated" not in text
    assert "caveats" not in text


def test_a_figure_is_its_name_and_value_with_the_changes_below() -> None:
    assert (
        "Profit" + " " * 53 + "$4,739,966.45\n"
        "    +6.4% against the day before ($4,456,391.64)\n"
        "    +39.3% against a year before ($3,402,117.09)\n"
    ) in as_text(DAILY)


def test_a_name_too_long_for_its_value_has_a_line_of_its_own() -> None:
    assert "credits and chargebacks\n" + "$17,035,945,081.87".rjust(72) + "\n" in as_text(MONTHLY)


def test_every_definition_is_there() -> None:
    text = " ".join(as_text(DAILY).split())
    for figure in DAILY.figures:
        assert f"{figure.name} {figure.means} Calculation: {figure.calculation}" in text


@given(st.text(min_size=1, max_size=300))
@example("0" * 56)
@settings(max_examples=100, deadline=None)
def test_whatever_people_wrote_stays_in_its_columns_and_moves_no_cursor(text: str) -> None:
    shown = as_text(strange(text))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert 72 >= max(len(line) for line in shown.split("\n"))
