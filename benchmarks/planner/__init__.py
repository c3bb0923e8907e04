"""How fair a plan is, and how long the proof takes: random teams, what they would do by hand, and the planner.

`python -m benchmarks.planner` plans and prints; `--write docs/planner-speed.md` keeps what it prints.

- `teams`: random teams of any size, over four countries
- `run`: one team planned by every method, the final shifts measured and audited
- `report`: the medians in Markdown
"""
