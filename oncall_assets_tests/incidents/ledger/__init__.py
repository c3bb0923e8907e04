"""The ledger on SQLite and on a real PostgreSQL, raced and killed."""
