"""Rules about the reporting database, where people read what the assets say: the same rows, the right readers."""

from __future__ import annotations

from typing import Literal

from oncall_assets.handbook.rules.written import AnyRule


class PublishedMatches(AnyRule):
    """The reporting database has exactly the rows of the table's days, equal in every column.

    Rows that are missing, are too many or differ are told apart.
    """

    rule: Literal["published_matches"]

    example = "{published_matches: {}}"
    asks_reporting = True


class Grants(AnyRule):
    """Those who may read the table in the reporting database are exactly those that the handbook names.

    They are the `readers` under `reporting:` of `team.yaml`. Somebody who may change the table is one too many.
    """

    rule: Literal["grants"]

    example = "{grants: {}}"
    reads_tables = False
    asks_reporting = True
    about_days = False
