"""How the picture of a figure is drawn; only `pictures` loads this, as matplotlib takes half a second."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from matplotlib import get_data_path, rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from oncall_assets.handbook.reports import Grain
from oncall_assets.reports.edition import Amount, Unit
from oncall_assets.reports.rendering.axis import Drawable, period_labels, value_labels

_DPI: Final = 200
_MOST_LABELS: Final = 6
# Fewer periods leave room on the left, as bars as broad as a hand look like something else.
_FEWEST_PLACES: Final = 6
_QUIET, _GRID, _GROUND = "#5a6470", "#e3e8ee", "#ffffff"
_NOW, _THEN, _MISSING = "#1d4f8f", "#a8bfdb", "#c3cad3"
# matplotlib's settings are the whole process's.
_DRAWING: Final = Lock()


class Plot(NamedTuple):
    """All that a picture depends on; `width` and `height` in CSS pixels, drawn with twice as many."""

    series: tuple[tuple[date, Amount | None], ...]
    unit: Unit
    grain: Grain
    currency: str
    locale: str
    width: int
    height: int


@lru_cache(maxsize=128)
def drawn(plot: Plot) -> bytes:
    """A PNG whose bytes are the same whenever and by whomever it is drawn."""
    # Comes with matplotlib, so pictures are the same on every machine.
    font = FontProperties(fname=Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"), size=9.5)
    # Nor do the settings of whoever runs it change them.
    with _DRAWING, rc_context(rcParamsDefault):
        size, room = (plot.width / 100, plot.height / 100), ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06)
        canvas = Figure(figsize=size, dpi=_DPI, facecolor=_GROUND, layout=room)
        FigureCanvasAgg(canvas)
        axes = canvas.add_subplot()
        _series(axes, plot)
        _across(axes, plot, font)
        _up(axes, plot, font)
        written = BytesIO()
        # Without the version of what drew it, which would change the bytes.
        canvas.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def _series(axes: Axes, plot: Plot) -> None:
    heights = [math.nan if amount is None else _height(amount, plot.unit) for _, amount in plot.series]
    last = len(heights) - 1
    for number, height in enumerate(heights):
        if math.isnan(height):
            sides = (number - 0.4, number + 0.4)
            axes.axvspan(*sides, facecolor="none", edgecolor=_MISSING, hatch="/////", linewidth=0)
    if plot.unit in {"money", "count"}:
        axes.bar(range(len(heights)), heights, width=0.8, color=[*[_THEN] * last, _NOW], zorder=2)
        axes.axhline(0, color=_QUIET, linewidth=0.8, zorder=3)
        _from_zero(axes, [height for height in heights if not math.isnan(height)])
    else:
        axes.plot(range(len(heights)), heights, color=_THEN, linewidth=1.6, marker="o", markersize=3, zorder=2)
        axes.plot([last], heights[-1:], color=_NOW, marker="o", markersize=6, zorder=3)
        axes.margins(y=0.15)
    axes.set_xlim(min(-0.6, last + 0.4 - _FEWEST_PLACES), last + 0.6)


def _from_zero(axes: Axes, heights: list[float]) -> None:
    """The bars' feet at 0, room where bars are, and some above it where all are 0."""
    low, high = min(0.0, *heights), max(0.0, *heights)
    room = (high - low) * 0.06 or 1.0
    axes.set_ylim(low - room if low < 0 else 0, 0 if high == 0 > low else high + room)


def _height(amount: Amount, unit: Unit) -> float:
    return amount / 100 if unit == "money" else float(amount)


def _across(axes: Axes, plot: Plot, font: FontProperties) -> None:
    last = len(plot.series) - 1
    # Counted back from the edition's period, which is always named.
    places = list(range(last, -1, -math.ceil(len(plot.series) / _MOST_LABELS)))
    days = [plot.series[place][0] for place in places]
    labels = period_labels(days, plot.grain, plot.locale, _drawable(font))
    axes.set_xticks(places, labels, fontproperties=font, color=_QUIET)
    axes.get_xticklabels()[0].set_color(_NOW)
    axes.tick_params(axis="x", length=0, pad=6)


def _up(axes: Axes, plot: Plot, font: FontProperties) -> None:
    low, high = axes.get_ylim()
    locator = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=plot.unit == "count")
    ticks = [float(tick) for tick in locator.tick_values(low, high) if low <= tick <= high]
    labels = value_labels(ticks, plot.unit, plot, _drawable(font))
    axes.set_yticks(ticks, labels, fontproperties=font, color=_QUIET)
    axes.tick_params(axis="y", length=0, pad=3)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _drawable(font: FontProperties) -> Drawable:
    """Whether the font has every letter of a text; what it has not would be drawn as a box."""
    known = get_font(str(font.get_file())).get_charmap()
    return lambda text: all(ord(letter) in known for letter in text)
