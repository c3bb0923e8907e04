"""Currencies and locales that exist, so that a misspelt one is found before it stands in a mail to investors."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from oncall_assets.handbook.problem import did_you_mean, shown


def _currency(value: str) -> str:
    from babel.core import get_global

    if value not in get_global("all_currencies"):
        raise ValueError(f"{shown(value)} is no currency; expected an ISO 4217 code such as USD or EUR")
    return value


def _locale(value: str) -> str:
    from babel.core import Locale, UnknownLocaleError

    try:
        if not re.fullmatch(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?", value):
            raise UnknownLocaleError(value)
        Locale.parse(value)
    except UnknownLocaleError:
        from babel.localedata import locale_identifiers

        meant = did_you_mean(value, locale_identifiers())
        expected = f"expected a language and a country such as en_US or de_DE{meant}"
        raise ValueError(f"{shown(value)} is not a locale that is known; {expected}") from None
    return value


Currency = Annotated[str, AfterValidator(_currency)]
LocaleName = Annotated[str, AfterValidator(_locale)]
