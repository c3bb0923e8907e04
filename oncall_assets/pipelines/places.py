"""Where source data is fetched from, so that binding a table to a new place is configuration and never code."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
from ibis.backends.duckdb import Backend as DuckDB

from oncall_assets.handbook import Handbook
from oncall_assets.handbook.home import state_folder
from oncall_assets.handbook.problem import first_line
from oncall_assets.handbook.sources import DatabaseSource, FolderSource, NoSource, SampleSource, SourcePlace
from oncall_assets.metrics.contracts import Contract
from oncall_assets.pipelines.arrival import Arrived, Silent
from oncall_assets.pipelines.databases import read_database

_READERS = {
    ".csv": "read_csv(?, all_varchar = true, header = true)",
    ".json": "read_json(?, columns = {columns})",
    ".jsonl": "read_json(?, columns = {columns})",
    ".parquet": "read_parquet(?)",
}


class Places:
    """Reads one day after another up to `last` for one landed table of a handbook, in the engine it is given."""

    def __init__(self, engine: DuckDB, handbook: Handbook, contract: Contract, last: date) -> None:
        self._engine = engine
        self._handbook = handbook
        self._contract = contract
        self._last = last
        # `before` has the rows of all files up to that day, and `raw` those of one day.
        self._before: date | None = None
        self._in_raw: date | None = None

    @property
    def place(self) -> SourcePlace:
        return self._handbook.sources.sources[self._contract.name]

    def fetch(self, day: date) -> Arrived | None:
        """The day's rows, or None where the handbook says that no rows is right.

        Raises Silent if nothing is there, and ValueError if what is there cannot be read or mapped.
        """
        match self.place:
            case SampleSource():
                return self._sample(day)
            case FolderSource() as place:
                return self._folder(place, day)
            case DatabaseSource() as place:
                return self._database(place, day)
            case NoSource():
                return None

    def _sample(self, day: date) -> Arrived:
        folder = state_folder() / "sample"
        path = folder / self._contract.name / f"{day}.parquet"
        if not path.exists():
            self._fill(folder, day)
        self._load("arrived", _READERS[".parquet"], [str(path)])
        return Arrived("arrived", as_text=False, origin=str(path))

    def _fill(self, folder: Path, day: date) -> None:
        # Imported here: a team with data of its own never makes any up.
        from oncall_assets.sample import Company, fill  # noqa: PLC0415

        sources = self._handbook.sources
        assert sources.sample is not None, "the handbook was validated"
        # The whole stretch at once: each day follows from those before.
        days = (max(day, self._last) - sources.first_day).days + 1
        fill(Company(sources.sample.accounts, days, sources.sample.seed, sources.first_day), folder)

    def _folder(self, place: FolderSource, day: date) -> Arrived | None:
        path = self._path(place, day)
        if not path.exists():
            if place.missing == "empty":
                return None
            raise Silent(f"no file {path} for {day}")
        kind = _kind(path)
        looks_back = place.query is not None and re.search(r"\bbefore\b", place.query)
        if looks_back and self._before is not None:
            self._load_before(place, self._before, day)
        self._load("raw", self._reader(path), [str(path)])
        self._in_raw = day
        if place.query is not None:
            if looks_back and self._before is None:
                self._engine.raw_sql("CREATE OR REPLACE TEMP TABLE before AS SELECT * FROM raw WHERE false")
                self._load_before(place, self._handbook.sources.first_day, day)
            self._map(place.query, day)
        else:
            self._engine.raw_sql("CREATE OR REPLACE TEMP TABLE arrived AS SELECT * FROM raw")
        return Arrived("arrived", as_text=kind != ".parquet", origin=str(path))

    def _database(self, place: DatabaseSource, day: date) -> Arrived:
        url = os.environ.get(place.url_env)
        if not url:
            raise Silent(f"the environment variable {place.url_env} is not set; set it to the database's URL")
        start = datetime.combine(day, time(), tzinfo=UTC)
        rows = read_database(url, place.query, start, start + timedelta(days=1))
        self._engine.con.register("fetched", rows)
        self._engine.raw_sql("CREATE OR REPLACE TEMP TABLE arrived AS SELECT * FROM fetched")
        self._engine.con.unregister("fetched")
        return Arrived("arrived", as_text=url.startswith("sqlite"), origin=place.url_env)

    def _path(self, place: FolderSource, day: date) -> Path:
        folder = (self._handbook.folder / place.folder).resolve()
        path = (folder / place.path.format(day=day)).resolve()
        if not path.is_relative_to(folder):
            raise Silent(f"{path} leads out of {folder}")
        return path

    def _reader(self, path: Path) -> str:
        reader = _READERS[_kind(path)]
        if "{columns}" not in reader:
            return reader
        # JSON is read as text, so that 12.7 is refused where whole cents are promised and not rounded.
        found = self._run("DESCRIBE SELECT * FROM read_json(?)", [str(path)]).fetchall()
        columns = ", ".join(f"'{row[0].replace(chr(39), chr(39) * 2)}': 'VARCHAR'" for row in found)
        return reader.format(columns="{" + columns + "}")

    def _load_before(self, place: FolderSource, since: date, day: date) -> None:
        """Keep `before`, the rows of all earlier files, one step behind the day that is read."""
        for offset in range((day - since).days):
            earlier = since + timedelta(days=offset)
            path = self._path(place, earlier)
            if earlier == self._in_raw:
                self._engine.raw_sql("INSERT INTO before BY NAME SELECT * FROM raw")
            elif path.exists():
                self._run(f"INSERT INTO before BY NAME SELECT * FROM {self._reader(path)}", [str(path)])  # noqa: S608 - a fixed reader
        self._before = day

    def _load(self, name: str, reader: str, parameters: list[str]) -> None:
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {reader}", parameters)  # noqa: S608 - fixed words

    def _map(self, query: str, day: date) -> None:
        try:
            self._engine.raw_sql(f"CREATE OR REPLACE TEMP TABLE arrived AS {query}")
        except duckdb.Error as error:
            where = self._handbook.sources_source.problem(
                ("sources", self._contract.name, "query"),
                f"does not run on the file of {day}: {first_line(error)}",
            )
            raise ValueError(str(where)) from None

    def _run(self, sql: str, parameters: list[str]) -> duckdb.DuckDBPyConnection:
        try:
            result: duckdb.DuckDBPyConnection = self._engine.con.execute(sql, parameters)
        except duckdb.Error as error:
            raise ValueError(f"{parameters[0]} cannot be read: {first_line(error)}") from None
        return result


def _kind(path: Path) -> str:
    kind = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if kind not in _READERS:
        raise ValueError(f"{path} is of no kind we read; expected one of {', '.join(_READERS)}, .gz allowed")
    return kind
