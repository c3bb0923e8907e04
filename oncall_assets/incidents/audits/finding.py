"""What a look may find, apart from how it looks, so that every look can be judged in the same way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now; `key` stays the same as long as it holds, and its first word is its group.

    `explained_by` holds keys of findings that are its cause where they are found too.
    """

    key: str
    title: str
    detail: str
    explained_by: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.key.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look found; of the groups in `blind` it could not tell whether anything is wrong."""

    findings: tuple[Finding, ...] = ()
    blind: frozenset[str] = frozenset()


def first_line(error: BaseException) -> str:
    """The first line of an error's message that is not empty, or the error's kind."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
