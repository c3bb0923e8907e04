"""`oncall rules`: what a check can expect, from the text that Dagster shows too, so that no manual goes stale."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from textwrap import fill
from typing import Final, get_args

import click

from oncall_assets.cli.rule_fields import rows
from oncall_assets.handbook import rules as written
from oncall_assets.handbook.problem import one_of, shown

_WIDTH = 115
_HEAD = """\
# Rules of checks

What a runbook may write under `expect:` of a check, with the asset it judges under `asset:`. Written by
`oncall rules > docs/rules.md` from the rules themselves; `oncall rules NAME` prints one of them. What none of them
can say, a [rule of your own](own-rules.md) can.

A rule judges the days of the run it is part of, each day by itself unless it says otherwise, and tells of the
worst one. `where: {column: text}` chooses rows by the values of text columns. `other`, `of` and `upstream` name
tables the asset is made of, or computed beside it; the check waits until they are there. A day is a UTC day: the
one a row landed on, or the column `day` of a table that is computed.
"""
# As they stand in the package of the rules: a module each, whose first words say what it is about.
_FAMILIES: Final = ("cells", "tables", "filing", "days", "records", "reporting", "installation", "own")

Kind = type[written.AnyRule]


@click.command()
@click.argument("name", required=False)
def rules(name: str | None) -> None:
    """Print the reference of the rules that a runbook's checks are written in, or of the one called NAME."""
    kinds = _kinds()
    if name is None:
        click.echo(reference(), nl=False)
    elif name in kinds:
        click.echo(_section(name, kinds[name]), nl=False)
    else:
        raise click.BadParameter(f"{shown(name)} is no rule; {one_of(name, kinds)}", param_hint="NAME")


def reference() -> str:
    """An index by family, and then the rules by name, each with its text, its fields and an example."""
    kinds = _kinds()
    return "\n".join([_HEAD, _index(kinds), *(_section(name, kind) for name, kind in sorted(kinds.items()))])


def _kinds() -> dict[str, Kind]:
    """Every rule by the name that a runbook writes."""
    union, _ = get_args(written.Rule)
    return {get_args(kind.model_fields["rule"].annotation)[0]: kind for kind in get_args(union)}


def _index(kinds: dict[str, Kind]) -> str:
    return "## Which rule for what\n\n" + "\n".join(_family(family, kinds) for family in _FAMILIES)


def _family(family: str, kinds: dict[str, Kind]) -> str:
    module = f"{written.__name__}.{family}"
    lines = [f"- [`{name}`](#{name}): {_first(kind)}" for name, kind in kinds.items() if kind.__module__ == module]
    return "\n".join([_wrapped(sys.modules[module].__doc__ or ""), "", *lines, ""])


def _first(kind: Kind) -> str:
    """What stands before the first empty line of the rule's text, on one line."""
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())


def _section(name: str, kind: Kind) -> str:
    text = _wrapped(" ".join((kind.__doc__ or "").split()))
    example = f"```yaml\nexpect: {kind.example}\n```\n"
    return "\n".join([f"## {name}", "", text, "", *_table(kind), "", example])


def _table(kind: Kind) -> Iterator[str]:
    found = list(rows(kind))
    if not found:
        yield "It has no fields."
        return
    yield "| field | what it takes | if left out |"
    yield "|---|---|---|"
    yield from (f"| `{field}` | {takes} | {otherwise} |" for field, takes, otherwise in found)


def _wrapped(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
