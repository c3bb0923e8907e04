"""Taking the ledger's letters to people, each channel by itself.

`courier` runs a `dispatch` for each of the `channels`; `parcels` says what goes singly and what in a digest,
`backoff` how long to wait, `routes` which channel comes next, `tally` what went well and ill.
"""
