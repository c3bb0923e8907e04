"""Tests of `oncall_assets.handbook`."""
