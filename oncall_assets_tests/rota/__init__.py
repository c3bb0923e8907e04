"""Tests of `oncall_assets.rota`."""
