"""The shop's tables and the dbt models as assets, and dbt's tests as their checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from orchestration.assets.lineage import Origins, lineage_metadata
from orchestration.references import Source

RAW_GROUP = "raw"
MEMBERSHIPS = "segment_memberships"


class Translator(DagsterDbtTranslator):
    """dagster-dbt's translation, with groups by the folder of models, and what is written where."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The asset of a model or of a table of the shop."""
        node = self.get_resource_props(manifest, unique_id)
        spec = super().get_asset_spec(manifest, unique_id, project)
        # What dagster-dbt keeps for itself there is nothing that a person would read.
        told = {key: value for key, value in spec.metadata.items() if not key.startswith("dagster_dbt/")}
        return spec.replace_attributes(
            group_name=_group(node),
            description=node.get("description") or None,
            kinds=_kinds(node),
            metadata=told | {"dagster/code_references": self.source.link(node["original_file_path"])},
        )


@dataclass(frozen=True)
class DbtAssets:
    """The manifest as assets; of each model and test by its name the key."""

    sources: tuple[dg.AssetSpec, ...]
    models: tuple[dg.AssetSpec, ...]
    checks: tuple[dg.AssetCheckSpec, ...]
    model_keys: Mapping[str, dg.AssetKey]
    test_keys: Mapping[str, dg.AssetCheckKey]
    dated_sources: Mapping[str, dg.AssetKey]
    """Of the shop's tables whose rows must not be older than agreed, by dbt's id."""


def translate(manifest: Mapping[str, Any], source: Source, lineage: Mapping[str, Origins]) -> DbtAssets:
    """The assets and checks of a manifest, with what the columns are made of as far as that is known."""
    translator = Translator(source)

    def spec(unique_id: str) -> dg.AssetSpec:
        return translator.get_asset_spec(manifest, unique_id, None)

    models = {
        unique_id: spec(unique_id)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "ephemeral"
    }
    sources = {unique_id: spec(unique_id) for unique_id in manifest["sources"]}
    keys = {unique_id: asset.key for unique_id, asset in (models | sources).items()}
    models |= {
        unique_id: models[unique_id].merge_attributes(metadata=lineage_metadata(origins, keys))
        for unique_id, origins in lineage.items()
    }
    checks = [
        check
        for unique_id, asset in models.items()
        for child in manifest["child_map"].get(unique_id, [])
        if child.startswith("test.")
        for check in [translator.get_asset_check_spec(asset, manifest, child, None)]
        if check is not None
    ]
    return DbtAssets(
        sources=tuple(sources.values()),
        models=tuple(models.values()),
        checks=tuple(_not_blocking(check) for check in checks),
        model_keys={manifest["nodes"][unique_id]["name"]: asset.key for unique_id, asset in models.items()},
        test_keys={check.name: check.key for check in checks},
        dated_sources={
            unique_id: asset.key
            for unique_id, asset in sources.items()
            if _is_dated(manifest["sources"][unique_id])
        },
    )


def _not_blocking(check: dg.AssetCheckSpec) -> dg.AssetCheckSpec:
    """A failed test ends dbt's build by itself, with a better message than Dagster's."""
    return check._replace(blocking=False)


def _group(node: Mapping[str, Any]) -> str:
    """The folder of models, as the layers of the architecture are named."""
    return RAW_GROUP if node["resource_type"] == "source" else str(node["fqn"][1])


def _kinds(node: Mapping[str, Any]) -> set[str]:
    if node["resource_type"] == "source":
        return {"postgres", "table"}
    materialized = str(node["config"]["materialized"])
    return {"dbt", "postgres", "view" if materialized == "view" else "table"}


def _is_dated(source: Mapping[str, Any]) -> bool:
    freshness = source.get("freshness") or {}
    return any((freshness.get(limit) or {}).get("count") for limit in ("warn_after", "error_after"))
