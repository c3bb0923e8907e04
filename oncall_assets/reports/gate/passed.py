"""Whether the checks that block have passed on what a period is made of, as it stands now and not as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import dagster as dg

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.runbook import Check, Runbook
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.reporting.verdicts import Word, words
from oncall_assets.reports.gate.computed import Computed
from oncall_assets.reports.gate.judgement import Hold
from oncall_assets.reports.gate.lineage import Lineage
from oncall_assets.reports.gate.wording import joined, listed

# Beside one for each day, what was judged again, as by watches.
_MORE = 4


@dataclass(frozen=True, slots=True)
class _Heard:
    """A blocking check and its last word on each of the days asked about; `silent` are those without one."""

    key: dg.AssetCheckKey
    where: str
    last: Mapping[date, Word]
    silent: frozenset[date]


def not_passed(
    instance: dg.DagsterInstance,
    handbook: Handbook,
    lineage: Lineage,
    by: Mapping[dg.AssetKey, Mapping[date, Computed]],
    days: Days,
) -> Iterator[Hold]:
    """One for each blocking check that failed last on some of the days, and one for each table not judged.

    Of a table only those days are asked about that are there. A day is not judged either if its table was computed
    again since the check's last word, in another run: that word is about other figures. Of what has no days the
    last word of each check counts. A question or two to Dagster for each check; more only where it was judged over
    and over.
    """
    heard = [
        *(_heard(instance, *guard, days, by[guard[2]]) for guard in _guards(handbook, lineage.tables)),
        *(_heard(instance, *guard, days, None) for guard in _guards(handbook, lineage.others)),
    ]
    for one in heard:
        if failed := {day for day, word in one.last.items() if word.refuses}:
            yield Hold("check", _failed(one, failed))
    yield from _unjudged(heard, by)


_Guard = tuple[Runbook, Check, dg.AssetKey]


def _guards(handbook: Handbook, tables: Sequence[dg.AssetKey]) -> list[_Guard]:
    """The blocking checks on the tables, by table and in the order of the runbooks."""
    found = [
        (runbook, check, dg.AssetKey(check.asset.split("/")))
        for runbook, _, check in handbook.checks()
        if check.blocking
    ]
    return sorted((one for one in found if one[2] in tables), key=lambda one: one[2])


def _heard(
    instance: dg.DagsterInstance,
    runbook: Runbook,
    check: Check,
    table: dg.AssetKey,
    days: Days,
    there: Mapping[date, Computed] | None,
) -> _Heard:
    """`there` is None for what has no days."""
    key = dg.AssetCheckKey(table, check.name)
    asked = {day for day in days.each if there is None or day in there}
    last: dict[date, Word] = {}
    if asked:
        for word in words(instance, key, expected=len(days.each) + _MORE if there is not None else 1):
            if there is not None and word.at < days.start:
                # Nothing of the period was there to speak of.
                break
            spoken = {day for day in asked - last.keys() if there is None or word.speaks_of(day)}
            last |= dict.fromkeys(spoken, word)
            if len(last) == len(asked):
                break
    where = f"runbook of {runbook.pipeline}, step {check.step}"
    return _Heard(key, where, last, frozenset(asked - last.keys()))


def _unjudged(heard: list[_Heard], by: Mapping[dg.AssetKey, Mapping[date, Computed]]) -> Iterator[Hold]:
    """Checks of one table that say nothing of the same days are told together."""
    found: dict[tuple[dg.AssetKey, tuple[date, ...]], list[str]] = {}
    for one in heard:
        table, there = one.key.asset_key, by.get(one.key.asset_key, {})
        outdated = {day for day, word in one.last.items() if not word.refuses and _is_older(word, there.get(day))}
        if missing := tuple(sorted(one.silent | outdated)):
            found.setdefault((table, missing), []).append(one.key.name)
    for (table, missing), names in found.items():
        yield Hold("check", _not_judged(table, missing, names))


def _is_older(word: Word, computed: Computed | None) -> bool:
    """A run judges what it computed, whatever the clocks of its machines say."""
    if computed is None or (word.run_id and word.run_id == computed.run_id):
        return False
    return word.at < computed.at


def _failed(one: _Heard, failed: Collection[date]) -> str:
    # What it found may be a figure, and not all who hear of a hold may see it.
    name = f"{one.key.name} of {one.key.asset_key.to_user_string()}"
    return (
        f"Check {name} failed on {listed(failed)}; its page in Dagster says what it found. "
        f"What to do: {one.where}."
    )


def _not_judged(table: dg.AssetKey, missing: Sequence[date], names: Sequence[str]) -> str:
    name, checks = table.to_user_string(), "Check" if len(names) == 1 else "Checks"
    return (
        f"{checks} {joined(names)} of {name} did not judge {listed(missing)} as it is now. Materialise {name} for "
        f"{listed(missing)} together with its checks, and then what is downstream."
    )
