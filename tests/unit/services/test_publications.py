"""The whole that a segment's members are a share of."""

from typing import Any

import pytest

from maho_segments.services.publications import PopulationGroup, audience_size

POPULATION = [
    PopulationGroup("customer", "base", "Main Website", "General", 100),
    PopulationGroup("customer", "base", "Main Website", "Wholesale", 20),
    PopulationGroup("customer", "de", "Deutschland", "General", 30),
    PopulationGroup("customer", "de", "Deutschland", None, 1),
    PopulationGroup("guest", "base", "Main Website", "NOT LOGGED IN", 400),
    PopulationGroup("visitor", None, None, "NOT LOGGED IN", 5000),
]


@pytest.mark.parametrize(
    ("audience", "websites", "customer_groups", "size"),
    [
        (["customer"], None, None, 151),
        (["customer", "guest", "visitor"], None, None, 5551),
        (["customer", "guest"], ["base"], None, 520),
        (["customer"], ["deutschland"], None, 31),
        (["customer"], ["BASE", "de"], ["general"], 130),
        (["visitor"], ["base"], None, 0),
    ],
)
def test_audience_size_counts_who_could_be_a_member(
    audience: list[str], websites: list[str] | None, customer_groups: list[str] | None, size: int
) -> None:
    segment: dict[str, Any] = {
        "audience": audience, "websites": websites, "customer_groups": customer_groups,
    }  # fmt: skip

    assert audience_size(segment, POPULATION) == size
