"""Jobs that take an incident, end it or keep it quiet, for whoever has Dagster's UI at hand and no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import dagster as dg
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import ledger_url
from oncall_assets.handbook.labels import QUIET
from oncall_assets.incidents import asked
from oncall_assets.incidents.actions.backfill import Site
from oncall_assets.incidents.actions.chosen import Asked
from oncall_assets.incidents.actions.doing import Doer, desk_for_telling
from oncall_assets.incidents.actions.offers import JOB, OP
from oncall_assets.incidents.ledger.ledger import Ledger
from oncall_assets.incidents.ledger.records import LedgerError
from oncall_assets.incidents.policy.silences import Silence

_BY = "Your key in team.yaml."
_INCIDENT = "The number of the incident, as its page gives it."


class Acknowledgement(dg.Config):
    """Who has which incident."""

    incident: int = Field(description=_INCIDENT)
    by: str = Field(description=_BY)
    text: str = Field(default="", description="A word for the incident's story, if there is any.")


class Resolution(dg.Config):
    """Who ended which incident, and what it was."""

    incident: int = Field(description=_INCIDENT)
    by: str = Field(description=_BY)
    because: str = Field(description="What it was, for whoever reads the story.")


class Note(dg.Config):
    """A word for an incident's story, or for the next engineer on call."""

    incident: int = Field(default=0, description=f"{_INCIDENT} 0: for the next engineer on call.")
    by: str = Field(description=_BY)
    text: str = Field(description="What to keep.")


class Quiet(dg.Config):
    """What is not to be told, for how long, and why: an asset, a pipeline or a check."""

    asset: str = Field(default="", description="The asset, as Dagster shows it.")
    pipeline: str = Field(default="", description="Or the pipeline, as team.yaml names it.")
    check: str = Field(default="", description="Or the check, as ASSET:CHECK.")
    hours: float = Field(description="For how long from now; two weeks at most.")
    by: str = Field(description=_BY)
    because: str = Field(description="Why nobody needs to be told.")


class StepToRun(dg.Config):
    """Which step of the runbook of which incident is to be done."""

    incident: int = Field(description=_INCIDENT)
    step: int = Field(description="The number of the step in the runbook's procedure.")
    by: str = Field(description=_BY)
    confirm: bool = Field(default=False, description="Without it the run only says what it would do.")
    again: bool = Field(default=False, description="Do it even if it was done before.")


