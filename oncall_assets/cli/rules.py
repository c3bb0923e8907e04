"""`oncall rules`: what a check can expect, from the text that Dagster shows too, so that no manual goes stale."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import get_args

import click

from oncall_assets.handbook import rules as written

_WIDTH = 115
_HEAD = """\
# Rules of checks

What a runbook may write under `expect:` of a check, with the asset it judges under `asset:`. Written by
`oncall rules > docs/rules.md` from the rules themselves.

A rule judges the days of the run it is part of, each day by itself unless it says otherwise, and tells of the
worst one. `where: {column: text}` chooses rows by the values of text columns. `other` and `of` name a table the
asset is made of, or one computed beside it; the check waits until it is there. A day is a UTC day: the one a row
landed on, or the column `day` of a table that is computed.
"""


@click.command()
def rules() -> None:
    """Print the reference of the rules that a runbook's checks are written in, as Markdown."""
    click.echo(reference(), nl=False)


def reference() -> str:
    """The rules by name, each with its text, its fields and an example."""
    kinds = {get_args(kind.model_fields["rule"].annotation)[0]: kind for kind in _kinds()}
    return "\n".join([_HEAD, *(_section(name, kind) for name, kind in sorted(kinds.items()))])


def _kinds() -> tuple[type[written.AnyRule], ...]:
    union, _ = get_args(written.Rule)
    return get_args(union)


def _section(name: str, kind: type[written.AnyRule]) -> str:
    text = _wrapped(" ".join((kind.__doc__ or "").split()))
    fields = _wrapped(f"Fields: {', '.join(_fields(kind)) or 'none'}.")
    return f"## {name}\n\n{text}\n\n{fields}\n\n```yaml\nexpect: {kind.example}\n```\n"


def _wrapped(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _fields(kind: type[written.AnyRule]) -> Iterator[str]:
    """Those that must be given first, and then the others with what they are by themselves."""
    fields = {name: field for name, field in kind.model_fields.items() if name != "rule"}
    yield from (f"`{name}`" for name, field in fields.items() if field.is_required())
    for name, field in fields.items():
        if not field.is_required():
            given = field.default not in (None, {})
            yield f"`{name}` ({field.default if given else 'optional'})"
