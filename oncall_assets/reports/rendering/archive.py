"""Editions as they were sent, kept as files that need nothing else and that nobody else may read."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from oncall_assets.reports.edition import Edition
from oncall_assets.reports.rendering.dates import period_name
from oncall_assets.reports.rendering.html import as_html
from oncall_assets.reports.rendering.table import as_csv

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")


class CannotArchive(OSError):
    """An edition whose place is not what it should be; `strerror` says what it is instead."""


def archive(edition: Edition, folder: Path) -> list[Path]:
    """Writes the page, the table and the edition as JSON to `<folder>/<report>/<period>/`, and says where.

    The page holds its pictures. The period is its first day, or `first_last`. Each file is there as a whole or not
    at all, readable by its owner only (0600, folders 0700); the same edition writes the same files again, and
    what is sent on purpose again has files of its own, `edition-resent-1.html`. No link below `folder` is
    followed: CannotArchive says so. Raises any other OSError as the system does.
    """
    place = place_of(edition)
    name = f"edition-resent-{edition.repeat}" if edition.repeat else "edition"
    files = {
        f"{name}.html": as_html(edition, pictures="data").encode(),
        f"{name}.csv": as_csv(edition).encode("utf-8-sig"),
        f"{name}.json": (edition.model_dump_json(indent=2) + "\n").encode(),
    }
    with _inside(folder, place) as handle:
        for file, content in files.items():
            _write(handle, file, content)
        os.fsync(handle)
    return [folder / place / file for file in files]


def place_of(edition: Edition) -> Path:
    """`aggregate_profit_daily/2026-10-06`. Raises CannotArchive where the report's key is no plain name."""
    if not _PLAIN_NAME.fullmatch(edition.report):
        problem = f"the report {edition.report!r} is no name for a folder; expected letters, digits and _"
        raise CannotArchive(errno.EINVAL, problem)
    return Path(edition.report, period_name(edition.first, edition.last))


@contextmanager
def _inside(folder: Path, place: Path) -> Iterator[int]:
    """The open folder `place` below `folder`, made where it is missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in place.parts:
            with suppress(FileExistsError):
                os.mkdir(part, 0o700, dir_fd=handle)
                os.fsync(handle)
            deeper = _folder(handle, part)
            os.close(handle)
            handle = deeper
            if stat.S_IMODE(os.fstat(handle).st_mode) != 0o700:
                os.fchmod(handle, 0o700)
        yield handle
    finally:
        os.close(handle)


def _folder(handle: int, part: str) -> int:
    try:
        return os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
    except OSError as error:
        if error.errno not in {errno.ELOOP, errno.ENOTDIR}:
            raise
        raise CannotArchive(error.errno, f"{part!r} there is a link or no folder; remove it") from None


def _write(handle: int, name: str, content: bytes) -> None:
    fresh = f".{name}.{token_hex(8)}"
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=handle)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.rename(fresh, name, src_dir_fd=handle, dst_dir_fd=handle)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(fresh, dir_fd=handle)
