"""The handbooks of the five teams, as the tests of their demands ask them who serves."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

import dagster as dg

from oncall_assets.handbook import Handbook, load_handbook
from oncall_assets.handbook.reporting import PUBLISHED
from oncall_assets.layer import with_on_call
from oncall_assets.metrics.contracts import CONTRACTS, LANDED
from oncall_assets.rota import on_call
from oncall_assets.rota.check import check_rota

EXAMPLES = Path(__file__).parents[2] / "examples"


@cache
def example(name: str) -> Handbook:
    """The handbook of one team, as it stands in `examples/`."""
    return sound(EXAMPLES / name)


def sound(folder: Path) -> Handbook:
    """The handbook in a folder, with its rota checked as every command and the layer check it."""
    handbook = load_handbook(folder, frozenset(LANDED))
    check_rota(handbook)
    return handbook


def copied(folder: Path, name: str, lines: str = "", published: Mapping[str, str] | None = None) -> Path:
    """A copy of a team's folder with `lines` at the end of `team.yaml` and published quarters by name."""
    shutil.copytree(EXAMPLES / name, folder, dirs_exist_ok=True)
    team = folder / "team.yaml"
    team.write_text(team.read_text() + lines)
    for quarter, text in (published or {}).items():
        (folder / "published").mkdir(exist_ok=True)
        (folder / "published" / f"{quarter}.yaml").write_text(text)
    return folder


def with_lines(folder: Path, name: str, lines: str = "", published: Mapping[str, str] | None = None) -> Handbook:
    """The handbook of such a copy. Raises HandbookError if it is not sound."""
    return sound(copied(folder, name, lines, published))


def line_of(path: Path, text: str) -> int:
    """The number of the first line that holds `text`."""
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def serving(handbook: Handbook, at: str) -> tuple[str, str]:
    """Primary and secondary at an instant written with its offset from UTC."""
    instant = datetime.fromisoformat(at)
    shift = on_call(handbook, instant)
    assert shift.start <= instant < shift.end
    return shift.primary, shift.secondary


@cache
def stamped(name: str) -> dict[str, dg.AssetSpec]:
    """The company's assets by name, as a team's handbook puts them on call."""

    def bare(asset: str) -> dg.AssetsDefinition:
        @dg.asset(key=asset.split("/"))
        def nothing() -> None: ...

        return nothing

    assets = [bare(asset) for asset in (*CONTRACTS, *(f"reporting/{table}" for table in PUBLISHED))]
    resources = {name: dg.ResourceDefinition.none_resource() for name in ("warehouse", "reporting")}
    definitions = with_on_call(dg.Definitions(assets=assets, resources=resources), example(name))
    return {asset: definitions.get_assets_def(asset).get_asset_spec(dg.AssetKey(asset)) for asset in CONTRACTS}
