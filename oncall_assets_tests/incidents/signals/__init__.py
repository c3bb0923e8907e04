"""Signals from real instances, and looks at real conditions."""
