"""Whatever stands in the files: it is compiled, or its mistakes are told; nothing else ever happens."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maho_segments.errors import DefinitionsError, Problem
from maho_segments.language import Project, compile_preview, render_plan_macro
from maho_segments.language.attributes_file import read_attributes
from maho_segments.language.operators import OPERATORS
from maho_segments.language.problems import Reporter
from maho_segments.language.relation_reader import RELATION_KEYS
from maho_segments.language.scopes import ProfileScope
from maho_segments.language.segments_file import SegmentsReader
from maho_segments.language.yaml_reader import Node, read_yaml
from tests.unit.language.small_project import ATTRIBUTES, VOCABULARY, Files, as_yaml

WORDS = [
    *(
        "all",
        "any",
        "none",
        "not",
        "segment",
        "condition",
        "name",
        "with",
        "column",
        "attribute",
        "case_sensitive",
    ),
    *(
        "orders",
        "order_items",
        "notes",
        "state",
        "coupon_code",
        "rule_ids",
        "grand_total",
        "is_gift",
        "ordered_at",
    ),
    *(
        "product.category",
        "product.brand",
        "order.state",
        "topic",
        "written_at",
        "ordered_at.weekday",
        "sku",
        "qty",
    ),
    *("email", "gender", "is_confirmed", "interests", "birth_date", "created_at", "created_at.hour"),
    *("lifetime_sales", "number_of_orders", "last_order_at", "days_since_last_order", "nonsense"),
    *(
        "ratio",
        "difference",
        "days_since",
        "days_until_anniversary",
        "days_between",
        "latest_of",
        "first_set",
    ),
    *OPERATORS,
    *RELATION_KEYS,
]
SCALARS = (
    st.sampled_from(
        [None, True, False, 0, 1, -5, 2.5, "", "a", "7 days", "2 months", "0 days", "7 dayz", "tested"]
    )
    | st.sampled_from(
        ["2024-02-30", "2024-02-29", "2024-01-01T00:00:00Z", "monday", "complete", "(", "^a+$", "'"]
    )
    | st.sampled_from(WORDS)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
)
RULES = st.recursive(
    SCALARS,
    lambda inner: st.dictionaries(st.sampled_from(WORDS), inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=25,
)
ENTRIES = st.dictionaries(st.sampled_from(WORDS), RULES, min_size=1, max_size=2)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    files = Files(tmp_path_factory.mktemp("project"))
    files.write("models/_models.yml", VOCABULARY)
    files.write("attributes.yml", ATTRIBUTES)
    return files.check_match("email: a")


def nodes(value: object, reporter: Reporter) -> Node:
    node = read_yaml(as_yaml(value), reporter)
    assert node is not None
    return node


def check_rule_text(project: Project, rule: object) -> None:
    try:
        plan = compile_preview(project, rule_text=as_yaml(rule).decode())
    except DefinitionsError as error:
        assert_explained(error.problems)
    else:
        render_plan_macro(plan)


def assert_explained(problems: list[Problem]) -> None:
    for problem in problems:
        assert problem.found
        assert problem.hint
        assert problem.line > 0


any_of_many = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@any_of_many
@given(rule=ENTRIES)
def test_any_match(project: Project, rule: dict[str, object]) -> None:
    check_rule_text(project, rule)


@any_of_many
@given(st.dictionaries(st.sampled_from(["orders", "order_items", "notes"]), ENTRIES, min_size=1, max_size=1))
def test_any_relation(project: Project, rule: dict[str, object]) -> None:
    check_rule_text(project, rule)


@any_of_many
@given(st.dictionaries(st.sampled_from(["a", "b", *WORDS]), ENTRIES, max_size=3))
def test_any_attributes(project: Project, attributes: dict[str, dict[str, object]]) -> None:
    typed = {name: {"type": "number", "description": "x", **entry} for name, entry in attributes.items()}
    reporter = Reporter("attributes.yml")
    found, _ = read_attributes(nodes({"attributes": typed}, reporter), project.vocabulary, reporter)
    assert_explained(reporter.problems)
    assert len(found) == len(typed) or reporter.problems


@any_of_many
@given(
    st.dictionaries(
        st.sampled_from(["defaults", "identity", "segments", "version", "x"]), RULES, min_size=1, max_size=4
    )
)
def test_any_file(project: Project, content: dict[str, object]) -> None:
    reporter = Reporter("segments.yml")
    reader = SegmentsReader(ProfileScope(project.vocabulary, {}), reporter, tuple)
    segments = reader.read_file(nodes(content, reporter))
    assert_explained(reporter.problems)
    assert segments or reporter.problems
