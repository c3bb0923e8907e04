"""Reports as assets, an edition a partition, so that who was sent what is seen beside what it was made of."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from oncall_assets.handbook import Handbook, HandbookError
from oncall_assets.handbook.labels import EDITIONS
from oncall_assets.handbook.reports import Due
from oncall_assets.incidents.ledger.edition_records import EditionRecord
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.metrics.days import Days
from oncall_assets.pipelines.figure import SAME_DAY, daily
from oncall_assets.pipelines.reporting import ReportingError
from oncall_assets.pipelines.reporting.assets import PREFIX
from oncall_assets.reports.attempts import EDITION
from oncall_assets.reports.cadence import Occasion, Planned, due_of, partition_of, planned
from oncall_assets.reports.countdown import countdown
from oncall_assets.reports.edition import Edition
from oncall_assets.reports.office import EditionOffice, OfficeError
from oncall_assets.reports.rendering.archive import place_of
from oncall_assets.reports.sending import NotSentError, NotWanted, Sending, unfinished

SEND_LATE: Final = "oncall/send_late"
"""Tag of a run that is to send an edition although it was due long ago and nobody had asked for it."""

_MONDAY: Final = 1
_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}


def edition_assets(handbook: Handbook) -> list[dg.AssetsDefinition]:
    """`editions/<report>` for each report of the runbooks; they need `office`."""
    return [_edition(handbook, one) for one in planned(handbook)]


def _edition(handbook: Handbook, one: Planned) -> dg.AssetsDefinition:
    report, audiences = one.report, ", ".join(one.report.to)
    due = f"{in_words(report.due)}, {handbook.team.timezone}"
    same_day = report.period == "day"

    @dg.asset(
        key=dg.AssetKey.from_user_string(one.asset),
        group_name=EDITIONS,
        description=(
            f"{report.title} of each {report.period}: {', '.join(figure.name for figure in report.figures)}. Sent "
            f"to {audiences} {due}; once, and never past a check that failed. {one.runbook.front.purpose}"
        ),
        kinds={"email"},
        partitions_def=_partitions(handbook, one),
        # An edition a run: each is judged and sent for itself.
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        deps=[
            dg.AssetDep(
                dg.AssetKey([PREFIX, one.table]),
                partition_mapping=SAME_DAY.mapping if same_day else dg.TimeWindowPartitionMapping(),
            )
        ],
        metadata={"audiences": audiences, "due": due},
        # A run that sends nothing makes nothing: the partition stays missing.
        output_required=False,
    )
    def asset(context: dg.AssetExecutionContext, office: EditionOffice) -> Iterator[dg.MaterializeResult[None]]:
        keys = context.partition_key_range
        if keys.start != keys.end:
            raise dg.Failure(
                f"{one.asset} is sent an edition a run, and this one is to send those from {keys.start} to "
                f"{keys.end}; nothing is sent: launch a run for each, as a backfill does",
                allow_retries=False,
            )
        try:
            yield from _run(context, office, one.key)
        except (HandbookError, LedgerError, NotSentError, OfficeError, ReportingError) as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        except SQLAlchemyError as error:
            # Its words repeat what was to be written, which is the edition.
            kind = type(error).__name__
            raise dg.Failure(f"the ledger does not answer ({kind}); see that its database is there") from None

    return asset


def in_words(due: Due) -> str:
    """When an edition is sent, as one would say it: `every Monday at 07:00`."""
    if due.before is not None:
        count = due.business_days or 0
        days = f"{count} business day{'s' * (count != 1)} before" if count else "on the last business day up to"
        return f"{days} the next date of {due.before} at {due.at}"
    if due.on is None:
        return f"every day at {due.at}"
    if isinstance(due.on, int):
        return f"on the {due.on}{_ENDINGS.get(due.on, 'th')} at {due.at}"
    return f"every {due.on.capitalize()} at {due.at}"


def _partitions(handbook: Handbook, one: Planned) -> dg.TimeWindowPartitionsDefinition:
    """The whole days, weeks from Monday or months that the sources cover, each by its first day."""
    first, last = handbook.sources.first_day, handbook.sources.last_day
    if one.report.period == "day":
        return daily(first, last)
    end = None if last is None else Days.one(last).end.strftime("%Y-%m-%d")
    if one.report.period == "week":
        return dg.WeeklyPartitionsDefinition(
            start_date=first.isoformat(), end_date=end, timezone="UTC", day_offset=_MONDAY
        )
    return dg.MonthlyPartitionsDefinition(start_date=first.isoformat(), end_date=end, timezone="UTC")


def _run(
    context: dg.AssetExecutionContext, office: EditionOffice, key: str
) -> Iterator[dg.MaterializeResult[None]]:
    handbook = office.handbook()
    one = next((one for one in planned(handbook) if one.key == key), None)
    if one is None:
        raise NotSentError(
            f"the handbook has no report {key} any more, so it is not sent; load the definitions anew"
        )
    days = partition_of(one, context.partition_key)
    due = due_of(handbook, one, days)
    if due is None:
        context.log.info(f"{key} for {days} is not sent: the handbook plans none of these days.")
        return
    occasion, tags = Occasion(one, days, due), context.run.tags
    sending = Sending(office, handbook, context.instance, office.graph(context), occasion, context.run.run_id)
    # The desk asks for what nobody has got yet.
    edition = sending.send(late=EDITION in tags or tags.get(SEND_LATE) == "true")
    if isinstance(edition, NotWanted):
        hint = f'; if it is to be sent, run it with the tag `{SEND_LATE}: "true"`' if edition.late else ""
        context.log.info(f"{key} for {days} is not sent: {edition.why}{hint}.")
        return
    mine = edition.run_id == context.run.run_id
    by = "by this run" if mine else f"by run {edition.run_id}, and not again"
    context.log.info(f"{key} for {days}: {_copies(edition)}, {by}.")
    if edition.state != "sending":
        yield dg.MaterializeResult(metadata=_metadata(handbook, one, office, edition))
    if (mine or edition.state == "sending") and (left := unfinished(edition)):
        raise NotSentError(left)


def _metadata(
    handbook: Handbook, one: Planned, office: EditionOffice, record: EditionRecord
) -> Mapping[str, dg.MetadataValue[Any] | Any]:
    """Who was sent it and when, and when the next is due; no figures, which not all who look here may see."""
    edition = Edition.model_validate_json(record.content)
    told: dict[str, Any] = {
        "state": record.state,
        "copies": _copies(record),
        "audiences": ", ".join(one.report.to),
        "Message-IDs": dg.MetadataValue.json([copy.message_id for copy in record.copies]),
        "archive": dg.MetadataValue.path(office.archive_folder / place_of(edition)),
    }
    if record.sent_at is not None:
        told["sent at"] = dg.MetadataValue.timestamp(record.sent_at)
    if edition.override is not None:
        told["released by"] = edition.override.by
    # One that is sent at the very instant it is due is not the next.
    after = max(office.now(), record.due + timedelta(microseconds=1))
    return told | dict(countdown(handbook, one, after).metadata)


def _copies(record: EditionRecord) -> str:
    """`2 sent, 1 refused`, with what was said of those that were not sent."""
    counted = Counter(copy.state for copy in record.copies)
    said = [f"{count} {state}" for state, count in sorted(counted.items(), key=lambda one: one[0] != "sent")]
    errors = sorted({copy.last_error for copy in record.copies if copy.last_error})
    return ", ".join(said) + (f" ({'; '.join(errors)})" if errors else "")
