"""What a look may find, apart from how it looks, so that every look can be judged in the same way."""

from __future__ import annotations

from dataclasses import dataclass

from oncall_assets.handbook.problem import first_line
from oncall_assets.notify.message import oneline


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now; `key` stays the same as long as it holds, and its first word is its group.

    `explained_by` holds keys of findings that are its cause where they are found too.
    """

    key: str
    title: str
    detail: str
    explained_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look found; of the groups in `blind` it could not tell whether anything is wrong."""

    findings: tuple[Finding, ...] = ()
    blind: frozenset[str] = frozenset()


def group_of(key: str) -> str:
    """The group of the finding with this key."""
    return key.partition(" ")[0]


def reason_of(error: BaseException) -> str:
    """Kind and first line of what broke a look, as a finding's detail."""
    return oneline(f"{type(error).__name__}: {first_line(error)}", 500)
