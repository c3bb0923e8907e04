"""Amounts as locales write them: exact money, and never a number where there is none."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Context, localcontext

import pytest
from babel.numbers import get_decimal_symbol
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.reports.edition import Edition, Unit, Value
from oncall_assets.reports.rendering.numbers import shown, shown_briefly, shown_change, shown_share
from oncall_assets_tests.reports.rendering.editions import DAILY

LOCALES = ("en_US", "en_GB", "en_IN", "de_DE", "de_CH", "fr_FR", "sv_SE", "tr_TR", "pt_BR", "ja_JP", "ar_EG")
CENTS = st.integers(-(10**15), 10**15)
UNITS: tuple[Unit, ...] = ("money", "count", "ratio", "number")


def house(locale: str = "en_US", currency: str = "USD") -> Edition:
    return DAILY.model_copy(update={"locale": locale, "currency": currency})


def read_back(text: str, locale: str) -> int:
    """The cents of money as shown: all its digits, of which two stand after the decimal mark."""
    mark = re.escape(get_decimal_symbol(locale, numbering_system="latn"))
    assert re.search(rf"\d{mark}\d\d(\D|$)", text), text
    digits = int("".join(re.findall(r"\d", text)))
    return -digits if re.search("[-−]", text) else digits


@given(CENTS, st.sampled_from(LOCALES), st.sampled_from(["USD", "EUR", "JPY", "KWD", "INR"]))
@settings(max_examples=150, deadline=None)
def test_money_read_back_from_what_is_shown_is_the_same_to_the_cent(
    cents: int, locale: str, currency: str
) -> None:
    assert cents == read_back(shown(Value(amount=cents), "money", house(locale, currency)), locale)


@pytest.mark.parametrize(
    ("locale", "currency", "expected"),
    [
        ("en_US", "USD", "-$1,234,567.08"),
        ("en_GB", "GBP", "-£1,234,567.08"),
        ("en_IN", "INR", "-₹12,34,567.08"),
        ("de_DE", "EUR", "-1.234.567,08\xa0€"),
        ("fr_FR", "EUR", "-1\u202f234\u202f567,08\xa0€"),
        ("ja_JP", "JPY", "-￥1,234,567.08"),
    ],
)
def test_money_has_the_locale_s_sign_groups_and_currency(locale: str, currency: str, expected: str) -> None:
    assert expected == shown(Value(amount=-123456708), "money", house(locale, currency))


def test_the_largest_amount_of_a_ledger_is_shown_to_the_cent() -> None:
    assert "$92,233,720,368,547,758.07" == shown(Value(amount=2**63 - 1), "money", house())


def test_a_caller_with_a_coarse_decimal_context_gets_the_same_cents() -> None:
    with localcontext(Context(prec=3, rounding=ROUND_DOWN)):
        assert "$1,234,567.89" == shown(Value(amount=123456789), "money", house())


@pytest.mark.parametrize(
    ("unit", "amount", "expected"),
    [
        ("money", 0, "$0.00"),
        ("money", 12.5, "$0.12"),
        ("money", 13.5, "$0.14"),
        ("money", -0.4, "$0.00"),
        ("count", 1234567, "1,234,567"),
        ("count", -3, "-3"),
        ("count", 12.0, "12"),
        ("ratio", 0.0323, "3.2%"),
        ("ratio", -0.0004, "0.0%"),
        ("ratio", 12.5, "1,250.0%"),
        ("number", 3.14159, "3.14"),
        ("number", 1, "1.00"),
        ("number", -0.001, "0.00"),
        ("number", 2.675, "2.68"),
    ],
)
def test_each_unit_has_its_own_decimals_and_nothing_is_minus_zero(
    unit: Unit, amount: float, expected: str
) -> None:
    assert expected == shown(Value(amount=amount), unit, house())


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(UNITS), st.sampled_from(LOCALES))
@settings(max_examples=100, deadline=None)
def test_any_finite_number_can_be_shown(amount: float, unit: Unit, locale: str) -> None:
    text = shown(Value(amount=amount), unit, house(locale))
    assert re.search(r"\d", text)
    assert not re.search(r"nan|inf|e[+-]?\d", text, re.IGNORECASE)


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_missing_says_so_and_why(unit: Unit) -> None:
    assert "n/a (no month before)" == shown(Value(why="no month\r\n before"), unit, house())
    assert "n/a" == shown(Value(), unit, house())
    assert "n/a" == shown_briefly(Value(why="no month before"), unit, house())


@pytest.mark.parametrize(
    ("unit", "now", "before", "expected"),
    [
        ("money", 103_20, 100_00, "+3.2%"),
        ("money", 96_80, 100_00, "-3.2%"),
        ("money", -100_00, 100_00, "-200.0%"),
        ("money", 100_01, 100_00, "0.0%"),
        ("count", 12, 1, "+1,100.0%"),
        ("ratio", 0.047, 0.043, "+0.4 pp"),
        ("ratio", 0.043, 0.047, "-0.4 pp"),
        ("ratio", 0.0430001, 0.043, "0.0 pp"),
        ("money", 100_00, 0, "n/a"),
        ("money", 100_00, -5, "n/a"),
        ("count", None, 5, "n/a"),
        ("ratio", 0.5, None, "n/a"),
    ],
)
def test_a_change_has_its_sign_and_of_a_ratio_is_in_percentage_points(
    unit: Unit, now: float | None, before: float | None, expected: str
) -> None:
    assert expected == shown_change(unit, Value(amount=now), Value(amount=before), house())


def test_a_change_is_written_as_the_locale_writes_per_cent() -> None:
    assert "+3,2\xa0%" == shown_change("count", Value(amount=1032), Value(amount=1000), house("de_DE"))
    assert "+0,4 pp" == shown_change("ratio", Value(amount=0.047), Value(amount=0.043), house("de_DE"))


@pytest.mark.parametrize(
    ("share", "expected"), [(1.0, "100.0%"), (0.99999, "99.9%"), (0.99, "99.0%"), (0.0, "0.0%")]
)
def test_a_share_that_lacks_a_little_is_never_the_whole(share: float, expected: str) -> None:
    assert expected == shown_share(share, house())


def test_a_locale_that_nobody_knows_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"'xx_XX'; expected one such as en_US in `company: locale` of team.yaml"):
        shown(Value(amount=1), "count", house("xx_XX"))
