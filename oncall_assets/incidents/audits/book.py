"""Whether the handbook on disk can be read, and the last one that could: it says whom to tell, and over what."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from oncall_assets.handbook import Handbook, HandbookError, handbook_files
from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.audits.finding import Finding, Sight, reason_of
from oncall_assets.notify.message import printable, shorten
from oncall_assets.rota import Rota

_LISTED = 3


class Book:
    """Reads the handbook in `folder` by `read` at each look; `known` is the last sound one, with its rota.

    `keep` leaves a copy of that in the folder `copy`: a release that breaks the handbook restarts the watchdog,
    and then somebody must be told. `trouble` says why there is no copy, or none of use.
    """

    def __init__(self, read: Callable[[Path], Handbook], folder: Path, copy: Path) -> None:
        self._read = read
        self._folder = folder
        self._copy = copy
        self._copied: dict[str, bytes] = {}
        self._is_sound = False
        self.known: tuple[Handbook, Rota] | None = None
        self.trouble: str | None = None

    @property
    def watch(self) -> Watch:
        return self.known[0].team.watch if self.known else Watch()

    def __call__(self, watch: Watch, now: datetime) -> Sight:  # noqa: ARG002 - what every look is given
        try:
            self.known = self._sound(self._folder, now)
        except HandbookError as error:
            shown = [str(problem) for problem in error.problems[:_LISTED]]
            more = len(error.problems) - len(shown)
            detail = "; ".join([*shown, *([f"and {more} more"] if more else [])])
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody can be told who is on call
            detail = reason_of(error)
        else:
            self._is_sound = True
            return Sight()
        self._is_sound = False
        self.known = self.known or self._kept(now)
        title = "The handbook does not load, so the rota cannot be told"
        return Sight((Finding("handbook", title, shorten(printable(detail), 800)),))

    def _sound(self, folder: Path, now: datetime) -> tuple[Handbook, Rota]:
        handbook = self._read(folder)
        rota = Rota(handbook)
        rota.on_call(now)
        return handbook, rota

    def _kept(self, now: datetime) -> tuple[Handbook, Rota] | None:
        try:
            return self._sound(self._copy, now)
        except Exception as error:  # noqa: BLE001 - it was sound once, and may be of an older release
            self.trouble = f"no earlier handbook can be used either: {reason_of(error)}"
            return None

    def keep(self) -> None:
        """Copy the handbook if the last look found it sound and it is not as it was copied last."""
        if not self._is_sound:
            return
        try:
            files = {
                str(path.relative_to(self._folder)): path.read_bytes() for path in handbook_files(self._folder)
            }
            if files != self._copied:
                _replace(self._copy, files)
                self._copied = files
            self.trouble = None
        except OSError as error:
            self.trouble = f"the handbook was not copied to {self._copy}: {error}"


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    for name, content in files.items():
        path = fresh / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
