"""What was observed, in words without Dagster: this room alone reads Dagster's records.

`log` reads the event log, with `failure` and `evidence` for its details, into the `kinds` of signal; `probes` look
for what no event tells, and `conditions` says what is new of it and what is over.
"""
