"""The handbook as it stands on disk now: a swap agreed this morning must not wait for a restart of Dagster."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from oncall_assets.handbook import Handbook, HandbookError, handbook_files, load_handbook
from oncall_assets.rota import Rota
from oncall_assets.rota.check import check_rota

Stamp = tuple[tuple[str, int, int], ...]


class CurrentHandbook:
    """Begins with a handbook that was loaded, and reads its folder again whenever a file there has changed."""

    def __init__(self, handbook: Handbook) -> None:
        self._handbook = handbook
        self._rota = Rota(handbook)
        self._read = _stamp(handbook.folder)
        self._trouble: str | None = None

    def look(self, warn: Callable[[str], None]) -> tuple[Handbook, Rota]:
        """The handbook and its rota: the last that were sound. `warn` hears why those on disk are not."""
        stamp = _stamp(self._handbook.folder)
        if stamp != self._read:
            self._reload()
            self._read = stamp
        if self._trouble:
            warn(f"the handbook on disk is not sound, so the one read before stays in force:\n{self._trouble}")
        return self._handbook, self._rota

    def _reload(self) -> None:
        try:
            changed = load_handbook(self._handbook.folder, frozenset(self._handbook.sources.sources))
            check_rota(changed)
        except HandbookError as error:
            self._trouble = str(error)
            return
        self._handbook, self._rota, self._trouble = changed, Rota(changed), None


def _stamp(folder: Path) -> Stamp:
    """What tells that a file came, went or was written: names, sizes and times of change."""
    files = handbook_files(folder)
    return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path in files if (stat := _stat(path)))


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        # An editor may replace it at this very moment; the next look sees it.
        return None
