"""The ledger's tables of reports as sent, on a page of their own; an edition is one report of one period."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, literal_column

from oncall_assets.incidents.ledger.tables import Instant, metadata

# One row for each edition, and one more for each time it is sent again on purpose (`repeat` from 1). `period` is
# the first and last day as Days writes them; `content` is the Edition as JSON, the same for every copy. `state` is
# sending, sent or doubtful; `claimed_until` and `run_id` say who is sending it.
editions = Table(
    "editions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("repeat", Integer, nullable=False, default=0),
    Column("state", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("content", Text, nullable=False),
    Column("composed_at", Instant, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("claimed_until", Instant),
    # The last try that did not end well, and what it met.
    Column("tried_at", Instant),
    Column("last_error", Text),
    Column("sent_at", Instant),
    UniqueConstraint("report", "period", "repeat"),
)
Index("editions_by_time", editions.c.composed_at)

# A copy for each recipient. `state` is waiting, sending, sent, refused or doubtful; one that was being sent when
# its run died is doubtful until somebody says what became of it.
copies = Table(
    "edition_copies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("state", Text, nullable=False, default="waiting"),
    Column("tried_at", Instant),
    Column("sent_at", Instant),
    Column("last_error", Text),
    Column("settled_by", Text),
    UniqueConstraint("edition_id", "recipient"),
)
# Written out, because SQLite takes a partial index only where it can see that the query is within it.
is_doubtful = copies.c.state == literal_column("'doubtful'")
Index("copies_in_doubt", copies.c.id, sqlite_where=is_doubtful, postgresql_where=is_doubtful)

# Why an edition is not sent: a row from when it was first held until it was sent. `reasons` is a JSON list,
# `expected_at` what those who wait were told.
holds = Table(
    "edition_holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("judged_at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("expected_at", Instant),
    Column("over_at", Instant),
    UniqueConstraint("report", "period"),
)
is_held = holds.c.over_at.is_(None)
Index("open_holds", holds.c.id, sqlite_where=is_held, postgresql_where=is_held)

# A named owner's word that an edition goes out although it is held.
releases = Table(
    "edition_releases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("because", Text, nullable=False),
    # What held it then, a JSON list.
    Column("reasons", Text, nullable=False),
    UniqueConstraint("report", "period"),
)

# A figure that was sent and says something else now. Values are JSON of a Value. Over when it is as sent again
# (`now` is `sent` then), when the next edition has listed it (`listed_in`), or when `closed_by` closed it.
restatements = Table(
    "restatements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("column", Text, nullable=False),
    Column("sent", Text, nullable=False),
    Column("now", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("listed_in", ForeignKey("editions.id")),
    Column("over_at", Instant),
    Column("closed_by", Text),
    UniqueConstraint("edition_id", "column"),
)
is_restated = restatements.c.over_at.is_(None)
Index("open_restatements", restatements.c.id, sqlite_where=is_restated, postgresql_where=is_restated)
