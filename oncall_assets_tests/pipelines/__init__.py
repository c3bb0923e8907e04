"""Tests of `oncall_assets.pipelines`."""
