"""Telling people: one message, in the same words over every channel.

`message` is what is told, `layout` in which words and order, `channel` what every channel promises; `console`,
`slack` (in `blockkit`), `email` (as `mime`, with `html`) and `pagerduty` are the channels. `discreet` keeps
investors' figures out of all but mail; `smtp` hands mail over.
"""
