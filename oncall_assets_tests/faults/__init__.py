"""The fault matrix: what the runbooks fear is made to happen, found, told to the right person, and held back.

- `clock`: Dagster's clock, moved to the night that a test is about
- `eves`: a company with weeks of good history, made once and copied for each row
- `world`: one such copy: what happens to it, its nights, its pager
- `row`: what a row of the matrix says
- `rows_data`, `rows_business`, `rows_figures`, `rows_records`, `rows_reporting`, `rows_editions`,
  `rows_installation`, `rows_late`: the rows; `daemon` runs a schedule for one of them, and `editions` has the
  reports of others
"""
