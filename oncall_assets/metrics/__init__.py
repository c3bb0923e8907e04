"""Figures as pure Ibis expressions: tables in, tables out, no clock and no disk."""
