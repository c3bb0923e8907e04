"""Tests of the figures: hand-computed cases, plain-Python second opinions, and both by day and by stretch."""
