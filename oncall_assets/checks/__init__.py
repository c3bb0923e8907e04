"""Checks: `rules` judges tables, `build` makes Dagster asset checks of what the runbooks ask for.

`records` asks Dagster's memory and `installation` the machine; `watching` is when runbooks want to be looked at;
`own` calls a team's own rules, and whoever writes one needs `Evidence`, `Verdict` and `Unjudged`.
"""

from oncall_assets.checks.build import runbook_checks
from oncall_assets.checks.rules import Evidence, Unjudged, Verdict

__all__ = ["Evidence", "Unjudged", "Verdict", "runbook_checks"]
