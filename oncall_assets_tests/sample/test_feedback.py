"""Forms come from customers, with plausible scores and text that tests whoever prints it."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest


def test_scores_are_from_0_to_10_and_mostly_good(landed: dict[str, pa.Table]) -> None:
    score = landed["feedback"].to_pandas().score
    assert score.between(0, 10).all()
    assert 7 < score.mean() < 9


@pytest.mark.parametrize("awkward", ["<script>", "=HYPERLINK(", '"', "'", "🎉", "\n", "|"])
def test_comments_hold_text_that_must_be_escaped(landed: dict[str, pa.Table], awkward: str) -> None:
    comments = landed["feedback"]["comment"].drop_null().to_pylist()
    assert any(awkward in comment for comment in comments)


def test_many_leave_the_comment_out(landed: dict[str, pa.Table]) -> None:
    assert 0.4 < landed["feedback"].to_pandas().comment.isna().mean() < 0.7


def test_only_accounts_with_seats_write(landed: dict[str, pa.Table]) -> None:
    forms = landed["feedback"].to_pandas().sort_values("submitted_at")
    changes = landed["account_events"].to_pandas().sort_values("occurred_at")
    held = pd.merge_asof(
        forms, changes, left_on="submitted_at", right_on="occurred_at", by="account_id", direction="backward"
    )
    assert (held.seats > 0).all()
