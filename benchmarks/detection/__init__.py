"""What a mistake costs before it is noticed: each fault at falling sizes, and who finds the smallest.

`python -m benchmarks.detection` plants, judges and prints; `--write docs/detection.md` keeps what it prints.

- `faults`: what can be wrong, in which table, at which sizes
- `nights`: the sample company's past, and one night of it with or without a fault
- `ours`, `sigma`, `expectations`: the runbooks' checks, and two rivals on the same tables
- `search`: the smallest size that each detector finds on a night
- `tally`: what all nights come to
- `report`: the tables in Markdown
"""
