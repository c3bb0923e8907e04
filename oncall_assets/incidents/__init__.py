"""From what Dagster observed to who was told: nothing lost, nobody woken twice.

`signals` are observed, `policy` decides, the `ledger` remembers, `delivery` tells: one round of that is a
`tick`, and the `pager` is the sensor that makes the rounds, by the `current` handbook. In between, `case` and
`page` write what people read, with what `lineage` knows of assets; `tell` puts it into the outbox, and
`handover` the `notices` of turns.

Beside it: `jobs` by which people answer in Dagster's UI, with the refusals of `asked`; the `drill`; the
`review` of a quarter; and the watchdog, whose `audits` trust nothing of the rest.
"""
