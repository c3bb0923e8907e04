"""The planner: who owns each turn, so that the load is fair and the proof can be shown.

It decides only whose each of the `blocks` is; what becomes of it the resolver's own layers say (`owners`).
`problem` poses a window as plain data: `candidates`, `outcomes` (weighed by `worth`), the `balance` carried
over, and the `instances` of all `rules`, with what `history` says of the turns before. `score` judges by counting.

`solver` plans: it starts from a plan of the `rivals`, improves it by a `climb` (with its `tally`), and takes it
through `stages`, each with an aim (`aims`, `load`) on the `model` and the bound that CP-SAT proves. `conflicts`,
with `circumstances` and `relaxations`, says why rules cannot all hold, and `curve` what changes buy.
"""
