"""The versions that a file pins, read as pip reads it, so that what differs here would differ for pip."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name

from oncall_assets.checks.rules.evidence import Unjudged


@dataclass(frozen=True, slots=True)
class Pin:
    """A library by its normalised name (PEP 503), and the one version it may have."""

    name: str
    version: str

    def met_by(self, installed: str | None) -> bool:
        """Whether this version is the pinned one as PEP 440 compares them: 1.5 is 1.5.0, and 1.5.0+cu12 too."""
        if installed is None:
            return False
        return installed == self.version or Specifier(f"=={self.version}").contains(installed, prereleases=True)


def read_pins(folder: Path, path: str, packages: Sequence[str] | None) -> list[Pin]:
    """The pins of the file `path`, found from `folder`, that hold on this machine: of `packages`, or all.

    Raises Unjudged if the file cannot be read, pins nothing, or does not pin one of `packages`.
    """
    try:
        text = (folder / path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Unjudged(f"there is no file {path} beside the handbook in {folder}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unjudged(f"{path} cannot be read as text ({type(error).__name__})") from None
    pins = list(dict.fromkeys(_pins(text)))
    if packages is None:
        if not pins:
            raise Unjudged(f"{path} pins nothing; expected lines such as duckdb==1.5.6")
        return pins
    wanted = {canonicalize_name(package): package for package in packages}
    missing = [package for name, package in wanted.items() if name not in {pin.name for pin in pins}]
    if missing:
        raise Unjudged(f"{path} does not pin {', '.join(missing)}; expected a line such as {missing[0]}==1.0.0")
    return [pin for pin in pins if pin.name in wanted]


def _pins(text: str) -> Iterator[Pin]:
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        # A comment begins at a `#` that stands apart, and hashes to compare follow behind options.
        written = re.split(r"(?:^|\s)(?:#|--)", line)[0].strip()
        try:
            requirement = Requirement(written)
        except InvalidRequirement:
            continue
        exact = [one for one in requirement.specifier if one.operator == "==" and not one.version.endswith(".*")]
        if exact and (requirement.marker is None or requirement.marker.evaluate()):
            yield Pin(canonicalize_name(requirement.name), exact[0].version)
