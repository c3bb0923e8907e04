"""What to do, and why, without a clock, a database or Dagster.

`decide` answers signals: it keeps `faults` by target and partition (`partitions`, `spread`), one incident to a
cause. `grading` says how bad and how urgent; `escalation` whom to tell next, by the `standing` of an incident,
its `recipients` and the `silences` in force.
"""
