"""A change to `team.yaml` that is tried before it is written, by the rules that judge a handbook on loading."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

import click

from oncall_assets.cli.loading import load, read
from oncall_assets.handbook import Handbook, HandbookError
from oncall_assets.handbook.edit import CannotEdit, one_line, replace_text, with_item
from oncall_assets.handbook.problem import Problem
from oncall_assets.handbook.rota import Override, Swap
from oncall_assets.rota.changes import refusal
from oncall_assets.rota.moves import Move, moved
from oncall_assets.rota.resolve import shifts

# A change of one turn can shift who stands in for somebody some turns away, and not much farther.
_AROUND: Final = timedelta(weeks=13)
_ROLES: Final = ("give", "take", "primary", "secondary")


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry for the list `key` of `team.yaml`, on a handbook that was sound when it was read."""

    handbook: Handbook
    text: str
    key: str
    entry: Mapping[str, object]

    @classmethod
    def of(cls, folder: Path, key: str, entry: Mapping[str, object]) -> Proposal:
        """On the handbook in `folder`; its problems end the command."""
        handbook = load(folder)
        return cls(handbook, _path(handbook).read_bytes().decode(), key, entry)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.handbook.team.timezone)

    def but(self, **fields: object) -> Proposal:
        """The same with other fields; a field that is None falls away."""
        entry = {name: value for name, value in {**self.entry, **fields}.items() if value is not None}
        return replace(self, entry=entry)

    def changed_text(self) -> str:
        """`team.yaml` with the entry. Raises CannotEdit."""
        return with_item(self.text, self.key, self.entry)

    def tried(self) -> Handbook:
        """The handbook with the entry. Raises HandbookError with what the rules refuse, and CannotEdit."""
        folder = self.handbook.folder
        with tempfile.TemporaryDirectory(prefix="oncall-") as name:
            beside = Path(name)
            for path in folder.iterdir():
                if path.name != "team.yaml":
                    (beside / path.name).symlink_to(path.resolve())
            (beside / "team.yaml").write_bytes(self.changed_text().encode())
            try:
                return replace(read(beside), folder=folder)
            except HandbookError as error:
                raise HandbookError(_elsewhere(problem, name, str(folder)) for problem in error.problems) from None

    def allowed(self) -> bool:
        """Whether the rules for changes take it, where the rest of the handbook stays as it is."""
        team = self.handbook.team
        if not {self.entry[role] for role in _ROLES if role in self.entry} <= set(team.engineers):
            return False
        model = Swap if self.entry["kind"] == "swap" else Override
        return refusal(self.handbook, model.model_validate(dict(self.entry)), team.changes) is None

    def moves(self, changed: Handbook, start: datetime, end: datetime) -> list[Move]:
        """What changes hands if the handbook becomes `changed`, around `[start, end)`."""
        first, last = start - _AROUND, end + _AROUND
        return moved(shifts(self.handbook, first, last), shifts(changed, first, last))

    def write(self, moves: Sequence[Move], dry_run: bool) -> None:
        """Show the line and who serves before and after, and write it unless it is a rehearsal."""
        from oncall_assets.cli.tables import print_moves

        path, changed = _path(self.handbook), self.changed_text()
        if not dry_run:
            try:
                replace_text(path, self.text, changed)
            except CannotEdit as error:
                refused([str(error)])
        added = one_line(self.entry)
        click.echo(f"{path}:{changed.count(chr(10), 0, changed.rindex(added)) + 1}: {self.key}: {added}")
        if moves:
            print_moves(moves, self.zone)
        else:
            click.echo("Nobody's shifts change.")
        click.echo("Nothing was written." if dry_run else "Commit it: the file in git is the approval.")


def refused(reasons: Sequence[str], alternatives: Sequence[str] = ()) -> NoReturn:
    """Say why not, and what would be allowed instead, and end the command with 1."""
    for reason in reasons:
        click.echo(f"refused: {reason}", err=True)
    for alternative in alternatives:
        click.echo(f"  {alternative}", err=True)
    click.echo("Nothing was written.", err=True)
    sys.exit(1)


def reasons_of(error: HandbookError | CannotEdit) -> list[str]:
    """The refusals without a line: the line is one of a file that was not written."""
    if isinstance(error, CannotEdit):
        return [str(error)]
    return [f"{problem.field}: {problem.message}" for problem in error.problems]


def _path(handbook: Handbook) -> Path:
    return handbook.folder / "team.yaml"


def _elsewhere(problem: Problem, here: str, there: str) -> Problem:
    return replace(problem, path=problem.path.replace(here, there), message=problem.message.replace(here, there))
