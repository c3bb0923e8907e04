"""Tests of `oncall_assets.notify`."""
