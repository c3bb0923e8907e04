"""Values as the rota's files write them, always in the same letters, so that the same plan is the same bytes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Final

_BARE: Final = re.compile(r"(?!(?i:null|true|false|yes|no|on|off|y|n)$)[A-Za-z][A-Za-z0-9_-]*")


def instant(at: datetime) -> str:
    """An instant in UTC to the second, which YAML reads back as one."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def word(text: str) -> str:
    """Text without quotes where YAML reads it as text anyway."""
    return text if _BARE.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """Text in double quotes, on one line."""
    # JSON's strings are YAML's, but for some letters that YAML wants escaped.
    written = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08X}" for letter in written)


def shift_line(start: datetime, end: datetime, primary: str, secondary: str, why: tuple[str, ...]) -> str:
    """One shift of a list, as published quarters and plans write it."""
    reasons = ", ".join(quoted(text) for text in why)
    return (
        f"- {{start: {instant(start)}, end: {instant(end)}, primary: {word(primary)}, "
        f"secondary: {word(secondary)}, why: [{reasons}]}}"
    )
