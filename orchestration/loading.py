"""What the code location is made of: the manifest and the plan, read once for each time it is loaded."""

from dataclasses import dataclass

import dagster as dg

from orchestration.assets.lineage import read_lineage
from orchestration.assets.models import MEMBERSHIPS, DbtAssets, translate
from orchestration.assets.segments import DefinedSegment, load_segments, segment_specs
from orchestration.metadata import segment_check_specs
from orchestration.project import ProjectResource
from orchestration.references import find_source


@dataclass(frozen=True)
class Loaded:
    """A project as Dagster shows it."""

    dbt: DbtAssets
    segments: tuple[DefinedSegment, ...]
    segment_specs: tuple[dg.AssetSpec, ...]
    segment_checks: tuple[dg.AssetCheckSpec, ...]

    @property
    def memberships(self) -> dg.AssetKey:
        """The asset of which the segments are made."""
        return self.dbt.model_keys[MEMBERSHIPS]


def load(project: ProjectResource) -> Loaded:
    """Read the project's files; no database is needed. Raises DbtError, and DefinitionsError at first."""
    folder = project.workspace().folder
    source = find_source(folder)
    segments = load_segments(folder)
    manifest = project.dbt().parse().writable_manifest().to_dict()
    dbt = translate(manifest, source, read_lineage(manifest, project.dbt().rendered_views()))
    return Loaded(
        dbt=dbt,
        segments=segments,
        segment_specs=tuple(segment_specs(segments, source, dbt.model_keys[MEMBERSHIPS])),
        segment_checks=tuple(check for segment in segments for check in segment_check_specs(segment.name)),
    )
