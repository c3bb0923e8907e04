"""A rule of the team's own, for what no rule of ours can say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from oncall_assets.handbook.rules.written import AnyRule


class Own(AnyRule):
    """What the team's own `function` says of the table, one such as `company_rules.margin_by_region`.

    It is called as `function(evidence, **arguments)` and returns a `Verdict`; both kinds are in
    `oncall_assets.checks`. `arguments` are what the function asks for beside the evidence, by name.
    """

    rule: Literal["own"]
    function: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")]
    arguments: dict[str, Any] = {}

    example = "{own: {function: company_rules.margin_by_region, arguments: {at_least: 0.2}}}"
