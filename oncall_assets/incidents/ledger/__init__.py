"""What happened and who was told, in SQL: nothing is lost where this was committed.

`ledger` is the door. Behind it: the `pen` that writes one transaction of a tick (`recording`), the `outbox`
with its `letters`, what `people` say, and what is read back (`history`, `story`, `open_incidents`, `numbered`,
`quiet`, `planned`), as `records`. `tables` is the schema, `schema` and `migrations` bring an old one up to it,
`database` opens.
"""
