"""Letters that become a digest when too many come at once: none is dropped, and each incident has its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.incidents.delivery.parcels import Entry, Parcel, Room, pack
from oncall_assets.incidents.ledger.records import Letter
from oncall_assets.notify.message import Digest, Message, Page, line_of
from oncall_assets_tests.incidents.delivery.posting import NOW, notice, page


def _entries(*messages: Message) -> list[Entry]:
    return [
        Entry(Letter(n, message.id, None, "1.1", "ann", "post", message.model_dump_json(), NOW), message)
        for n, message in enumerate(messages, 1)
    ]


def _pages(count: int) -> list[Entry]:
    return _entries(*(page(number) for number in range(1, count + 1)))


def _packed(entries: list[Entry], room: Room, *, digests: bool = True) -> list[list[int]]:
    parcels = pack(entries, room, lambda _: digests, NOW)
    return [[letter.id for letter in parcel.letters] for parcel in parcels]


def _digest(parcel: Parcel) -> Digest:
    message = parcel.written(NOW)
    assert isinstance(message, Digest)
    return message


@pytest.mark.parametrize(
    ("left", "digest", "expected"),
    [
        (5, False, [[1], [2], [3], [4], [5]]),
        (4, False, [[1], [2], [3], [4, 5]]),
        (2, False, [[1], [2, 3, 4, 5]]),
        (1, False, [[1, 2, 3, 4, 5]]),
        (0, True, [[1, 2, 3, 4, 5]]),
        (-3, True, [[1, 2, 3, 4, 5]]),
        (0, False, []),
    ],
)
def test_what_does_not_fit_the_limit_is_one_digest(left: int, digest: bool, expected: list[list[int]]) -> None:
    assert expected == _packed(_pages(5), Room(left, digest))


def test_a_single_letter_beyond_the_limit_keeps_its_evidence() -> None:
    (parcel,) = pack(_pages(1), Room(0, True), lambda _: True, NOW)
    assert page(1) == parcel.written(NOW)


def test_a_channel_that_takes_no_digest_has_no_limit() -> None:
    assert [[1], [2], [3]] == _packed(_pages(3), Room(0, False), digests=False)


def test_a_digest_says_everything_in_a_line_each_oldest_first() -> None:
    (parcel,) = pack(_entries(page(7), notice(1), page(8)), Room(1, False), lambda _: True, NOW)
    digest = _digest(parcel)
    lines = ("#7 critical: check_7 failed on orders", "Notice 1", "#8 critical: check_8 failed on orders")
    assert (lines, 0, "3 messages at once") == (digest.lines, digest.more, digest.title)
    assert page(7).to == digest.to


def test_a_long_digest_lists_forty_and_counts_the_rest_but_lists_every_incident() -> None:
    (parcel,) = pack(_entries(*(notice(n) for n in range(50)), page(9)), Room(1, False), lambda _: True, NOW)
    digest = _digest(parcel)
    assert 51 == len(parcel.letters)
    assert (40, 11) == (len(digest.lines), digest.more)
    assert ("Notice 38", "#9 critical: check_9 failed on orders") == digest.lines[-2:]


def test_incidents_beyond_forty_wait_for_the_next_digest_and_are_counted_in_this_one() -> None:
    (parcel,) = pack(_pages(100), Room(1, False), lambda _: True, NOW)
    digest = _digest(parcel)
    assert (list(range(1, 41)), 60) == ([letter.id for letter in parcel.letters], parcel.following)
    assert (40, 60, "100 messages at once") == (len(digest.lines), digest.more, digest.title)


def test_a_second_page_of_an_incident_needs_no_line_of_its_own() -> None:
    (parcel,) = pack(_entries(*(page(1) for _ in range(60))), Room(1, False), lambda _: True, NOW)
    digest = _digest(parcel)
    assert (60, 40, 20) == (len(parcel.letters), len(digest.lines), digest.more)


def test_the_same_letters_are_the_same_digest_and_others_are_not() -> None:
    parcel, other = Parcel(tuple(_pages(3))), Parcel(tuple(_pages(4)))
    assert parcel.written(NOW).id == parcel.written(NOW + timedelta(minutes=5)).id
    assert parcel.written(NOW).id != other.written(NOW).id


def test_what_somebody_else_took_is_not_in_the_parcel() -> None:
    entries = _pages(3)
    parcel = Parcel(tuple(entries))
    assert [1, 3] == [letter.id for letter in parcel.only([entries[2].letter, entries[0].letter]).letters]
    assert page(2) == parcel.only([entries[1].letter]).written(NOW)


@pytest.mark.parametrize(("minutes", "marks"), [(15, ()), (16, ("late: written 16 min ago",))])
def test_a_letter_older_than_a_quarter_of_an_hour_is_late(minutes: int, marks: tuple[str, ...]) -> None:
    at = NOW + timedelta(minutes=minutes)
    assert marks == Parcel(tuple(_pages(1))).written(at).marks
    assert marks == Parcel(tuple(_pages(2))).written(at).marks


def test_a_digest_is_marked_for_any_of_its_letters() -> None:
    new, old = _pages(2)
    doubtful = replace(old, letter=replace(old.letter, doubtful=True, created_at=NOW - timedelta(hours=2)))
    marks = Parcel((new, doubtful)).written(NOW).marks
    assert ("possible repeat: an earlier try may have arrived", "late: written 2 h ago") == marks


messages = st.lists(st.one_of(st.integers(1, 60).map(page), st.integers(1, 5).map(notice)), max_size=130)


@given(messages, st.integers(-2, 12), st.booleans())
@settings(max_examples=120)
def test_no_letter_is_dropped_or_told_twice_and_the_limit_holds(
    drawn: list[Message], left: int, digest: bool
) -> None:
    entries, sent, parcels = _entries(*drawn), [], 0
    waiting = entries
    room = Room(left, digest)
    while waiting and (packed := pack(waiting, room, lambda _: True, NOW)):
        assert len(packed) <= max(room.messages, 1)
        sent += [letter.id for parcel in packed for letter in parcel.letters]
        parcels += len(packed)
        waiting = [entry for entry in waiting if entry.letter.id not in sent]
        room = Room(room.messages - len(packed), digest=True)
    assert sorted(sent) == sent == [entry.letter.id for entry in entries[: len(sent)]]
    assert not waiting or (left <= 0 and not digest)


@given(messages)
@settings(max_examples=120)
def test_every_incident_called_for_has_a_line_in_the_digest_that_takes_its_page(drawn: list[Message]) -> None:
    for parcel in pack(_entries(*drawn), Room(1, False), lambda _: True, NOW):
        message = parcel.written(NOW)
        if isinstance(message, Digest):
            pages = [entry.message for entry in parcel.entries if isinstance(entry.message, Page)]
            assert {line_of(one) for one in pages} <= set(message.lines)
            assert len(parcel.letters) + parcel.following == len(message.lines) + message.more
