"""Decisions and escalations, from signals and handbooks that are made up."""
