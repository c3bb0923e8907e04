"""What can be expected of a table, as pure predicates: no Dagster, no clock, only rows in and a verdict out.

`evidence` is what a rule may look at and what it says. A module per family judges: `values` (single cells),
`keys` (rows against rows), `shape` (columns and types), `filing` (the accounting filing), `against` (another
table), `history` (other days), `arrival` (late rows) and `split` (who was given what). `judging` finds the judge.
"""

from oncall_assets.checks.rules.evidence import Evidence, Unjudged, Verdict
from oncall_assets.checks.rules.judging import judge

__all__ = ["Evidence", "Unjudged", "Verdict", "judge"]
