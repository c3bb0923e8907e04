"""The rota: who is on call when, and why.

`turns` counts the base rotation, and `plan` adds seasons and the table of major holidays; `changes` and `agreed`
apply swaps and overrides; `away`, `holidays`, `standins` and `sharing` say who steps in. `cover` puts the layers
together, `segment` by `segment`, and `resolve` answers from them (`shift`), by the instant or the stretch; `check`
finds gaps, `office` when people are at work.

`fairness`, with `days` and `availability`, measures the load; `moves` compares two rotas. `publish` freezes one of
the `quarters`, and `views` writes it as a `calendar` or a `sheet` (`strip`, `weeks`, `palette`, `markup`);
`loadchart` draws the load.

`planner` decides who owns which turn, `certify` turns its answer into a stored plan (`planfile`, in the letters of
`yamltext`), and `audit` judges plans by plain code that knows no planner.
"""

from oncall_assets.rota.quarters import Quarter
from oncall_assets.rota.resolve import Rota, on_call, shifts
from oncall_assets.rota.shift import Reason, Shift

__all__ = ["Quarter", "Reason", "Rota", "Shift", "on_call", "shifts"]
