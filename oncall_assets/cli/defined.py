"""The definitions that Dagster loads, for the commands that need them, which load for seconds."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from oncall_assets.cli.asking import fail
from oncall_assets.cli.loading import refuse
from oncall_assets.handbook import HandbookError
from oncall_assets.handbook.problem import first_line

if TYPE_CHECKING:
    import dagster as dg

DEFINITIONS = "oncall_assets.definitions"


def definitions_of(module: str, folder: Path) -> dg.Definitions:
    """`definitions` of the module, loaded with the handbook in `folder`; the command ends if it fails."""
    import dagster as dg

    warnings.simplefilter("ignore", dg.BetaWarning)
    warnings.simplefilter("ignore", dg.PreviewWarning)
    try:
        with _as_dagster_loads(folder):
            found = getattr(importlib.import_module(module), "definitions", None)
    except HandbookError as error:
        refuse(error)
    except Exception as error:  # noqa: BLE001 - a module of somebody else's may raise anything
        fail(f"{module} does not load: {type(error).__name__}: {first_line(error)}")
    if not isinstance(found, dg.Definitions):
        fail(f"{module} has no `definitions`; expected a module with Dagster's Definitions under that name")
    return found


@contextmanager
def _as_dagster_loads(folder: Path) -> Iterator[None]:
    """The handbook of this command, and modules from the working directory, as for `dagster -m`."""
    before, path = os.environ.get("ONCALL_HANDBOOK"), list(sys.path)
    os.environ["ONCALL_HANDBOOK"] = str(folder)
    sys.path.append(str(Path.cwd()))
    try:
        yield
    finally:
        sys.path[:] = path
        if before is None:
            del os.environ["ONCALL_HANDBOOK"]
        else:
            os.environ["ONCALL_HANDBOOK"] = before
