"""The text of the files that an import makes: segments, and the attributes they need."""

from collections.abc import Mapping
from typing import Any

from maho_segments.importing.importer import Import, ImportedSegment, RefusedSegment
from maho_segments.importing.yaml_text import comment_lines, mapping_text

_HEADING = (
    "Imported from the shop's own segments. Comments say where the module means something else than its "
    "form seems to say, "
    "and what was probably meant. Copy what you want into segments.yml."
)
_ATTRIBUTES = "These belong into attributes.yml, below `attributes:`."


def segments_text(made: Import, *, with_attributes: bool) -> str:
    """The segments file; `with_attributes` adds the new attributes as comments, to be copied."""
    blocks = ["\n".join(comment_lines(_HEADING))]
    if with_attributes and made.attributes:
        definitions = mapping_text(made.attributes, 2)
        commented = "\n".join(f"# {line}".rstrip() for line in definitions.splitlines())
        blocks.append("\n".join(comment_lines(_ATTRIBUTES)) + "\n#\n" + commented)
    if made.imported:
        blocks.append("version: 1")
        segments = "\n".join(_segment_text(segment) for segment in made.imported)
        blocks.append("segments:\n" + segments.rstrip("\n"))
    if made.known:
        lines = ["# In segments.yml already:", "#"]
        for known in made.known:
            lines += comment_lines(f"{known.segment_id}, {known.label}: {known.name}")
        blocks.append("\n".join(lines))
    if made.refused:
        lines = ["# Not imported:"]
        for refused in made.refused:
            lines += _refused_lines(refused)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def attributes_text(attributes: Mapping[str, dict[str, Any]]) -> str:
    """The attributes file."""
    return mapping_text({"attributes": attributes}) if attributes else "attributes: {}\n"


def segment_text(segment: ImportedSegment) -> str:
    """One segment without its name, as `segments preview` takes it."""
    head = "".join(f"{line}\n" for line in _head_lines(segment, 0)[1:])
    return head + mapping_text(segment.definition)


def _segment_text(segment: ImportedSegment) -> str:
    head = "".join(f"{line}\n" for line in _head_lines(segment, 2))
    return head + mapping_text({segment.name: segment.definition}, 2)


def _head_lines(segment: ImportedSegment, indent: int) -> list[str]:
    lines = comment_lines(f"Customer segment {segment.segment_id} of the shop.", indent)
    for difference in segment.approximations:
        lines += comment_lines(f"Approximated: {difference}", indent)
    return lines


def _refused_lines(refused: RefusedSegment) -> list[str]:
    lines = ["#", *comment_lines(f"{refused.segment_id}, {refused.label}:")]
    for reason in refused.reasons:
        hint = " `--approximate` writes what is near." if reason.can_approximate else ""
        first, *rest = comment_lines(f"{reason}{hint}", 4)
        lines.append("#   - " + first.strip().removeprefix("# "))
        lines += ["#     " + line.strip().removeprefix("# ") for line in rest]
    return lines
