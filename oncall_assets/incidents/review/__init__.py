"""What a quarter's incidents teach: `report` writes it from `counts` and `times`, as `markdown`.

`reviewing` reads it from the ledger, for the command line and for the `asset` in Dagster's UI.
"""
