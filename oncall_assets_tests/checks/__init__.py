"""Tests of `oncall_assets.checks`."""
