"""A checked project: its segments, named attributes and vocabulary, ready to be compiled."""

from dataclasses import dataclass
from pathlib import Path

from maho_segments.language.places import Places
from maho_segments.language.rules import Attribute, GuestOrders, Segment
from maho_segments.language.shapes import DefaultsShape
from maho_segments.language.vocabulary import Vocabulary

SEGMENTS_FILE = "segments.yml"
ATTRIBUTES_FILE = "attributes.yml"


@dataclass(frozen=True, slots=True)
class Project:
    """What segments.yml and attributes.yml say, in the order of the files."""

    directory: Path
    vocabulary: Vocabulary
    attributes: dict[str, Attribute]
    segments: dict[str, Segment]
    defaults: DefaultsShape
    guest_orders: GuestOrders
    segment_places: Places
    attribute_places: Places
    """Where the rules stand in segments.yml and in attributes.yml."""
