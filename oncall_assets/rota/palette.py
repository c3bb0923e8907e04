"""One colour for each engineer, told apart also by those who see fewer colours, and the same in every picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

# Paul Tol's "bright" scheme, which stays distinct under every common colour blindness and on paper:
# https://personal.sron.nl/~pault/. Ordered so that the first four differ most; the ink reads at 4.5:1 and more.
_LIGHT: Final = ("#ffffff", "rgb(0 0 0 / .26)")
_DARK: Final = ("#1a1a1a", "rgb(255 255 255 / .42)")
_BRIGHT: Final = (
    ("#3a6a9b", *_LIGHT),
    ("#ee6677", *_DARK),
    ("#ccbb44", *_DARK),
    ("#1e7a2e", *_LIGHT),
    ("#66ccee", *_DARK),
    ("#aa3377", *_LIGHT),
)


@dataclass(frozen=True, slots=True)
class Look:
    """How an engineer is drawn, as CSS colours: letters in `ink` on `fill`, stripes of `thread` that leave them
    readable; `weave` is 0, then 1, 2… as colours run out."""

    fill: str
    ink: str
    thread: str
    weave: int


def looks(engineers: Iterable[str]) -> dict[str, Look]:
    """A look for each engineer by key, in the order of the handbook."""
    found = {}
    for number, key in enumerate(engineers):
        found[key] = Look(*_BRIGHT[number % len(_BRIGHT)], weave=number // len(_BRIGHT))
    return found


def initials(names: Iterable[str]) -> dict[str, str]:
    """Two letters for each name; where two names would be the same, a third one or a number."""
    unique = list(dict.fromkeys(names))
    short = {name: _shortenings(name)[0] for name in unique}
    for attempt in (1, 2):
        alike = _repeated(short.values())
        short = {name: _shortenings(name)[attempt] if text in alike else text for name, text in short.items()}
    for name in unique:
        if short[name] in _repeated(short.values()):
            numbered = (f"{name[0]}{number}" for number in count(1))
            short[name] = next(text for text in numbered if text not in short.values())
    return short


def _shortenings(name: str) -> tuple[str, str, str]:
    first, *others = name.split() or [name]
    if others:
        return first[0] + others[-1][:1], first[0] + others[-1][:2], first[0] + others[-1][:1] + others[-1][-1:]
    return first[:2], first[:1] + first[-1:], first[:3]


def _repeated(texts: Iterable[str]) -> set[str]:
    return {text for text, times in Counter(texts).items() if times > 1}
