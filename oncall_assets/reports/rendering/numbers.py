"""Amounts as the company's locale writes them, in one place, so that no channel rounds or groups its own way."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, Protocol

from oncall_assets.notify.message import oneline
from oncall_assets.reports.edition import Amount, Unit, Value, change

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

Kind = Literal["currency", "decimal", "percent"]

NOT_AVAILABLE: Final = "n/a"
_LONGEST_REASON: Final = 200
_HUNDREDTH: Final = Decimal("0.01")
_THOUSANDTH: Final = Decimal("0.001")
# Digits enough for the longest float; the caller's own context may have less.
_WIDE: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)


class House(Protocol):
    """What writing an amount takes of an edition: an ISO 4217 currency and a locale such as en_US."""

    @property
    def currency(self) -> str: ...

    @property
    def locale(self) -> str: ...


def shown(value: Value, unit: Unit, edition: House) -> str:
    """The amount with two decimals of money, of a number, one of per cent, none of a count; or `n/a (reason)`.

    Money is in hundredths of the currency, whatever the currency, and exact; what is a fraction of a cent is
    rounded half to even. Raises ValueError if Babel does not know the locale.
    """
    if value.amount is None:
        reason = oneline(value.why or "", _LONGEST_REASON)
        return f"{NOT_AVAILABLE} ({reason})" if reason else NOT_AVAILABLE
    return shown_amount(value.amount, unit, edition)


def shown_briefly(value: Value, unit: Unit, edition: House) -> str:
    """As `shown`, without the reason where there is no amount."""
    return NOT_AVAILABLE if value.amount is None else shown_amount(value.amount, unit, edition)


def shown_amount(amount: Amount, unit: Unit, edition: House) -> str:
    with localcontext(_WIDE):
        match unit:
            case "money":
                return _written("currency", 2, _rounded(exact(amount), Decimal(1)) / 100, edition)
            case "count":
                return _written("decimal", 0, _rounded(exact(amount), Decimal(1)), edition)
            case "ratio":
                return _written("percent", 1, _rounded(exact(amount), _THOUSANDTH), edition)
            case "number":
                return _written("decimal", 2, _rounded(exact(amount), _HUNDREDTH), edition)


def shown_change(unit: Unit, now: Value, before: Value, edition: House) -> str:
    """From `before` to `now`: `+3.2%`, of a ratio `+0.4 pp` (percentage points), or `n/a`."""
    amount = change(unit, now, before).amount
    if amount is None:
        return NOT_AVAILABLE
    with localcontext(_WIDE):
        rounded = _rounded(exact(amount), _THOUSANDTH)
        sign = "+" if rounded > 0 else ""
        if unit != "ratio":
            return sign + _written("percent", 1, rounded, edition)
        return f"{sign}{_written('decimal', 1, rounded * 100, edition)} pp"


def shown_share(share: float, edition: House) -> str:
    """A share of what should be there, rounded down: what lacks a little is never shown as 100%."""
    with localcontext(_WIDE):
        return _written("percent", 1, exact(share).quantize(_THOUSANDTH, ROUND_DOWN), edition)


def exact(amount: Amount) -> Decimal:
    """The amount as it is written, not as binary fractions have it: 0.1 is a tenth."""
    return Decimal(repr(amount))


def locale_of(name: str) -> Locale:
    """Raises ValueError where Babel knows no such locale."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - as above

    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        problem = f"no way of writing numbers and dates is known for the locale {name!r}"
        raise ValueError(f"{problem}; expected one such as en_US in `company: locale` of team.yaml") from None


def _rounded(amount: Decimal, step: Decimal) -> Decimal:
    # Adding 0 takes the sign from what was rounded to -0.
    return amount.quantize(step) + 0


def _written(kind: Kind, digits: int, amount: Decimal, edition: House) -> str:
    pattern = _pattern(kind, edition.locale, digits)
    locale = locale_of(edition.locale)
    currency = oneline(edition.currency, _LONGEST_REASON)
    # The currency's own digits would round a yen's hundredths away.
    return str(pattern.apply(amount, locale, currency=currency, currency_digits=False))


@lru_cache(maxsize=64)
def _pattern(kind: Kind, name: str, digits: int) -> NumberPattern:
    """How the locale called `name` groups and where it puts signs, with so many decimals, no more and no less."""
    from babel.numbers import parse_pattern  # noqa: PLC0415 - as above

    locale = locale_of(name)
    written: dict[Kind, NumberPattern] = {
        "currency": locale.currency_formats["standard"],
        "percent": locale.percent_formats[None],
        "decimal": locale.decimal_formats[None],
    }
    pattern: NumberPattern = parse_pattern(written[kind].pattern)
    pattern.frac_prec = (digits, digits)
    return pattern
