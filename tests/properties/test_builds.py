"""A drawn shop, built and published by `segments build`: the same members, and nothing to do twice."""

from maho_segments.services.build import build
from maho_segments.services.build_report import BuildReport
from maho_segments.services.preview import Rule, preview
from maho_segments.services.progress import Silence
from maho_segments.services.project import Workspace
from tests.properties.drawing import SEED, checked, draw_case
from tests.properties.warehouse import ProfileKey, Warehouse
from tests.properties.yaml_text import yaml_text

_PUBLISHED = """
    select segments.segment_name, profile_type, customer_id, identities.website_id, email, visitor_id
    from segments.segment_memberships as memberships
    inner join segments_work.segment_definitions as segments using (segment_id)
    inner join segments_work.profile_identities as identities using (profile_id)
"""


def test_a_build_publishes_what_preview_shows_and_a_second_one_changes_nothing(warehouse: Warehouse) -> None:
    drawn = draw_case(warehouse, SEED * 10_000 + 9_998, 10)
    found = warehouse.members(checked(warehouse, drawn, {}))
    workspace, as_of = Workspace(warehouse.folder, warehouse.database.environ), drawn.case.as_of
    first = build(workspace, as_of=as_of, progress=Silence())
    assert _published(warehouse) == {name: members for name, members in found.items() if members}
    assert {segment.name: segment.members for segment in first.segments} == {
        name: len(members) for name, members in found.items()
    }
    for name, segment in list(drawn.segments.items())[:3]:
        assert preview(workspace, Rule(segment=name), as_of=as_of, limit=1).members == len(found[name])
        typed = preview(workspace, Rule(text=yaml_text(segment)), as_of=as_of, limit=1)
        assert typed.members == len(found[name])
    assert _moves(first) == sum(map(len, found.values()))
    assert _moves(build(workspace, as_of=as_of, progress=Silence())) == 0
    assert _published(warehouse) == {name: members for name, members in found.items() if members}


def _moves(report: BuildReport) -> int:
    return sum(segment.entered + segment.left for segment in report.segments)


def _published(warehouse: Warehouse) -> dict[str, frozenset[ProfileKey]]:
    published: dict[str, set[ProfileKey]] = {}
    for name, *identity in warehouse.database.rows(_PUBLISHED):
        published.setdefault(name, set()).add(warehouse.profile_key(*identity))
    return {name: frozenset(members) for name, members in published.items()}
