"""What the code location knows of its assets, as far as a page needs it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dagster import AssetKey
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

from oncall_assets.handbook.labels import AUDIENCE, INVESTORS, PIPELINE, SEVERITY
from oncall_assets.notify.message import Affected


@dataclass(frozen=True, slots=True)
class About:
    """The tags of an asset that the layer stamped; empty for an asset unknown here."""

    pipeline: str | None = None
    audience: str | None = None
    severity: str | None = None


class Lineage:
    """Answers about assets named as Dagster shows them, `a/b`; unknown ones have no tags and no children."""

    def __init__(self, graph: BaseAssetGraph[Any]) -> None:
        self.graph = graph
        self._ancestors: dict[str, frozenset[str]] = {}

    def about(self, asset: str) -> About:
        key = AssetKey.from_user_string(asset)
        if not self.graph.has(key):
            return About()
        tags = self.graph.get(key).tags
        return About(tags.get(PIPELINE), tags.get(AUDIENCE), tags.get(SEVERITY))

    def upstream(self, asset: str) -> frozenset[str]:
        """All that the asset is computed from, directly or not."""
        if asset not in self._ancestors:
            key = AssetKey.from_user_string(asset)
            ancestors = self.graph.get_ancestor_asset_keys(key) if self.graph.has(key) else ()
            self._ancestors[asset] = frozenset(one.to_user_string() for one in ancestors) - {asset}
        return self._ancestors[asset]

    def downstream(self, assets: Iterable[str]) -> list[Affected]:
        """All that is computed from `assets`, nearest first, but those whose figures go to investors before."""
        roots = [AssetKey.from_user_string(asset) for asset in assets]
        seen = set(roots)
        queue = deque(key for key in roots if self.graph.has(key))
        found: list[Affected] = []
        while queue:
            for child in sorted(self.graph.get(queue.popleft()).child_keys - seen):
                seen.add(child)
                queue.append(child)
                name = child.to_user_string()
                found.append(Affected(asset=name, investors=self.about(name).audience == INVESTORS))
        return sorted(found, key=lambda one: not one.investors)
