"""The handbook: files that people write, as models the program can trust.

`book` loads a folder and reports all its problems; `team`, `rota`, `escalation`, `runbook`, `sources`, `rules` and
`published` are the shapes of its files; `source` keeps line numbers, `edit` changes a file without losing its
comments; `home` says where handbook and state live.
"""

from oncall_assets.handbook.book import Handbook, load_handbook
from oncall_assets.handbook.problem import HandbookError, Problem

__all__ = ["Handbook", "HandbookError", "Problem", "load_handbook"]
