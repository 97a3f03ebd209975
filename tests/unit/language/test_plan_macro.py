"""The plan comes through Jinja as it was, whatever is in it; the file is written only when it changed."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from dbt_common.clients._jinja_blocks import BlockTag
from dbt_common.clients.jinja import extract_toplevel_blocks, get_environment
from hypothesis import given, settings
from hypothesis import strategies as st

from maho_segments.errors import SegmentsError
from maho_segments.language import (
    PLAN_PATH,
    check_project,
    compile_plan,
    plan_is_stale,
    render_plan_macro,
    write_plan,
)
from maho_segments.language.operators import OPERATORS
from tests.unit.language.small_project import Files, as_yaml

HOSTILE = [
    *(
        "'",
        '"',
        "\\",
        "\\\\",
        "'; drop table x; --",
        "a' or 'a'='a",
        "{{ 1 }}",
        "{% endmacro %}",
        "{# x",
        "#}",
    ),
    *(
        "}}",
        "%}",
        "{{ env_var('HOME') }}",
        "')) }}",
        "%",
        "_",
        "%s",
        "%(a)s",
        "$1",
        "$$",
        ":x",
        "?",
        "*",
        ".*",
        "(",
        "[",
    ),
    *(
        "\\n",
        "\n",
        "\r\n",
        "\t",
        "\u2028",
        "\x85",
        "\x1b",
        "é",
        "ß",
        "İ",
        "💶",
        "\u202e",
        "null",
        "true",
        "5",
        "~",
        "- a",
    ),
    *("a: b", "# no comment", "&a", "*a", "!x", "| ", "> ", "@x", "`x`", "\\u0041", "\\x41", "x" * 5000),
]


class _Returned(Exception):  # noqa: N818 - it is how dbt returns from a macro, no error
    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


def rendered(text: str) -> Any:
    """What the macro returns in dbt's own Jinja."""

    def give_back(value: object) -> None:
        raise _Returned(value)

    environment = get_environment(None)
    template = environment.from_string(
        text,
        globals={"return": give_back, "fromjson": json.loads, "var": lambda _name, default: default},
    )
    with pytest.raises(_Returned) as returned:
        template.module.dbt_macro__segment_plan()  # type: ignore[attr-defined]
    return returned.value.value


def plan_with(value: object) -> dict[str, object]:
    feature = {"name": "f", "filter": value}
    relation = {"model": "orders", "parents": {"p": {"tests": [value]}}, "features": [feature, feature]}
    segments = [{"name": "a", "match": value}]
    return {"version": 1, "relations": {"orders": relation}, "clocks": [value], "segments": segments}


TEXTS = (
    st.text(max_size=15)
    | st.text(st.sampled_from("{}%#'\"\\u0041n -"), max_size=15)
    | st.sampled_from(HOSTILE)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_any_plan_comes_through_jinja(value: object) -> None:
    plan = plan_with(value)
    text = render_plan_macro(plan)
    assert text.isascii()
    assert rendered(text) == plan
    # As dbt looks for macros in a file, before Jinja reads it.
    (block,) = [block for block in extract_toplevel_blocks(text) if block.block_type_name != "__dbt__data"]
    assert isinstance(block, BlockTag)
    assert (block.block_type_name, block.block_name) == ("macro", "segment_plan")


def test_literal_of_every_operator_comes_through(files: Files) -> None:
    usable = [text for text in HOSTILE if text]
    segments = {}
    for number, text in enumerate(usable):
        tests = {
            name: [text] if operator.operand == "values" else text
            for name, operator in OPERATORS.items()
            if "text" in operator.types and operator.operand in {"value", "values"}
        }
        rows = {"where": {"coupon_code": tests, "rule_ids": {"contains_any": [text]}}, "count": {"gte": 2}}
        match = {"email": tests, "interests": {"contains_all": [text]}, "orders": rows, "segment": "base"}
        segments[f"s{number}"] = {"label": text, "description": text, "tags": [f"x{text}"], "match": match}
    segments["base"] = {"match": {"email": "a"}}
    (files.folder / "segments.yml").write_bytes(as_yaml({"version": 1, "segments": segments}))
    plan: Any = compile_plan(check_project(files.folder))
    back = rendered(render_plan_macro(plan))
    assert back == plan
    for number, text in enumerate(usable):
        segment = back["segments"][number]
        literals = [item["literal"] for item in _leaves(segment["match"]) if item["type"] == "text"]
        # Once per operator, and no other text but the audience's and, in lower case, the list's.
        assert literals.count(text) >= 8
        assert {literal.lower() for literal in literals} <= {text.lower(), "customer", _lower(text)}
        assert segment["definition"]["match"]["email"]["eq"] == text


def _lower(text: str) -> str:
    return "".join(letter.lower()[0] for letter in text)


def _leaves(node: object) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [leaf for item in node for leaf in _leaves(item)]
    if not isinstance(node, dict):
        return []
    return [node] if "literal" in node else [leaf for item in node.values() for leaf in _leaves(item)]


def test_feature_clock_and_segment_have_a_line_each(files: Files) -> None:
    match = "{ orders: { count: { gt: 1 }, sum: { subtotal: { gt: 1 } } }, created_at: { within: 1 day } }"
    plan: Any = compile_plan(files.check_match(match))
    lines = render_plan_macro(plan).splitlines()
    names = [feature["name"] for feature in plan["relations"]["orders"]["features"]]
    assert len(names) == 3
    assert [line.startswith('{"kind": "window"') for line in lines].count(True) == len(plan["clocks"]) == 1
    for name in [*names, "tested"]:
        assert sum(line.startswith('{"name": "' + name) for line in lines) == 1


def test_plan_is_written_only_when_it_changed(files: Files) -> None:
    project = files.check_match("email: a")
    path = files.folder / PLAN_PATH
    assert plan_is_stale(files.folder)
    assert write_plan(files.folder, compile_plan(project))
    os.utime(path, (1, 1))
    assert not write_plan(files.folder, compile_plan(project))
    assert path.stat().st_mtime == 1
    assert not plan_is_stale(files.folder)
    assert write_plan(files.folder, compile_plan(files.check_match("email: b")))
    assert list(path.parent.iterdir()) == [path]


def test_plan_that_can_not_be_written_says_where(files: Files) -> None:
    plan = compile_plan(files.check_match("email: a"))
    files.write(str(PLAN_PATH.parent), "a file where the folder should be")
    with pytest.raises(SegmentsError, match="can't be written to"):
        write_plan(files.folder, plan)


def test_plan_of_damaged_bytes_is_stale(files: Files) -> None:
    write_plan(files.folder, compile_plan(files.check_match("email: a")))
    with (files.folder / PLAN_PATH).open("ab") as file:
        file.write(b"\xff")
    assert plan_is_stale(files.folder)


def test_committed_plan_is_that_of_the_committed_files() -> None:
    assert not plan_is_stale(Path(__file__).resolve().parents[3])
