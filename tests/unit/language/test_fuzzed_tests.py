"""Whatever segment_tests.yml holds gets an answer, or problems that say where: no defect, no hang."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maho_segments.errors import DefinitionsError
from maho_segments.language import Project
from maho_segments.language.segment_tests import check_tests, number_people, sample_tables
from tests.databases import PROJECT
from tests.fuzzing import fuzzed, mutated, no_hang, trees
from tests.unit.language.small_project import Files, as_yaml

SMALL = b"""
version: 1
as_of: 2026-03-31T10:00:00Z
websites: { base: Europe/Berlin, us: America/New_York }
tests:
  tested:
    in:
      ann: { website: us, is_confirmed: true, birth_date: 40 years ago, interests: [a, b] }
      ben: { orders: [ { state: complete, grand_total: 460.5, times: 10, ordered_at: 7 days ago } ] }
    out:
      eve: { profile_type: guest, created_at: 2026-03-10 22:30, order_items: [ { order: { state: new } } ] }
"""
PEOPLE = trees(
    """
    in out everybody rows people tested version as_of websites tests base us Europe/Berlin times ann ben
    website profile_type customer guest visitor email gender birth_date created_at is_confirmed interests
    orders state complete grand_total ordered_at rule_ids store order_items order product sku qty price notes
    """
)


@pytest.fixture
def project(files: Files) -> Project:
    """With a segment that can be tested."""
    return files.check_match("is_confirmed: true")


def check(project: Project, source: bytes) -> None:
    path = project.directory / "segment_tests.yml"
    path.write_bytes(source)
    with no_hang():
        try:
            tests = check_tests(project, path).tests
        except DefinitionsError as error:
            problems = error.problems
        else:
            everybody = [person for test in tests for person in test.people]
            for people in number_people(project.vocabulary, everybody):
                assert sample_tables(project.vocabulary, people)
            return
    assert problems
    for problem in problems:
        assert problem.found
        assert "\n" not in problem.found
        json.dumps(problem.as_dict())


@fuzzed
@given(source=mutated([SMALL, (PROJECT / "segment_tests.yml").read_bytes()], b"tests:\n"))
def test_mutated_file_is_answered(project: Project, source: bytes) -> None:
    check(project, source)


@fuzzed
@given(people=PEOPLE, is_file=st.booleans())
def test_any_tree_is_answered(project: Project, people: object, is_file: bool) -> None:
    test = {"version": 1, "as_of": "2026-03-31T10:00:00Z", "tests": {"tested": {"in": people}}}
    check(project, as_yaml(people if is_file else test))
