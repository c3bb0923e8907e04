"""What happened and who was told, in SQL: nothing is lost where this was committed.

`ledger` is the door. Behind it: the `pen` that writes one transaction of a tick (`recording`), the `outbox`
with its `letters`, what `people` say, and what is read back (`history`, `story`, `open_incidents`, `numbered`,
`quiet`, `planned`, `open_on`), as `records`. `editions` is the book of reports as sent: `edition_claims` sends
each copy once, `edition_holds` and `restated` keep what holds or contradicts one, `edition_delays` who was told;
`edition_records` and `edition_rows` are how they are read. `tables` and `edition_tables` are the schema, `schema`
and `migrations` bring an old one up to it, `database` opens.
"""
