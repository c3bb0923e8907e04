"""Alembic's entry to the migrations: the ledger hands over its connection, inside a transaction of its own."""

from __future__ import annotations

from alembic import context

from oncall_assets.incidents.ledger.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
