"""The rota: who is on call when, and why.

From the ground up: `turns` counts the base rotation and `quarters` its quarters; `holidays` and `away` know who
cannot serve; `plan` says what a turn is before that counts, `agreed` what people changed, `standins` and `sharing`
who serves for those away; `cover` stacks these layers to shifts, and `resolve` answers from them. `changes` and
`check` refuse what the rules refuse. `moves` and `fairness` compare and weigh shifts; `publish` freezes a quarter
and hands it out.
"""

from oncall_assets.rota.quarters import Quarter
from oncall_assets.rota.resolve import Rota, on_call, shifts
from oncall_assets.rota.shift import Reason, Shift

__all__ = ["Quarter", "Reason", "Rota", "Shift", "on_call", "shifts"]
