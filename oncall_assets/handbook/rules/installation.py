"""Rules about what the figures are computed on: the disk, and the libraries."""

from __future__ import annotations

from typing import Literal

from oncall_assets.handbook.rules.written import AnyRule, Texts
from oncall_assets.handbook.values import Size


class Headroom(AnyRule):
    """At least `at_least` bytes are free where the tables are kept.

    With `quota`, which the stored tables may take up altogether, what is left of it counts as well.
    """

    rule: Literal["headroom"]
    at_least: Size
    quota: Size | None = None

    example = "{headroom: {at_least: 5 GiB, quota: 200 GiB}}"


class Environment(AnyRule):
    """Each library that `pins` names is installed in the version pinned there.

    `pins` is a file of `name==version` lines, found from the handbook's folder. `packages` judges those alone: the
    ones whose next version may compute another figure.
    """

    rule: Literal["environment"]
    pins: str
    packages: Texts | None = None

    example = "{environment: {pins: ../constraints.txt, packages: [duckdb, ibis-framework, pyarrow]}}"
