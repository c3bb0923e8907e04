"""Pictures of figures: the same bytes for the same figure, in letters their font has, whatever the numbers are."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from hashlib import sha256
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from oncall_assets.reports.edition import Amount, Edition, Figure, Unit
from oncall_assets.reports.rendering.axis import period_labels, value_labels
from oncall_assets.reports.rendering.pictures import picture
from oncall_assets_tests.reports.rendering.editions import DAILY, MONTHLY, figure, months

UNITS: tuple[Unit, ...] = ("money", "count", "ratio", "number")

PRINTS_A_DIGEST = """
from hashlib import sha256
from oncall_assets.reports.rendering.pictures import picture
from oncall_assets_tests.reports.rendering.editions import MONTHLY
print(sha256(picture(MONTHLY.figures[0], MONTHLY)).hexdigest())
"""

LOADS_NOTHING = """
import sys
import oncall_assets.reports.rendering
loaded = {"matplotlib", "babel"} & set(sys.modules)
assert not loaded, loaded
"""


def image(edition: Edition, number: int = 0) -> Image.Image:
    drawn = picture(edition.figures[number], edition)
    assert drawn is not None
    return Image.open(BytesIO(drawn)).convert("RGB")


def colours(one: Image.Image) -> set[tuple[int, ...]]:
    """The colours of at least a hundred points."""
    counted = one.getcolors(one.width * one.height)
    assert counted is not None
    return {colour for count, colour in counted if count > 100 and isinstance(colour, tuple)}


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert "" == done.stderr
    return done.stdout.strip()


def test_rendering_is_imported_without_matplotlib_and_babel() -> None:
    assert "" == python(LOADS_NOTHING)


def test_another_process_draws_the_same_bytes() -> None:
    drawn = picture(MONTHLY.figures[0], MONTHLY)
    assert drawn is not None
    assert sha256(drawn).hexdigest() == python(PRINTS_A_DIGEST)


def test_a_picture_has_twice_the_points_it_is_shown_with_and_says_nothing_of_what_drew_it() -> None:
    drawn = picture(DAILY.figures[0], DAILY)
    assert drawn is not None
    assert (1120, 360) == Image.open(BytesIO(drawn)).size
    assert b"tEXt" not in drawn
    assert b"tIME" not in drawn


def test_the_period_of_the_edition_stands_out_on_a_light_ground() -> None:
    now, then, ground = (0x1D, 0x4F, 0x8F), (0xA8, 0xBF, 0xDB), (255, 255, 255)
    for number in range(len(DAILY.figures)):
        assert {now, then, ground} <= colours(image(DAILY, number))


def test_a_period_without_a_value_is_hatched_and_not_a_bar_of_nothing() -> None:
    hatch = (0xC3, 0xCA, 0xD3)
    assert hatch in colours(image(MONTHLY))
    full = MONTHLY.figures[0].model_copy(update={"series": tuple(months([1, 0, 3]))})
    assert hatch not in colours(image(MONTHLY.model_copy(update={"figures": (full,)})))


@pytest.mark.parametrize("series", [[], [None, None], [1, 1.7e308], [-(10**21), 0]])
def test_where_no_period_has_a_value_or_one_is_absurd_there_is_no_picture(series: list[Amount | None]) -> None:
    one = DAILY.figures[0].model_copy(update={"series": tuple(months(series))})
    assert picture(one, DAILY) is None


_NUMBERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(-1e20, 1e20), st.none())


@given(
    st.lists(_NUMBERS, min_size=2, max_size=14), st.sampled_from(UNITS),
    st.sampled_from(["en_US", "de_DE", "ja_JP", "hi_IN", "ar_EG"]), st.sampled_from(["USD", "INR", "BTC", "THB"]),
)  # fmt: skip
@example([0, 8.6e-94], "money", "en_US", "USD")
@example([5e-324, -1e20, None], "ratio", "de_DE", "INR")
@settings(max_examples=25, deadline=None)
def test_whatever_the_numbers_and_the_locale_a_picture_is_drawn_without_a_warning(
    amounts: list[Amount | None], unit: Unit, locale: str, currency: str
) -> None:
    one: Figure = figure("Any", unit, months(amounts))
    drawn = picture(one, MONTHLY.model_copy(update={"locale": locale, "currency": currency}))
    assert (drawn is None) == (set(amounts) == {None})


@pytest.mark.parametrize("amounts", [[0, 0, 0], [5], [-5, -5], [-1, 0]])
@pytest.mark.parametrize("unit", UNITS)
def test_series_without_any_range_are_drawn_too(amounts: list[Amount | None], unit: Unit) -> None:
    one = DAILY.figures[0].model_copy(update={"series": tuple(months(amounts)), "unit": unit})
    assert picture(one, DAILY) is not None


@pytest.mark.parametrize(
    ("values", "unit", "locale", "expected"),
    [
        ([0.0, 1.5e6, 3e6], "money", "en_US", ["€0", "€1.5M", "€3M"]),
        ([0.0, 1.5e6, 3e6], "money", "de_DE", ["0\xa0€", "1,5\xa0Mio.\xa0€", "3\xa0Mio.\xa0€"]),
        ([-0.0, 0.1 + 0.2], "number", "en_US", ["0", "0.3"]),
        ([0.0305, 0.031], "ratio", "fr_FR", ["3,05\u202f%", "3,1\u202f%"]),
        ([0.0, 2e-30], "money", "en_US", ["0", "2e-30"]),
        ([0.0, 12_500.0], "count", "en_US", ["0", "12.5K"]),
    ],
)
def test_labels_say_exactly_the_values_they_stand_at(
    values: list[float], unit: Unit, locale: str, expected: list[str]
) -> None:
    house = MONTHLY.model_copy(update={"locale": locale, "currency": "EUR"})
    labels = value_labels(values, unit, house, lambda _: True)
    assert [text.replace("\u202f", "\xa0") for text in expected] == [
        text.replace("\u202f", "\xa0") for text in labels
    ]


def test_labels_that_the_font_cannot_write_are_in_plain_english() -> None:
    japanese = MONTHLY.model_copy(update={"locale": "ja_JP", "currency": "JPY"})
    assert ["¥1.2M"] == value_labels([1.2e6], "money", japanese, lambda text: text.isascii() or "¥" in text)
    assert ["1.2M"] == value_labels([1.2e6], "money", japanese, str.isascii)
    days = [date(2026, 10, 1)]
    assert ["10月1日"] == period_labels(days, "day", "ja_JP", lambda _: True)
    assert ["Oct 1"] == period_labels(days, "day", "ja_JP", str.isascii)
    assert ["Oct 2026"] == period_labels(days, "month", "ja_JP", str.isascii)
