"""What the watchdog remembers of a finding while it holds, is over, comes back and is forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from oncall_assets.incidents.audits.finding import Finding, Sight
from oncall_assets.incidents.audits.memory import Known, Memory, Told, load, save
from oncall_assets_tests.incidents.audits.world import NOW

HALF_A_MINUTE = timedelta(seconds=30)
HOUR = timedelta(hours=1)
WEB = Sight((Finding("web", "down", "no answer"),))
ANN = Told(person="ann", channel="slack", receipt="1.0")


def test_a_finding_is_new_once_counts_its_looks_and_is_over_once() -> None:
    memory = Memory()
    assert (list(WEB.findings), []) == memory.see(WEB, NOW)
    again = Sight((Finding("web", "down", "a proxy answers"),))
    assert ([], []) == memory.see(again, NOW + HALF_A_MINUTE)
    known = memory.findings["web"]
    assert (2, NOW, "a proxy answers") == (known.looks, known.since, known.detail)
    assert ([], ["web"]) == memory.see(Sight(), NOW + 2 * HALF_A_MINUTE)
    assert NOW + 2 * HALF_A_MINUTE == known.over_at
    assert ([], []) == memory.see(Sight(), NOW + 3 * HALF_A_MINUTE)


def test_what_comes_back_begins_anew_unless_somebody_still_believes_in_it() -> None:
    for told, since in (((), NOW + HOUR), ((ANN,), NOW)):
        over = Known(title="down", detail="", since=NOW, looks=5, over_at=NOW + HALF_A_MINUTE, told=told)
        memory = Memory(looked_at=NOW + HALF_A_MINUTE, findings={"web": over})
        assert (list(WEB.findings), []) == memory.see(WEB, NOW + HOUR)
        assert (None, since, 1) == (over.over_at, over.since, over.looks)


def test_it_is_forgotten_when_it_is_over_everybody_knows_and_the_page_is_old() -> None:
    def kept(known: Known, after: timedelta) -> bool:
        memory = Memory(findings={"web": known})
        memory.forget(NOW + after, HOUR)
        return bool(memory.findings)

    def known(**more: object) -> Known:
        return Known.model_validate({"title": "down", "detail": "", "since": NOW, **more})

    assert kept(known(), 10 * HOUR), "it holds"
    assert not kept(known(over_at=NOW), timedelta(0)), "nobody was told"
    assert kept(known(over_at=NOW, told=(ANN,)), HOUR - HALF_A_MINUTE)
    assert not kept(known(over_at=NOW, told=(ANN,)), HOUR)
    assert kept(known(over_at=NOW, paged_at=NOW), HOUR - HALF_A_MINUTE)
    assert not kept(known(over_at=NOW, paged_at=NOW), HOUR)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))))
def test_a_finding_holds_exactly_while_its_last_look_that_could_see_saw_it(
    looks: list[tuple[set[str], set[str]]],
) -> None:
    memory, expected = Memory(), set[str]()
    for number, (found, blind) in enumerate(looks):
        sight = Sight(tuple(Finding(key, key, "") for key in sorted(found)), frozenset(blind))
        new, over = memory.see(sight, NOW + number * HALF_A_MINUTE)
        before, expected = expected, found | (expected & blind)
        assert (expected - before, before - expected) == ({one.key for one in new}, set(over))
        assert expected == {key for key, known in memory.findings.items() if known.holds}


def test_what_was_kept_is_read_again_and_only_its_owner_may(tmp_path: Path) -> None:
    memory = Memory()
    memory.see(WEB, NOW)
    memory.findings["web"].told = (ANN,)
    path = tmp_path / "state" / "watch.json"
    left = path.with_name("watch.json.new")
    path.parent.mkdir()
    left.write_text("what a killed watchdog left behind")
    left.chmod(0o666)
    save(path, memory)
    assert memory == load(path, lambda _: None)
    assert 0o600 == path.stat().st_mode & 0o777
    assert [path] == list(path.parent.iterdir())


def test_a_memory_of_nonsense_is_empty_with_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "watch.json"
    for text in (b"", b"[]", b"\xff", b'{"looked_at": 3, "more": 1}', b'{"findings": {"x": {}}}'):
        path.write_bytes(text)
        warnings: list[str] = []
        assert Memory() == load(path, warnings.append)
        (warning,) = warnings
        assert f"{path} cannot be read" in warning
    path.unlink()
    assert Memory() == load(path, lambda _: None)
