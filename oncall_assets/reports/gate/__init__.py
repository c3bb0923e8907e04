"""The gate: no figure goes out that is wrong, incomplete, out of date or in doubt, unless somebody signs for it.

`judging` asks all questions and `judgement` is the answer. `lineage` says what an edition is made of and
`computed` when that was computed last; `present` looks for missing days, `passed` for checks, `order` for what was
computed too early, `closed` for late events and `trouble` for open incidents. `wording` writes days for people.
"""

from oncall_assets.reports.gate.judgement import Hold, Judgement
from oncall_assets.reports.gate.judging import judge
from oncall_assets.reports.gate.lineage import upstream

__all__ = ["Hold", "Judgement", "judge", "upstream"]
