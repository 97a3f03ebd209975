"""Whatever the definitions hold gets an answer, or problems that say where: never a defect, never a hang."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maho_segments.errors import DefinitionsError
from maho_segments.language import (
    PLAN_PATH,
    check_project,
    compile_plan,
    in_words,
    render_plan_macro,
    write_plan,
)
from tests.databases import PROJECT
from tests.fuzzing import fuzzed, mutated, no_hang, trees
from tests.unit.language.small_project import ATTRIBUTES, Files, as_yaml


def check(files: Files, name: str, source: bytes) -> bool:
    """Whether the file is valid: then all is made of it, else problems say where and the plan stays."""
    (files.folder / name).write_bytes(source)
    plan_file = files.folder / PLAN_PATH
    before = plan_file.read_bytes() if plan_file.exists() else None
    with no_hang():
        try:
            project = check_project(files.folder)
            plan = compile_plan(project)
        except DefinitionsError as error:
            problems = error.problems
        else:
            assert render_plan_macro(plan).isascii()
            write_plan(files.folder, plan)
            assert all(in_words(project, segment) for segment in project.segments)
            return True
    assert problems
    assert (plan_file.read_bytes() if plan_file.exists() else None) == before
    for problem in problems:
        assert problem.path
        assert problem.found
        assert "\n" not in problem.found
        json.dumps(problem.as_dict())
    return False


# ---- files with the bytes of others ------------------------------------------------------------------------

SEEDS = [
    (PROJECT / "segments.yml").read_bytes(),
    (PROJECT / "attributes.yml").read_bytes(),
    ATTRIBUTES.encode(),
    b"version: 1\nsegments:\n  a: { match: { email: a@b.example } }\n",
]


@fuzzed
@given(name=st.sampled_from(["segments.yml", "attributes.yml"]), source=mutated(SEEDS, b"segments:\n"))
@example(name="segments.yml", source=b"\xef\xbb\xbf\xff")
def test_mutated_file_is_answered(files: Files, name: str, source: bytes) -> None:
    check(files, name, source)


@fuzzed
@given(
    source=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_answered(files: Files, source: bytes) -> None:
    check(files, "segments.yml", source)


# ---- documents of the right words in the wrong places ------------------------------------------------------

TREES = trees(
    """
        all any none not segment condition match orders order_items carts product_views email gender
        birth_date created_at website lifetime_sales days_since_last_order last_order_at where
        within older_than since until between count sum avg min max count_distinct every latest
        first eq ne in not_in is_set gt gte lt lte contains not_contains starts_with ends_with
        matches before after on within_next anniversary_within contains_any contains_all
        contains_none column attribute case_sensitive grand_total state ordered_at ordered_at.date
        ordered_at.hour product.category product.price order.state sku rule_ids a b version segments
        label audience websites time_zone refresh guard schedule tags type description ratio
        days_since latest_of first_set difference
    """
)


@fuzzed
@given(rule=TREES)
def test_any_tree_as_a_rule_is_answered(files: Files, rule: object) -> None:
    document = {"version": 1, "segments": {"a": {"match": rule}, "b": {"match": {"email": "b"}}}}
    check(files, "segments.yml", as_yaml(document))


@fuzzed
@given(document=TREES, name=st.sampled_from(["segments.yml", "attributes.yml"]))
def test_any_tree_as_a_file_is_answered(files: Files, document: object, name: str) -> None:
    check(files, name, as_yaml(document))


@fuzzed
@given(entry=TREES)
def test_any_tree_as_an_attribute_is_answered(files: Files, entry: object) -> None:
    files.write("segments.yml", "version: 1\nsegments:\n  a: { match: { email: a } }\n")
    check(files, "attributes.yml", as_yaml({"attributes": {"made_up": entry}}))


# ---- files that are large on purpose -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "version: 1\nsegments: " + "[" * 100_000,
        "version: 1\nsegments: " + "{a: " * 100_000,
        "version: 1\nsegments:\n" + "\n".join(" " * depth + "a:" for depth in range(2_000)),
        "a: &a [x, x]\n"
        + "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(24)),
        "&a a: *a",
        "version: 1\nsegments: &a { a: *a }",
        "version: 1\nsegments:\n  a: { match: { email: { matches: '"
        + "(" * 5_000
        + "a"
        + ")" * 5_000
        + "' } } }",
        "version: 1\nsegments:\n  a: { match: { email: '" + "x" * 5_000_000 + "' } }",
        "version: 1\n" + "x: 1\n" * 20_000,
    ],
    ids=[
        "lists",
        "mappings",
        "indented",
        "aliases",
        "circle",
        "own alias",
        "brackets",
        "long text",
        "double keys",
    ],
)
def test_large_or_circular_file_is_answered(files: Files, source: str) -> None:
    check(files, "segments.yml", source.encode())


def test_valid_inputs_are_among_them(files: Files) -> None:
    """The checks above would pass if nothing were ever valid."""
    assert check(files, "segments.yml", SEEDS[-1])
