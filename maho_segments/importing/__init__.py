"""Importing the segments of the shop's own module: its condition trees become rules of the language.

`tree` reads what the shop stores, `conditions` makes a rule of each leaf, `formulas` joins them as the module
does, `files` writes the result. What can't be written with the same meaning is refused with its reason.
"""

from maho_segments.importing.facts import ShopFacts, read_facts
from maho_segments.importing.files import attributes_text, segment_text, segments_text
from maho_segments.importing.importer import (
    Import,
    ImportedSegment,
    RefusedSegment,
    StoredSegment,
    Target,
    import_segments,
)
from maho_segments.importing.options import ImportOptions

__all__ = [
    "Import",
    "ImportOptions",
    "ImportedSegment",
    "RefusedSegment",
    "ShopFacts",
    "StoredSegment",
    "Target",
    "attributes_text",
    "import_segments",
    "read_facts",
    "segment_text",
    "segments_text",
]
