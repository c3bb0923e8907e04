"""Figures as pure Ibis expressions: tables in, tables out, no clock and no disk.

What is promised: `contract` (the shape of a promise), `landed`, `computed`, `contracts` (all of them).
What is computed: `growth`, `profit`, `engagement`, `experiments`, `investors`; each function takes its
input tables and a stretch of `days`, and a day's rows do not depend on the stretch around it.
What they rest on: `days`, `periods` (to date), `exact` (whole numbers), `allocation` (shared cost),
`assignments` (who is in which variant), `inference` (intervals and p-values), `runs` (a stretch as a run's tags).
"""
