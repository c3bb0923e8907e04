"""Tests of `oncall_assets.pipelines.reporting`."""
