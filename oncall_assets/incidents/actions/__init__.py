"""What the on-call can let the program do at a step of a runbook: backfill, notify, escalate.

`offers` puts it on the page, `chosen` finds the step that was asked for, `backfill` and `telling` say what would
be done or why not, `doing` does it once.
"""
