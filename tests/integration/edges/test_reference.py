"""Of every edge case, everybody in the shop is in or out as the reference evaluator says, at each instant."""

from datetime import datetime
from pathlib import Path

import pytest

from maho_segments.language import check_project
from tests.databases import Database
from tests.integration.cli.reference_shop import raw_rows
from tests.integration.edges.cases import INSTANTS
from tests.integration.edges.shop import Shop
from tests.reference import ProfileKey, evaluate


@pytest.mark.parametrize(("as_of", "instant"), INSTANTS.items())
def test_members_are_those_of_the_reference(
    members: dict[tuple[str, str], dict[str, set[str]]],
    edges_project: Path,
    edges_database: Database,
    edges_shop: Shop,
    as_of: str,
    instant: str,
) -> None:
    websites = {row["code"]: row["website_id"] for row in edges_shop.tables["core_website"]}
    people: dict[ProfileKey, tuple[str, str]] = {}
    for topic, persons in edges_shop.people.items():
        for person in persons:
            key: ProfileKey = ("guest", websites[person.website], person.email)
            if person.customer_id or person.visitor_id:
                kind = "customer" if person.customer_id else "visitor"
                key = (kind, person.customer_id or person.visitor_id)
            people[key] = (topic, person.nickname)
    evaluation = evaluate(
        check_project(edges_project), raw_rows(edges_database), datetime.fromisoformat(instant)
    )

    differences = {}
    for segment, keys in evaluation.members.items():
        expected = {people[key] for key in keys if key in people}
        found = {
            (topic, name) for topic, names in members.get((as_of, segment), {}).items() for name in names
        }
        if found != expected:
            differences[segment] = {"built": found - expected, "reference": expected - found}
    assert differences == {}
