"""The shape of `sources.yaml`: where each landed table comes from, by configuration alone."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from oncall_assets.handbook.values import Name, Written


def _day_pattern(value: str) -> str:
    if "{day}" not in value:
        raise ValueError(f"{value!r} names one file for all days; expected a path with {{day}} in it")
    if ".." in PurePosixPath(value).parts or PurePosixPath(value).is_absolute():
        raise ValueError(f"{value!r} leads out of the folder; expected a path inside `folder`")
    return value


class SampleSource(Written):
    """The sample company's table of this name."""

    kind: Literal["sample"]


class FolderSource(Written):
    """Files `folder/path` with `{day}` as YYYY-MM-DD; CSV, JSON lines or Parquet by their ending, gzip too.

    `query` maps the file, called `raw`, on to the contract; a CSV's columns are text there. A relative
    `folder` starts at the handbook; `missing: empty` takes a day without a file for a day without rows.
    """

    kind: Literal["folder"]
    folder: str
    path: Annotated[str, AfterValidator(_day_pattern)]
    query: str | None = None
    missing: Literal["error", "empty"] = "error"


class DatabaseSource(Written):
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

    @model_validator(mode="after")
    def _sound(self) -> Sources:
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError(f"last_day {self.last_day} is before first_day {self.first_day}")
        if self.sample is None and any(place.kind == "sample" for place in self.sources.values()):
            raise ValueError("a source is of kind sample; expected `sample: {accounts: …, seed: …}` too")
        return self
