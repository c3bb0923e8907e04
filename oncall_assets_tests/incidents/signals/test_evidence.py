"""What checks of any origin leave in their metadata, as text for a page."""

from __future__ import annotations

import dagster as dg
import pytest

from oncall_assets.incidents.signals.evidence import evidence_of


def _evidence(description: str | None = None, **metadata: object) -> tuple[str, str]:
    evaluation = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey("a"),
        check_name="c",
        passed=False,
        description=description,
        metadata={f"oncall/{name}": value for name, value in metadata.items()},  # type: ignore[misc] # any value
    )
    evidence = evidence_of(evaluation)
    return evidence.finding, evidence.sample


def test_a_check_that_says_nothing_is_told_so() -> None:
    assert ("The check failed and said nothing more.", "") == _evidence()


def test_a_foreign_check_is_told_by_its_description() -> None:
    assert ("rows are missing", "") == _evidence(description="rows are missing")


@pytest.mark.parametrize(
    ("sample", "told"),
    [
        ([], ""),
        ([{"id": 1, "why": None}, {"id": 22, "why": "x\ny"}], "id  why\n1   -\n22  x y"),
        ([{"id": number} for number in range(8)], "id\n0\n1\n2\n3\n4\nand 3 more"),
        ("id 7\x1b[0m", "id 7 [0m"),
        ({"id": 7}, "{'id': 7}"),
        (dg.MetadataValue.table([dg.TableRecord({"id": 1, "cents": 2.5})]), "id  cents\n1   2.5"),
        (dg.MetadataValue.table([], schema=dg.TableSchema([])), ""),
    ],
)
def test_a_sample_becomes_a_small_table(sample: object, told: str) -> None:
    assert told == _evidence(sample=sample)[1]


def test_whole_numbers_stay_whole_and_others_are_rounded_for_reading() -> None:
    evaluation = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey("a"),
        check_name="c",
        passed=False,
        metadata={"oncall/observed": 541909000, "oncall/threshold": 2 / 3},
    )
    evidence = evidence_of(evaluation)
    assert ("541909000", "0.666667") == (evidence.observed, evidence.threshold)
