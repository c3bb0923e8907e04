"""What the sources promise to land, so that a bad row is refused before any figure is made of it."""

from __future__ import annotations

from typing import Final

from oncall_assets.metrics.contract import OPTIONAL, Contract, columns

LANDED_CONTRACTS: Final = (
    Contract(
        "revenue_records",
        "Money booked, a row per ledger line; refunds and credits are negative.",
        columns(
            ("record_id", "string", "Identity of the ledger line."),
            ("account_id", "string", "Account that pays; empty where the source does not say.", OPTIONAL),
            ("booked_at", "timestamp", "Instant of booking, UTC."),
            ("kind", "string", "What was booked: subscription, upgrade, refund …"),
            ("amount_cents", "int64", "Amount in cents, negative for money given back."),
            ("currency", "string", "ISO 4217 code."),
        ),
        lands_by="booked_at",
    ),
    Contract(
        "expense_records",
        "Money spent, a row per ledger line; a line without an account is shared by all.",
        columns(
            ("record_id", "string", "Identity of the ledger line."),
            ("booked_on", "date", "Day of booking."),
            ("category", "string", "What was paid for: salaries, infrastructure, licences …"),
            ("account_id", "string", "Account the cost belongs to; empty for a shared cost.", OPTIONAL),
            ("amount_cents", "int64", "Amount in cents, positive for money spent."),
            ("currency", "string", "ISO 4217 code."),
        ),
        lands_by="booked_on",
    ),
    Contract(
        "account_events",
        "What happened to an account's subscription.",
        columns(
            ("event_id", "string", "Identity of the event."),
            ("account_id", "string", "Account concerned."),
            ("occurred_at", "timestamp", "Instant it took effect, UTC."),
            ("kind", "string", "signup, renewal, cancellation, reactivation or seat_change."),
            ("seats", "int64", "Seats held after the event; 0 after a cancellation."),
        ),
        lands_by="occurred_at",
    ),
    Contract(
        "experiment_assignments",
        "Which variant of an experiment an account was given.",
        columns(
            ("experiment_id", "string", "Experiment."),
            ("account_id", "string", "Account assigned."),
            ("variant", "string", "control, or the name of the treatment."),
            ("assigned_at", "timestamp", "Instant of the assignment, UTC."),
        ),
        lands_by="assigned_at",
    ),
    Contract(
        "usage_events",
        "What users did, as received; may hold duplicates and late arrivals.",
        columns(
            ("event_id", "string", "Identity given by the client; repeats when it sends twice."),
            ("account_id", "string", "Account of the user."),
            ("user_id", "string", "User who acted."),
            ("occurred_at", "timestamp", "Instant of the action by the client's clock, UTC."),
            ("ingested_at", "timestamp", "Instant the event reached us, UTC."),
            ("feature", "string", "Feature used."),
            ("platform", "string", "web, ios, android or api."),
        ),
        lands_by="ingested_at",
    ),
    Contract(
        "feedback",
        "What users said of the product.",
        columns(
            ("feedback_id", "string", "Identity of the form."),
            ("account_id", "string", "Account of the writer."),
            ("submitted_at", "timestamp", "Instant of submission, UTC."),
            ("score", "int64", "0 (worst) to 10 (best)."),
            ("comment", "string", "Free text; never trusted, always escaped.", OPTIONAL),
        ),
        lands_by="submitted_at",
    ),
    Contract(
        "control_totals",
        "What the accounting filing says each source should hold for a day.",
        columns(
            ("source", "string", "Landed table the total is about."),
            ("day", "date", "Day by the source's landing column."),
            ("rows", "int64", "Rows in the filing."),
            ("amount_cents", "int64", "Sum in cents; 0 for a source without money."),
        ),
    ),
)
