"""One picture for each figure, as a PNG that every mail program shows and that is the same at every try."""

from __future__ import annotations

from typing import Final

from oncall_assets.reports.edition import Edition, Figure

WIDTH: Final = 560
HEIGHT: Final = 180
"""As it is shown, in CSS pixels."""

# More than any count or sum of cents in 64 bits; beyond it nothing is left to see, and drawing fails.
_LARGEST: Final = 1e20


def picture(figure: Figure, edition: Edition) -> bytes | None:
    """The figure's series on a light ground of its own, or None where no period has a value or one is beyond 1e20.

    Money and counts are bars from 0, ratios and numbers a line; the edition's period stands out, a period without
    a value is hatched.
    """
    # matplotlib takes half a second, and only runs that send a report need it.
    from oncall_assets.reports.rendering.drawing import Plot, drawn  # noqa: PLC0415

    amounts = [amount for _, amount in figure.series if amount is not None]
    if not amounts or max(map(abs, amounts)) > _LARGEST:
        return None
    return drawn(Plot(figure.series, figure.unit, edition.grain, edition.currency, edition.locale, WIDTH, HEIGHT))
