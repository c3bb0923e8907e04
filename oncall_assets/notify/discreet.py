"""Keeps figures that go to investors out of chats, logs and phones, where the team did not allow them."""

from __future__ import annotations

from typing import Final

from oncall_assets.notify.message import Message, Notice, Page

# What stands for a finding in `discreet` rows.
HIDDEN: Final = "hidden here, as its figures go to investors"


def without_figures(message: Message, channel: str) -> Message:
    """The message as it may be told over `channel`, which shows no figures that go to investors.

    Of a page about a pipeline for investors a sentence stands for the evidence and says where that is. A notice
    that tells such figures has other rows instead. An update and a digest tell none. A pipeline for other people
    from which investors' figures are computed is its own affair: what it shows is not what investors are told.
    """
    match message:
        case Page(private=True):
            where = f"see it in Dagster, or set channels.{channel}.investor_figures in team.yaml"
            evidence = {
                "finding": f"{HIDDEN.capitalize()}: {where}.",
                "observed": None,
                "threshold": None,
                "sample": "",
            }
            return message.model_copy(update=evidence)
        case Notice(discreet=rows) if rows is not None:
            return message.model_copy(update={"rows": rows, "discreet": None})
    return message
