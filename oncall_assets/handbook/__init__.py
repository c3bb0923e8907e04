"""The handbook: files that people write, as models the program can trust.

`book` loads a folder and reports all its problems; `team`, `rota`, `escalation`, `runbook`, `sources`, `rules` and
`published` are the shapes of its files, made of `values`; `crosscheck`, `rotacheck` and `tellcheck` judge what is
said in two places. `source` keeps line numbers (`tree`), `problem`, `wording`, `fields` and `regions` say what is
wrong there, `edit` changes a file without losing its comments. `home` says where handbook and state live, `labels`
what the layer writes into Dagster.
"""

from oncall_assets.handbook.book import Handbook, handbook_files, load_handbook
from oncall_assets.handbook.problem import HandbookError, Problem

__all__ = ["Handbook", "HandbookError", "Problem", "handbook_files", "load_handbook"]
