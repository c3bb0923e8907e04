"""The disk and the libraries as they are on this machine, asked anew at each check."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

from oncall_assets.handbook.home import free_bytes


class Installation:
    """What rules ask of an installation (see `checks.rules.facts`); the tables are kept in `state/warehouse`."""

    def __init__(self, handbook_folder: Path, state: Path) -> None:
        self._handbook = handbook_folder
        self._warehouse = state.absolute() / "warehouse"

    def free(self) -> int:
        """Bytes free for this user on the disk of the tables, or of what is to hold them when they are made."""
        return free_bytes(self._warehouse)

    def used(self) -> int:
        """Bytes of all files there; 0 where there are no tables yet."""
        return _bytes_below(self._warehouse)

    def installed(self, distribution: str) -> str | None:
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return None

    def handbook(self) -> Path:
        return self._handbook


def _bytes_below(folder: str | Path) -> int:
    """Files that other runs take away meanwhile count as nothing."""
    total = 0
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return 0
    with entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                total += _bytes_below(entry.path)
                continue
            try:
                total += entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                continue
    return total
