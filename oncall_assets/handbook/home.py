"""Where the team's words and this project's state live, so that no other module reads the environment for it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def handbook_folder() -> Path:
    """The folder named by `ONCALL_HANDBOOK`, or `runbooks` in the working directory."""
    return Path(os.environ.get("ONCALL_HANDBOOK") or "runbooks")


def state_folder() -> Path:
    """The folder named by `ONCALL_HOME`, or `.oncall` in the working directory; always absolute."""
    return Path(os.environ.get("ONCALL_HOME") or ".oncall").resolve()


def free_bytes(folder: Path) -> int:
    """Free for this user on the disk of `folder`, or of what is to hold it when it is made."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


def ledger_url() -> str:
    """The database named by `ONCALL_DATABASE_URL`, which may hold a password, or SQLite in the state folder."""
    return os.environ.get("ONCALL_DATABASE_URL") or f"sqlite:///{state_folder() / 'ledger.sqlite'}"


def dagster_url() -> str:
    """Address of the Dagster UI that links in pages lead to, without a slash at its end."""
    return (os.environ.get("ONCALL_DAGSTER_URL") or "http://127.0.0.1:3000").rstrip("/")
