"""Handbooks made for a test: the default team, with the sources the test wants."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.metrics.contracts import LANDED

DEFAULT = Path(__file__).parents[2] / "runbooks"


def handbook_with(folder: Path, sources: dict[str, dict[str, Any]], first_day: str = "2026-01-01") -> Handbook:
    """The default handbook copied to `folder`, with these sources bound and all others `none`."""
    shutil.copytree(DEFAULT, folder, dirs_exist_ok=True)
    none = {"kind": "none", "because": "not in this test"}
    written = {"first_day": first_day, "sources": {name: sources.get(name, none) for name in LANDED}}
    if any(place["kind"] == "sample" for place in sources.values()):
        written["sample"] = {"accounts": 60, "seed": 3}
    text = folder / "sources.yaml"
    with text.open("w") as file:
        YAML().dump(written, file)
    # YAML writes a bare date for what was text; the handbook wants just that.
    text.write_text(text.read_text().replace(f"'{first_day}'", first_day))
    return load_handbook(folder, frozenset(LANDED))
