"""What a change moves, and who could take a turn instead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from oncall_assets.handbook import load_handbook
from oncall_assets.metrics.contracts import LANDED
from oncall_assets.rota.moves import Move, free, moved
from oncall_assets.rota.shift import Reason, Shift
from oncall_assets_tests.cli.company import handbook

START = datetime(2026, 5, 4, 13, tzinfo=UTC)
PAIRS = (("alice", "bob"), ("bob", "alice"), ("carol", "david"))


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def shift(first: int, last: int, primary: str, secondary: str) -> Shift:
    return Shift(hour(first), hour(last), primary, secondary, (Reason("base", f"{first} to {last}"),))


def test_neighbours_that_move_alike_are_one_stretch_and_reasons_move_nobody() -> None:
    before = [shift(0, 8, "alice", "bob"), shift(8, 16, "alice", "bob"), shift(16, 24, "bob", "carol")]
    after = [shift(0, 4, "alice", "bob"), shift(4, 12, "carol", "bob"), shift(12, 24, "bob", "carol")]
    assert [
        Move(hour(4), hour(12), ("alice", "bob"), ("carol", "bob")),
        Move(hour(12), hour(16), ("alice", "bob"), ("bob", "carol")),
    ] == moved(before, after)


def test_an_exchange_of_roles_is_a_move() -> None:
    before, after = [shift(0, 8, "alice", "bob")], [shift(0, 8, "bob", "alice")]
    assert [Move(hour(0), hour(8), ("alice", "bob"), ("bob", "alice"))] == moved(before, after)


def test_only_what_both_cover_is_compared() -> None:
    before, after = [shift(0, 8, "alice", "bob")], [shift(4, 12, "carol", "bob")]
    assert [Move(hour(4), hour(8), ("alice", "bob"), ("carol", "bob"))] == moved(before, after)
    assert [] == moved(before, [])


@st.composite
def rotas(draw: st.DrawFn) -> list[Shift]:
    cuts = sorted(draw(st.sets(st.integers(1, 47), max_size=6)) | {0, 48})
    return [shift(first, last, *draw(st.sampled_from(PAIRS))) for first, last in pairwise(cuts)]


@given(rotas(), rotas())
def test_every_hour_is_moved_exactly_if_its_pair_differs(before: list[Shift], after: list[Shift]) -> None:
    moves = moved(before, after)
    for number in range(48):
        old, new = (next(one for one in rota if one.start <= hour(number) < one.end) for rota in (before, after))
        inside = [move for move in moves if move.start <= hour(number) < move.end]
        if (old.primary, old.secondary) == (new.primary, new.secondary):
            assert [] == inside
        else:
            assert [(old.primary, old.secondary)] == [move.before for move in inside]
            assert [(new.primary, new.secondary)] == [move.after for move in inside]


def test_free_is_who_is_neither_on_duty_nor_gone_least_load_first(tmp_path: Path) -> None:
    # Two turns of alice's go to david, or two of david's to alice; the week in question is bob's with carol.
    orders = []
    for give, take, turns in (
        ("alice", "david", ("2026-02-02", "2026-03-02")),
        ("david", "alice", ("2026-01-26", "2026-02-23")),
    ):
        swaps = "".join(
            f"- {{kind: swap, turn: {turn}, give: {give}, take: {take}, requested: 2025-12-01}}\n"
            for turn in turns
        )
        folder = handbook(tmp_path / give, f"changes:\n{swaps}")
        orders.append(free(load_handbook(folder, frozenset(LANDED)), START, START + timedelta(weeks=1)))
    assert [["alice", "david"], ["david", "alice"]] == orders


def test_whoever_is_away_for_a_part_of_it_is_not_free(tmp_path: Path) -> None:
    gone = handbook(tmp_path / "gone", "away: [{who: alice, from: 2026-05-10, to: 2026-05-20}]\n")
    assert ["david"] == free(load_handbook(gone, frozenset(LANDED)), START, START + timedelta(weeks=1))
