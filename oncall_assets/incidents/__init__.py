"""From what Dagster observed to who was told: nothing lost, nobody woken twice.

`signals` reads Dagster's event log, with `failure` and `evidence` for its details, into the words of `kinds`;
`policy` decides; `ledger` remembers, in the `tables` of a `database`. `page` writes what people read, and
`notices` what they should know of their turns; `deliver` sends it. `tick` is one round of all that, and `pager`
the sensor that makes the rounds, by the `current` handbook. `lineage` knows the assets, `slack_resource` Slack.
"""
