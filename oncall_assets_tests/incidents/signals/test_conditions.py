"""What began and what ended between two looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.incidents.policy.faults import FaultKey
from oncall_assets.incidents.policy.partitions import each
from oncall_assets.incidents.signals.conditions import changes
from oncall_assets.incidents.signals.kinds import Signal, Trouble, TroubleKind, TroubleOver

NOW = datetime(2026, 1, 7, 2, 0, tzinfo=UTC)
NONE: frozenset[TroubleKind] = frozenset()

Open = tuple[TroubleKind, FaultKey]


def trouble(
    target: str = "late profit",
    partition: str | None = "2026-01-06",
    kind: TroubleKind = "asset late",
    name: str = "1",
) -> Trouble:
    return Trouble(
        id=name,
        at=NOW,
        run_id="",
        partition=partition,
        kind=kind,
        target=target,
        assets=(),
        title=f"{target} is in trouble",
        finding="It is.",
    )


def applied(signals: list[Signal], opened: set[Open]) -> set[Open]:
    """What is open once the signals were decided."""
    after = set(opened)
    for signal in signals:
        if isinstance(signal, TroubleOver):
            after.remove((signal.kind, (signal.target, signal.partition)))
        elif isinstance(signal, Trouble):
            after |= faults(signal)
    return after


def faults(found: Trouble) -> set[Open]:
    return {(found.kind, (found.target, day)) for day in each(found.partition)}


def test_what_was_not_open_began() -> None:
    found = trouble()
    assert [found] == changes([found], NONE, [], NOW)


def test_what_is_open_and_still_holds_is_nothing_new() -> None:
    assert [] == changes([trouble(name="2")], NONE, [("asset late", ("late profit", "2026-01-06"))], NOW)


def test_what_is_open_and_was_not_found_is_over() -> None:
    (over,) = changes([], NONE, [("asset late", ("late profit", "2026-01-06"))], NOW)
    assert isinstance(over, TroubleOver)
    assert ("asset late", "late profit", "2026-01-06", NOW) == (over.kind, over.target, over.partition, over.at)


def test_an_end_has_an_id_of_its_own() -> None:
    opened: list[Open] = [
        ("asset late", ("late profit", "2026-01-05")),
        ("asset late", ("late profit", "2026-01-06")),
        ("asset late", ("late orders", "2026-01-06")),
    ]
    later = NOW.replace(minute=1)
    ids = [signal.id for at in (NOW, later) for signal in changes([], NONE, opened, at)]
    assert 6 == len(set(ids))


def test_nothing_is_over_where_the_look_failed() -> None:
    opened: list[Open] = [("asset late", ("late profit", "2026-01-06")), ("run stuck", ("stuck 1a2b3c4d", None))]
    (over,) = changes([], frozenset[TroubleKind]({"asset late"}), opened, NOW)
    assert isinstance(over, TroubleOver)
    assert "run stuck" == over.kind


def test_where_a_look_failed_what_another_found_still_begins() -> None:
    found = trouble("stale profit", None)
    assert [found] == changes([found], frozenset[TroubleKind]({"asset late"}), [], NOW)


def test_of_several_about_the_same_the_first_stands_for_all() -> None:
    first, second = trouble(name="1"), trouble(name="2")
    assert [first] == changes([first, second], NONE, [], NOW)


def test_a_range_is_open_as_each_of_its_days() -> None:
    found = trouble(partition="2026-01-05…2026-01-06")
    days: list[Open] = [("asset late", ("late profit", day)) for day in ("2026-01-05", "2026-01-06")]
    assert [] == changes([found], NONE, days, NOW)
    assert [found] == changes([found], NONE, days[:1], NOW)


def test_a_range_that_is_in_trouble_as_a_whole_is_open_as_itself() -> None:
    found = replace(trouble(partition="2026-01-05…2026-01-06"), whole=True)
    day: Open = ("asset late", ("late profit", "2026-01-05"))
    whole: Open = ("asset late", ("late profit", "2026-01-05…2026-01-06"))
    assert [] == changes([found], NONE, [whole], NOW)
    over, began = changes([found], NONE, [day], NOW)
    assert (found, "2026-01-05") == (began, over.partition)


_KINDS = st.sampled_from(["asset late", "run stuck", "source silent"])
_PARTITIONS = st.sampled_from([None, "2026-01-05", "2026-01-06", "2026-01-05…2026-01-07", "eu"])
_KEYS = st.tuples(
    _KINDS, st.tuples(st.sampled_from("ab"), st.sampled_from([None, "2026-01-05", "2026-01-06", "eu"]))
)
_TROUBLES = st.builds(trouble, st.sampled_from("ab"), _PARTITIONS, _KINDS, st.uuids().map(str))


@settings(max_examples=150)
@given(found=st.lists(_TROUBLES), opened=st.sets(_KEYS), blind=st.frozensets(_KINDS))
def test_what_is_open_becomes_what_was_found(
    found: list[Trouble], opened: set[Open], blind: frozenset[TroubleKind]
) -> None:
    after = applied(changes(found, blind, opened, NOW), opened)
    kept = {one for one in opened if one[0] in blind}
    assert kept.union(*map(faults, found)) == after
    assert [] == changes(found, blind, after, NOW)
