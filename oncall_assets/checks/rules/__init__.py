"""What can be expected of a table, as pure predicates: no Dagster, no clock, only rows in and a verdict out.

`evidence` is what a rule may look at and what it says, with `facts` that are in no table. A module per family
judges: `values` (single cells), `keys` (rows against rows), `shape` (columns and types), `filing` (the accounting
filing), `against` (another table), `history` (other days), `trend` (a figure's own past), `arrival` (late rows),
`split` (who was given what), `records` (how it was computed), `reporting` (what people read; `apart` compares) and
`installation` (disk and libraries, with `pins`). `judging` finds the judge.
"""

from oncall_assets.checks.rules.evidence import Evidence, Unjudged, Verdict
from oncall_assets.checks.rules.judging import judge

__all__ = ["Evidence", "Unjudged", "Verdict", "judge"]
