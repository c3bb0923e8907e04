"""Regions whose public holidays are known, so that a misspelt one is found before a holiday is missed."""

from __future__ import annotations

from functools import cache

from oncall_assets.handbook.problem import shown


@cache
def _countries() -> dict[str, list[str]]:
    # Imported late: the package takes a while to list its countries, and only a check needs them.
    from holidays.utils import list_supported_countries  # noqa: PLC0415

    return list_supported_countries(include_aliases=False)


def unknown_region(region: str) -> str | None:
    """Why `region` (`US`, or `US-NY` with a subdivision) is not known, or None if it is."""
    country, dash, part = region.partition("-")
    if country not in _countries():
        near = _near(country, list(_countries()))
        return f"{shown(region)} names no country that is known; expected a code such as US or GB-ENG{near}"
    parts = _countries()[country]
    if dash and not parts:
        return f"{shown(region)} has a subdivision, and none of {country} is known; expected {country}"
    if dash and part not in parts:
        example = f"{country}-{parts[0]}"
        near = _near(part, parts, f"{country}-")
        return f"{shown(region)} names no subdivision of {country}; expected a code such as {example}{near}"
    return None


def _near(wanted: str, known: list[str], prefix: str = "") -> str:
    """Known codes that begin like `wanted`, at most eight; a code is too short to be compared in any other way."""
    close = [f"{prefix}{code}" for code in sorted(known) if code[:1] == wanted[:1].upper()][:8]
    return f"; near it are {', '.join(close)}" if close else ""
