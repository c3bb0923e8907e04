"""The two distributions a readout needs, as column arithmetic, so that no engine needs a statistics library."""

from __future__ import annotations

from math import exp, pi
from statistics import NormalDist
from typing import Final

import ibis
import ibis.expr.types as ir

MOST_VARIANTS: Final = 32
LEAST_FREEDOM: Final = 4

_Z: Final = NormalDist().inv_cdf(0.975)
_STEP: Final = 0.5


def t_quantile(freedom: ir.FloatingValue) -> ir.FloatingValue:
    """The 97.5 % quantile of Student's t, null below 4 degrees of freedom.

    The normal quantile corrected to the fourth power of 1 / freedom (Abramowitz and Stegun 26.7.5):
    0.03 % short at 4 degrees, 0.0004 % at 10. Below 4 it would be wrong, so it is not given.
    """
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    correction: ir.FloatingValue = ibis.literal(0.0)
    for term in reversed(terms):
        correction = (correction + term) / freedom
    return (freedom >= LEAST_FREEDOM).ifelse(correction + z, ibis.null("float64"))


def even_split_p(chi_square: ir.FloatingValue, variants: ir.IntegerValue) -> ir.FloatingValue:
    """Probability of a chi-square this large or larger with `variants` − 1 degrees of freedom.

    The finite sums for a whole number of degrees (Abramowitz and Stegun 26.4.4 and 26.4.5), good to ten
    digits. Null for a single variant, which cannot be split, and for more than 32.
    """
    half = chi_square / 2
    odd = variants % 2 == 0
    offset = odd.ifelse(0.5, 0.0)
    terms = ((variants - 1 - odd.ifelse(1, 0)) / 2).round().cast("int64")
    series: ir.FloatingValue = ibis.literal(0.0)
    for place in reversed(range(1, MOST_VARIANTS // 2)):
        series = (terms > place).ifelse((series + 1.0) * half / (offset + float(place)), 0.0)
    summed = (terms > 0).ifelse(series + 1.0, 0.0) * (-half).exp()
    positive = half.nullif(0.0)
    tail = odd.ifelse(_erfc_of_root(positive) + summed * (positive * (4 / pi)).sqrt(), summed)
    answered = variants.between(2, MOST_VARIANTS)
    return answered.ifelse(ibis.least(tail.fill_null(1.0), ibis.literal(1.0)), ibis.null("float64"))


def _erfc_of_root(square: ir.FloatingValue) -> ir.FloatingValue:
    """erfc(√square) for square > 0, by the trapezoidal rule of Chiarella and Reichl (1968)."""
    nodes = [(place * _STEP) ** 2 for place in range(1, 13)]
    trapezoids = ibis.literal(0.5) / square
    for node in nodes:
        trapezoids = trapezoids + ibis.literal(exp(-node)) / (square + node)
    root = square.sqrt()
    rule = root * (-square).exp() * trapezoids * (2 * _STEP / pi)
    # The rule's pole at the origin; once the root has passed pi / step it must be left out.
    pole = ibis.literal(2.0) / ((root * (2 * pi / _STEP)).exp() - 1.0)
    return rule - (root < pi / _STEP).ifelse(pole, 0.0)
