"""Labels for the axes of a picture: short, as the locale writes them, and only of letters its font has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from babel.numbers import format_compact_currency, format_compact_decimal, format_percent

from oncall_assets.handbook.reports import Grain
from oncall_assets.reports.edition import Unit
from oncall_assets.reports.rendering.dates import short_period
from oncall_assets.reports.rendering.numbers import House, locale_of

Drawable = Callable[[str], bool]

_PLAIN: Final = "en_US"
_MOST_DECIMALS: Final = 6
# A longer label leaves no room for the picture.
_LONGEST: Final = 20


def value_labels(values: Sequence[float], unit: Unit, house: House, drawable: Drawable) -> list[str]:
    """`$1.2M`, `12K`, `4.5%`: each with the decimals it needs; money is in units of the currency.

    In plain English where the font lacks a letter that the locale needs, and without a currency that it lacks. A
    label too long for the picture, as of 0.0000000000000000001, has an exponent instead.
    """
    for locale in (house.locale, _PLAIN):
        labels = _written(values, unit, house, locale)
        if all(drawable(label) and len(label) <= _LONGEST for label in labels):
            return labels
    labels = _written(values, "number", house, _PLAIN)
    return [
        label if len(label) <= _LONGEST else f"{value:.3g}" for label, value in zip(labels, values, strict=True)
    ]


def period_labels(days: Sequence[date], grain: Grain, locale: str, drawable: Drawable) -> list[str]:
    """`Oct 6` or `Oct 2026`, with the same remedy."""
    labels = [short_period(grain, day, locale) for day in days]
    return labels if all(map(drawable, labels)) else [short_period(grain, day, _PLAIN) for day in days]


def _written(values: Sequence[float], unit: Unit, house: House, locale: str) -> list[str]:
    known = locale_of(locale)
    # Ticks are sums of steps: 0.1 + 0.2 is meant as 0.3, and -0.0 as 0.
    meant = [Decimal(f"{value or 0.0:.12g}") for value in values]
    match unit:
        case "money":
            return [
                format_compact_currency(one, house.currency, locale=known, fraction_digits=_MOST_DECIMALS)
                for one in meant
            ]
        case "ratio":
            return [format_percent(one, locale=known, decimal_quantization=False) for one in meant]
        case _:
            return [format_compact_decimal(one, locale=known, fraction_digits=_MOST_DECIMALS) for one in meant]
