"""HTML and SVG built from parts that escape themselves, so that no name or reason can become markup."""

from __future__ import annotations

from html import escape


class Markup(str):
    """Text that is markup already; made by `element` and `trusted` only."""

    __slots__ = ()


def trusted(text: str) -> Markup:
    """Markup of our own, such as a style sheet; never for what people wrote."""
    return Markup(text)


def element(name: str, /, *children: str, **attributes: str | float | None) -> Markup:
    """`<name …>children</name>`; plain text is escaped, and `class_` or `aria_label` name what Python cannot.

    An attribute that is None is left out. Without children the element closes itself, which is valid for SVG and
    for HTML's void elements alone: give any other an empty text.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*parts: str) -> Markup:
    """The parts one after another, plain text escaped."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part, quote=False) for part in parts))


def _attribute(value: str | float) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    # A line end would reach the reader as a space; written so, hover texts keep their lines.
    return escape(text, quote=True).replace("\n", "&#10;")