def on_call_jobs(handbook: Handbook) -> list[dg.JobDefinition]:
    """`oncall_acknowledge`, `oncall_resolve`, `oncall_note`, `oncall_silence` and `oncall_run_step`.

    Failed runs of them page nobody.
    """

    @dg.op(name="acknowledge")
    def acknowledge(context: dg.OpExecutionContext, config: Acknowledgement) -> None:
        with _answering(context, handbook, config.by) as (ledger, now):
            text = asked.words(config.text) if config.text else None
            said = ledger.acknowledge(config.incident, config.by, now)
            if text is not None:
                ledger.comment(config.incident, config.by, text, now)
            context.log.info(said)

    @dg.op(name="resolve")
    def resolve(context: dg.OpExecutionContext, config: Resolution) -> None:
        with _answering(context, handbook, config.by) as (ledger, now):
            ledger.resolve(config.incident, config.by, asked.words(config.because), now)
            context.log.info(f"#{config.incident} is resolved.")

    @dg.op(name="note")
    def note(context: dg.OpExecutionContext, config: Note) -> None:
        with _answering(context, handbook, config.by) as (ledger, now):
            if config.incident:
                ledger.comment(config.incident, config.by, asked.words(config.text), now)
            else:
                ledger.note(config.by, asked.words(config.text), now)
            context.log.info("Kept.")

    @dg.op(name="silence")
    def silence(context: dg.OpExecutionContext, config: Quiet) -> None:
        with _answering(context, handbook, config.by) as (ledger, now):
            made = _silence(handbook, config, now)
            number = ledger.silence(made)
            context.log.info(f"Silence {number}: {asked.subject(made)} until {made.ends.isoformat()}.")
            if doubt := asked.unknown_subject(handbook, made):
                context.log.warning(f"Kept as written, but {doubt}")

    @dg.op(name=OP)
    def run_step(context: dg.OpExecutionContext, config: StepToRun) -> None:
        with _answering(context, handbook, config.by) as (ledger, now):
            origin = context.run.remote_job_origin
            desk = desk_for_telling(handbook, origin.location_name if origin else None)
            doer = Doer(ledger, desk, lambda: Site(context.instance, context.repository_def.asset_graph))
            wanted = Asked(config.incident, config.step, config.by, config.again)
            if not config.confirm:
                would = "\n".join(doer.would(wanted, now))
                raise asked.Refused(f"nothing is done yet; with `confirm: true` it would be this\n{would}")
            context.log.info("\n".join(doer.do(wanted, now)))

    return [
        _job(
            "oncall_acknowledge",
            acknowledge,
            Acknowledgement,
            "Say that you have an incident, and so stop its escalation.",
        ),
        _job(
            "oncall_resolve",
            resolve,
            Resolution,
            "Say that an incident is over; those who were told of it are told so.",
        ),
        _job(
            "oncall_note", note, Note, "Add to an incident's story, or leave a word for the next engineer on call."
        ),
        _job("oncall_silence", silence, Quiet, "Page nobody for an asset, a pipeline or a check for some hours."),
        _job(
            JOB,
            run_step,
            StepToRun,
            "Let a step of a runbook be done: a backfill, a prepared text sent, a page to more people.",
        ),
    ]


def _silence(handbook: Handbook, config: Quiet, now: datetime) -> Silence:
    """The silence asked for, `id` 0. Raises Refused."""
    named = [name for name in (config.asset, config.pipeline, config.check) if name]
    if len(named) != 1:
        raise asked.Refused(f"it names {len(named)} things; expected one of asset, pipeline and check")
    if not config.hours > 0:
        raise asked.Refused(f"it lasts {config.hours:g} hours; expected more than none")
    # More would overflow before it is refused.
    ends = now + timedelta(hours=min(config.hours, 10_000.0))
    asked.lasting(now, ends, now)
    because = asked.words(config.because)
    if config.pipeline:
        asked.pipeline(handbook, config.pipeline)
    if config.check:
        asked.check(config.check)
    return Silence(
        0, config.by, because, now, ends, config.asset or None, config.pipeline or None, config.check or None
    )


@contextmanager
def _answering(context: dg.OpExecutionContext, handbook: Handbook, by: str) -> Iterator[tuple[Ledger, datetime]]:
    """The ledger and the time, for `by`; whatever is refused fails the run with its sentence."""
    try:
        asked.engineer(handbook, by)
        with Ledger(ledger_url()) as ledger:
            yield ledger, datetime.now(UTC)
    except (asked.Refused, LedgerError) as refusal:
        raise dg.Failure(str(refusal)) from None
    except SQLAlchemyError as error:
        context.log.error(str(error))
        raise dg.Failure("the ledger's database cannot be used; the log says why") from None


def _job(name: str, op: dg.OpDefinition, config: type[dg.Config], description: str) -> dg.JobDefinition:
    graph: dg.GraphDefinition = dg.GraphDefinition(name=name, node_defs=[op], description=description)
    # Every field, still empty: the launchpad shows only those that have a value.
    blank = {field: kind() for field, kind in get_type_hints(config).items() if field in config.model_fields}
    # A mistyped number is an answer to whoever typed it, and no reason to page anybody.
    tags: dict[str, Any] = {QUIET: "true"}
    # A process for the one step would double the wait.
    return graph.to_job(
        name=name,
        description=description,
        config={"ops": {op.name: {"config": blank}}},
        tags=tags,
        executor_def=dg.in_process_executor,
    )
