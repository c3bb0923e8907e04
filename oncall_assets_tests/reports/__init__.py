"""Tests of `oncall_assets.reports`.

- `test_cadence.py`, `test_business.py`: when an edition is due, by clock and by working days.
- `test_post.py`, `test_post_crash.py`: who gets a copy, what a server says and a kill mean for it; `posting` is
  the edition they send and `one_post` a process that sends it.
- `test_figures.py`, `test_composing.py`: what an edition says.
- `test_edition_assets.py`, `test_editions_on_call.py`: how it stands in Dagster; `sending/` is how its runs go,
  and `outgoing` is their company.
- `test_desk.py`, `test_desk_timelines.py`, `test_delays.py`, `test_usual.py`, `test_sensor.py`: what is asked for
  when, who hears of a delay; `desks` is their team.
- `test_restating.py`: figures that changed after they were sent; `changing` is the warehouse that computes them.
- `gate/`: what holds an edition. `rendering/`: editions as mail, page, text, table, pictures and in the archive.
- `test_month.py`: a month of all that, night by night; `month` is its company and `lean` its handbook.
"""
