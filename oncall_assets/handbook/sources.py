"""The shape of `sources.yaml`: where each landed table comes from, by configuration alone."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from oncall_assets.handbook.problem import shown
from oncall_assets.handbook.values import Hour, Name, Written

_ENDINGS = (".csv", ".csv.gz", ".json", ".json.gz", ".jsonl", ".jsonl.gz", ".parquet")


def _day_pattern(value: str) -> str:
    if "{day}" not in value:
        raise ValueError(f"{shown(value)} names one file for all days; expected a path with {{day}} in it")
    if set("{}") & set(value.replace("{day}", "")):
        raise ValueError(f"{shown(value)} has braces around something else; expected {{day}} only")
    if ".." in PurePosixPath(value).parts or PurePosixPath(value).is_absolute():
        raise ValueError(f"{shown(value)} leads out of the folder; expected a path inside `folder`")
    if not value.endswith(_ENDINGS):
        raise ValueError(f"{shown(value)} has no known ending; expected one of {', '.join(_ENDINGS)}")
    return value


class _Arriving(Written):
    """A day's rows are there by `arrives_by` on the day after, in the team's zone, or the source is silent.

    `tell` names the engineer or team that is told of the silence beside whoever is on call.
    """

    arrives_by: Hour | None = None
    tell: Name | None = None

    @field_validator("tell")
    @classmethod
    def _told_of_something(cls, tell: str | None, info: ValidationInfo) -> str | None:
        if tell is not None and info.data.get("arrives_by", "") is None:
            raise ValueError("is told when the source is silent, and nothing says when that is; add `arrives_by`")
        return tell


class SampleSource(_Arriving):
    """The sample company's table of this name."""

    kind: Literal["sample"]


class FolderSource(_Arriving):
    """Files `folder/path` with `{day}` as YYYY-MM-DD; CSV, JSON lines or Parquet by their ending, gzip too.

    `query` maps the file, called `raw`, on to the contract; a CSV's columns are text there. A query that names
    `before` sees under it the rows of all earlier days' files. A relative `folder` starts at the handbook;
    `missing: empty` takes a day without a file for a day without rows.
    """

    kind: Literal["folder"]
    folder: str
    path: Annotated[str, AfterValidator(_day_pattern)]
    query: str | None = None
    missing: Literal["error", "empty"] = "error"


class DatabaseSource(_Arriving):
    """Rows of a query with the parameters `$1` (start) and `$2` (end) of the day, from a PostgreSQL or SQLite URL.

    `url_env` names the environment variable that holds the URL, as it holds a password.
    """

    kind: Literal["database"]
    url_env: Name
    query: str = Field(min_length=1)


class NoSource(Written):
    """A table this team does not have; it lands empty, and `because` says why."""

    kind: Literal["none"]
    because: str = Field(min_length=1)


SourcePlace = Annotated[SampleSource | FolderSource | DatabaseSource | NoSource, Field(discriminator="kind")]


class SampleCompany(Written):
    """Size and seed of the sample company."""

    accounts: Annotated[int, Field(ge=1)]
    seed: int


class Sources(Written):
    """The whole of `sources.yaml`; partitions run from `first_day` to `last_day`, or on and on without it."""

    first_day: date
    last_day: date | None = None
    sample: SampleCompany | None = None
    sources: dict[Name, SourcePlace]

    @field_validator("last_day")
    @classmethod
    def _not_before_the_first(cls, last_day: date | None, info: ValidationInfo) -> date | None:
        first_day = info.data.get("first_day")
        if last_day is not None and first_day is not None and last_day < first_day:
            raise ValueError(f"{last_day} is before first_day, {first_day}; expected the same day or later")
        return last_day
