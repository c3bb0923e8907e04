"""The rota: who is on call when. `turns` counts the base rotation, `resolve` answers for an instant."""

from oncall_assets.rota.resolve import Shift, on_call, shifts

__all__ = ["Shift", "on_call", "shifts"]
