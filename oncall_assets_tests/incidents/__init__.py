"""Tests of `oncall_assets.incidents`."""
