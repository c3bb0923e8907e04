"""The names under which the layer writes into Dagster and the pager reads, so that the two cannot drift apart."""

from __future__ import annotations

from typing import Final

# Tags of an asset.
PRIMARY: Final = "oncall/primary"
SECONDARY: Final = "oncall/secondary"
AUDIENCE: Final = "oncall/audience"
SEVERITY: Final = "oncall/severity"
PIPELINE: Final = "oncall/pipeline"

# Tag of a job whose failed runs page nobody: a mistyped number is an answer to whoever typed it.
QUIET: Final = "oncall/quiet"

# Tags of a run that a watch launched: whose watch it is, as `pipeline.name`, and for which instant.
WATCH: Final = "oncall/watch"
WATCHED_AT: Final = "oncall/watched_at"

# The sensor that pages, which the watchdog and the probes look for by its name.
PAGER: Final = "oncall_pager"

# First part of the keys of the assets that are reports as sent: `editions/<report>`.
EDITIONS: Final = "editions"

# Group of the assets that have quarters where the numbers have days.
ROTA_GROUP: Final = "rota"

# Metadata of an asset.
METRIC_OWNER: Final = "oncall/metric_owner"
RUNBOOK: Final = "oncall/runbook"
BECAUSE: Final = "oncall/because"

# Metadata of a check's evaluation.
OBSERVED: Final = "oncall/observed"
THRESHOLD: Final = "oncall/threshold"
FINDING: Final = "oncall/finding"
SAMPLE: Final = "oncall/sample"
ISSUE: Final = "oncall/issue"
STEP: Final = "oncall/step"
PARTITION: Final = "oncall/partition"

# What `OBSERVED` says where a rule could not be applied.
NOT_JUDGED: Final = "not judged"

# The audience whose figures are held back rather than sent wrong.
INVESTORS: Final = "investors"
