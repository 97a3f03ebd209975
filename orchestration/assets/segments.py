"""The segments of segments.yml as assets."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from maho_segments import language
from maho_segments.errors import DefinitionsError
from maho_segments.language.writing import write_file
from orchestration.references import Source

GROUP = "segments"
# The last valid segments.
_KEPT = Path("target", "dagster_segments.json")
# No more than Dagster takes for an e-mail address, since it refuses the whole project for another; whoever
# else owns a segment is a team.
_ADDRESS = re.compile(r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}\b")
_NOT_OF_A_TAG = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True)
class DefinedSegment:
    """A segment of the plan, its rule in words, and the line of segments.yml where it begins."""

    plan: Mapping[str, Any]
    words: str
    line: int

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.plan["name"])


def load_segments(folder: Path) -> tuple[DefinedSegment, ...]:
    """The active segments of a project; with a mistake in the files those that there were before it.

    A mistake in segments.yml must not take away the code location, which is what tells of it: a refresh fails
    with the validator's words. Raises DefinitionsError where nothing valid was ever loaded.
    """
    kept = folder / _KEPT
    try:
        segments = read_segments(folder)
    except DefinitionsError:
        if not kept.is_file():
            raise
        return tuple(DefinedSegment(**segment) for segment in json.loads(kept.read_text(encoding="utf-8")))
    write_file(kept, json.dumps([asdict(segment) for segment in segments]), "What Dagster shows")
    return segments


def read_segments(folder: Path) -> tuple[DefinedSegment, ...]:
    """The active segments of a project in the order of the file. Raises DefinitionsError.

    The plan is written too, since what models read depends on it.
    """
    project = language.check_project(folder)
    plan: dict[str, Any] = language.compile_plan(project)
    language.write_plan(folder, plan)
    return tuple(
        DefinedSegment(
            segment,
            language.in_words(project, segment["name"]),
            project.segment_places.named("segment", segment["name"]).line,
        )
        for segment in plan["segments"]
        if segment["is_active"]
    )


def segment_key(name: str) -> dg.AssetKey:
    """The asset of a segment."""
    return dg.AssetKey(["segment", name])


def segment_name(key: dg.AssetKey) -> str | None:
    """The segment whose asset it is; None for any other."""
    return key.path[1] if len(key.path) == 2 and key.path[0] == "segment" else None


def segment_specs(
    segments: Iterable[DefinedSegment], source: Source, memberships: dg.AssetKey
) -> list[dg.AssetSpec]:
    """Each segment's asset, behind the memberships and the segments that its rule refers to."""
    return [_spec(segment, source, memberships) for segment in segments]


def _spec(segment: DefinedSegment, source: Source, memberships: dg.AssetKey) -> dg.AssetSpec:
    plan = segment.plan
    refresh = plan["refresh"]
    return dg.AssetSpec(
        key=segment_key(segment.name),
        deps=[memberships, *(segment_key(name) for name in plan["references"])],
        description=_description(segment),
        group_name=GROUP,
        owners=_owners(plan["owner"]),
        tags=_tags(plan),
        kinds={"view", "postgres"},
        code_version=str(plan["definition_hash"]),
        skippable=True,
        metadata={
            "label": plan["label"] or segment.name,
            "audience": ", ".join(plan["audience"]),
            "refresh": _refresh_in_words(refresh, plan["time_zone"]),
            "definition": dg.MetadataValue.md(_as_written(segment)),
            "dagster/code_references": source.link(language.SEGMENTS_FILE, segment.line),
            "dagster/table_name": f"audiences.{segment.name}",
        },
    )


def _description(segment: DefinedSegment) -> str:
    """Label and description as written, and the rule in words, as Markdown."""
    title = f"**{segment.plan['label'] or segment.name}**"
    words = segment.words.replace("\n", "  \n")
    return "\n\n".join(filter(None, [title, segment.plan["description"], words]))


def _as_written(segment: DefinedSegment) -> str:
    """The segment's lines of segments.yml, but for their comments, as Markdown."""
    entry = {segment.name: segment.plan["definition"]}
    # Innermost lists and mappings in one line, as people write them; the page does not wrap lines.
    text = yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=60, default_flow_style=None)
    return f"```yaml\n{text}```"


def _refresh_in_words(refresh: Mapping[str, Any], time_zone: str | None) -> str:
    if refresh["manual"]:
        return "by hand only"
    ways = ["when something changes"] if refresh["on_change"] else []
    if refresh["schedule"]:
        clock = f" by the clock of {time_zone}" if time_zone else ""
        ways.append(f"on the schedule {refresh['schedule']}{clock}")
    return ", and ".join(ways) or "with all others"


def _owners(owner: str | None) -> list[str] | None:
    if not owner:
        return None
    return [owner if _ADDRESS.fullmatch(owner) else f"team:{owner}"]


def _tags(plan: Mapping[str, Any]) -> dict[str, str]:
    """What the segment is tagged with, in the characters that Dagster allows, and how it is refreshed."""
    tags = {_NOT_OF_A_TAG.sub("_", tag)[:63]: "" for tag in plan["tags"] if tag}
    refresh = plan["refresh"]
    if refresh["manual"]:
        return tags | {"segments/refresh": "manual"}
    ways = [way for way in ("on_change", "schedule") if refresh[way]]
    return tags | {"segments/refresh": "-".join(ways)} if ways else tags
