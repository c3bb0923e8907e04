"""A team's own rules, as docs/own-rules.md shows how to write one, and functions that are none."""

from __future__ import annotations

from oncall_assets.checks import Evidence, Unjudged, Verdict

NOT_A_FUNCTION = 3


def no_long_ids(evidence: Evidence, at_most: int, column: str = "id") -> Verdict:
    """No value of `column` is longer than `at_most` letters."""
    rows = evidence.rows()
    if column not in rows.columns:
        raise Unjudged(f"no column {column}")
    long = rows.filter(rows[column].length() > at_most).to_pyarrow().to_pylist()
    sentence = f"{len(long):,} rows have a longer {column} than {at_most}."
    return Verdict(not long, len(long), f"at most {at_most} letters", sentence, tuple(long[:5]))


def says_yes(_: Evidence) -> bool:
    return True


def says_nothing(_: Evidence) -> None:
    return


def breaks(_: Evidence) -> Verdict:
    raise ZeroDivisionError("no rows to divide by")
