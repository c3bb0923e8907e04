"""Checks: `rules` judges tables, `build` makes Dagster asset checks of what the runbooks ask for."""

from oncall_assets.checks.build import runbook_checks

__all__ = ["runbook_checks"]
