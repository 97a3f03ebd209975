"""A translation without a shop: facts by hand, the vocabulary of this project."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from maho_segments.importing import Import, ImportOptions, ShopFacts, StoredSegment, Target, import_segments
from maho_segments.language import Project, attributes_as_written, check_project
from tests.databases import PROJECT

TYPE = "customersegmentation/segment_condition_"
FACTS = ShopFacts(
    websites={"1": "base", "2": "asia"},
    stores={"1": "en", "2": "de"},
    groups={"1": "General", "2": "VIP"},
    genders={"101": "Male", "102": "Female"},
    skus={"7": "CAM-7"},
    categories={
        "10": "Shoes",
        "11": "Shoes / Boots",
    },
    product_options={"color": {"5": "Red", "6": "6"}},
    product_attributes={
        "price": "decimal",
        "color": "int",
        "fabric": "int",
        "name": "varchar",
        "sku": "static",
    },
)

Importer = Callable[..., Import]


def leaf(kind: str, attribute: str, operator: str | None, value: Any) -> dict[str, Any]:
    """A condition as the shop writes it."""
    return {"type": TYPE + kind, "attribute": attribute, "operator": operator, "value": value}


def combination(*parts: Any, aggregator: str = "all", value: str = "1") -> dict[str, Any]:
    """A combination as the shop writes it."""
    return {"type": TYPE + "combine", "aggregator": aggregator, "value": value, "conditions": list(parts)}


@pytest.fixture(scope="session")
def project() -> Project:
    return check_project(PROJECT)


@pytest.fixture(scope="session")
def importer(project: Project) -> Importer:
    """Imports segments, given as trees, texts of trees or whole stored segments."""

    def run(*given: Any, facts: ShopFacts = FACTS, options: ImportOptions | None = None) -> Import:
        stored = [
            one
            if isinstance(one, StoredSegment)
            else StoredSegment(number, f"Segment {number}", one if isinstance(one, str) else json.dumps(one))
            for number, one in enumerate(given, start=1)
        ]
        return import_segments(
            stored,
            facts=facts,
            options=options or ImportOptions(),
            target=Target(project.vocabulary, project.segments, attributes_as_written(project)),
        )

    return run
