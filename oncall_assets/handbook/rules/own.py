"""A rule of the team's own, for what no rule of ours can say."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from oncall_assets.handbook.problem import shown
from oncall_assets.handbook.rules.written import AnyRule


def _dotted(path: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", path):
        expected = "expected a module and a function in it, such as company_rules.margin_by_region"
        raise ValueError(f"{shown(path)} names no function; {expected}")
    return path


class Own(AnyRule):
    """What the team's own `function` says of the table, one such as `company_rules.margin_by_region`.

    It is called as `function(evidence, **arguments)` and returns a `Verdict`; both kinds are in
    `oncall_assets.checks`. `arguments` are what the function asks for beside the evidence, by name.
    """

    rule: Literal["own"]
    function: Annotated[str, AfterValidator(_dotted)]
    arguments: dict[str, Any] = {}

    example = "{own: {function: company_rules.margin_by_region, arguments: {at_least: 0.2}}}"
