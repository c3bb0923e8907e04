"""Rules about what the figures are computed on: the disk, and the libraries."""

from __future__ import annotations

import posixpath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from oncall_assets.handbook.problem import shown
from oncall_assets.handbook.rules.written import AnyRule, Texts
from oncall_assets.handbook.values import Size

# A handbook lies in its project, or in a folder of handbooks there; nothing above the project is read.
_LEVELS_UP = 2


def _near(path: str) -> str:
    parts = posixpath.normpath(path).split("/")
    if posixpath.isabs(path) or "\\" in path or parts.count("..") > _LEVELS_UP:
        expected = "expected one at most two folders above the handbook's, such as ../constraints.txt"
        raise ValueError(f"{shown(path)} leads out of the project; {expected}")
    return path


class Headroom(AnyRule):
    """At least `at_least` bytes are free where the tables are kept.

    With `quota`, which the stored tables may take up altogether, what is left of it counts as well: the smaller
    of the two is judged.
    """

    rule: Literal["headroom"]
    at_least: Size
    quota: Size | None = None

    example = "{headroom: {at_least: 5 GiB, quota: 200 GiB}}"
    reads_tables = False
    about_days = False


class Environment(AnyRule):
    """Each library that `pins` names is installed in the version pinned there.

    `pins` is a file of `name==version` lines, found from the handbook's folder; other lines are not read.
    `packages` judges those alone: the ones whose next version may compute another figure.
    """

    rule: Literal["environment"]
    pins: Annotated[str, Field(min_length=1), AfterValidator(_near)]
    packages: Texts | None = None

    example = "{environment: {pins: ../constraints.txt, packages: [duckdb, ibis-framework, pyarrow]}}"
    reads_tables = False
    about_days = False
