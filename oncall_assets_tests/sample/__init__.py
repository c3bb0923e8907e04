"""Tests of `oncall_assets.sample`."""
