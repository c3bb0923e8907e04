"""What the watchdog looks at, and how it tells: by its own path, as the pager's may be what is broken.

`auditor` makes its rounds. `finding` says what a look may find; `instance`, `web`, `outbox` and `book` look, and
`lookout` makes them all look at once. `memory` keeps what was found and told; `words` says it, `advice` what to
do, and `alarm` tells it. `heartbeat` tells an outside monitor that all is well.
"""
