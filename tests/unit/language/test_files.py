"""The files as a whole: what their top may hold, what can't be read, what one file means for the other."""

from itertools import pairwise

import pytest

from maho_segments.errors import DefinitionsError
from maho_segments.language import check_project
from tests.unit.language.small_project import Files

ONE = "version: 1\nsegments:\n  one:\n    match: { email: a }\n"


@pytest.mark.parametrize(
    ("text", "line", "code", "found"),
    [
        ("", 0, "empty-file", "empty"),
        ("# nothing\n", 0, "empty-file", "empty"),
        ("- a\n", 1, "file-shape", "a list"),
        ("---\n", 0, "empty-file", "empty"),
        ("version: 1\n", 1, "no-segments", "missing"),
        ("version: 1\nsegments: {}\n", 2, "no-segments", "empty"),
        ("version: 1\nsegments: []\n", 2, "no-segments", "a list"),
        ("version: 1\nsegments:\n  one:\n", 3, "segment", "nothing"),
        ("version: 1\nsegments:\n  one: { label: x }\n", 3, "no-match", "no `match`"),
        ("version: 1\nsegments:\n  One: { match: { email: a } }\n", 3, "segment-name", "`One`"),
        ("version: 1\nsegments:\n  1st: { match: { email: a } }\n", 3, "segment-name", "`1st`"),
        (f"version: 1\nsegments:\n  {'x' * 64}: {{ match: {{ email: a }} }}\n", 3, "segment-name", "xxx"),
        (ONE.replace("version: 1", "version: 2"), 1, "value", "the number 2"),
        (ONE.replace("version: 1", 'version: "1"'), 1, "value", "the text"),
        (ONE.removeprefix("version: 1\n"), 1, "missing-key", "`version`"),
        (ONE + "segmentz: 1\n", 5, "unknown-key", "`segmentz`"),
        (ONE + "defaults: { match: { email: a } }\n", 5, "unknown-key", "`match`"),
        (ONE + "defaults: { audience: all }\n", 5, "value", "`all`"),
        (ONE + "defaults: 5\n", 5, "value", "the number 5"),
        (ONE + "identity: { guest_orders: apart }\n", 5, "value", "`apart`"),
        (ONE + "  one:\n    match: { email: b }\n", 5, "duplicate-key", "first in line 3"),
        (ONE + "---\nversion: 1\n", 5, "several-documents", "second document"),
        (ONE + "\tx: 1\n", 5, "yaml", "a tab"),
        (ONE + "  two: [1, 2\n", 6, "yaml", "not closed"),
        (ONE + "  two: 'x\n", 6, "yaml", "quote"),
        (ONE + "  two: @x\n", 5, "yaml", "`@`"),
        (ONE + "  two: *nope\n", 5, "unknown-alias", "`*nope`"),
        (ONE + "  two: &x [*x]\n", 5, "recursive-alias", "inside"),
        (ONE + "  {a: b}: c\n", 5, "key", "mapping"),
        (ONE + "  two: a\x0bb\n", 5, "control-character", "U+000B"),
        (ONE + "  two: a\u2028b\n", 5, "control-character", "U+2028"),
        (ONE + '  two: "a\\0b"\n', 5, "control-character", "U+0000"),
        (ONE + "  two: " + "[" * 300, 5, "too-deep", "256 levels"),
    ],
)
def test_file_that_can_not_be_meant(files: Files, text: str, line: int, code: str, found: str) -> None:
    with pytest.raises(DefinitionsError) as raised:
        files.check(text)
    problem = raised.value.problems[0]
    assert (problem.line, problem.code) == (line, code)
    assert found in problem.found
    assert problem.hint


def test_bytes_that_are_not_utf8_are_placed(files: Files) -> None:
    (files.folder / "segments.yml").write_bytes("version: 1\nsegments: ä".encode("latin-1"))
    with pytest.raises(DefinitionsError) as raised:
        check_project(files.folder)
    problem = raised.value.problems[0]
    assert (problem.code, problem.line, problem.column) == ("encoding", 2, 11)


def test_byte_order_mark_is_no_mistake(files: Files) -> None:
    (files.folder / "segments.yml").write_text(ONE, encoding="utf-8-sig")
    assert list(check_project(files.folder).segments) == ["one"]


def test_missing_file_says_where_it_belongs(files: Files) -> None:
    with pytest.raises(DefinitionsError, match="can't be read"):
        check_project(files.folder)


def test_aliases_of_aliases_do_not_fill_the_memory(files: Files) -> None:
    names = "abcdefghi"
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]" for before, name in pairwise(names)]
    with pytest.raises(DefinitionsError, match="aliases repeat more than"):
        files.check("\n".join(lines))


def test_alias_of_a_whole_rule_is_that_rule(files: Files) -> None:
    project = files.check(ONE + "  two:\n    match: &rule { email: b }\n  three:\n    match: *rule\n")
    assert project.segments["two"].match == project.segments["three"].match


@pytest.mark.parametrize("levels", [100, 240])
def test_deep_rule_is_read(files: Files, levels: int) -> None:
    project = files.check_match("not: " + "{ not: " * levels + "{ email: a }" + " }" * levels)
    assert project.segments["tested"].match is not None


def test_hundred_alternating_levels_are_read(files: Files) -> None:
    rule = "{ email: a }"
    for level in range(100):
        rule = f"{{ {'any' if level % 2 else 'all'}: [ {{ email: b }}, {rule} ] }}"
    assert files.check_match(rule).segments["tested"].match is not None


def test_defaults_fill_in_what_a_segment_does_not_say(files: Files) -> None:
    project = files.check("""
        version: 1
        defaults:
          owner: crm
          audience: [guests, customers]
          refresh: { on_change: true, schedule: "0 5 * * *" }
          guard: { max_change_percent: 12.5 }
        identity: { guest_orders: keep_apart }
        segments:
          first_one:
            match: { email: a }
          second:
            owner: shop
            websites: base
            refresh: { manual: true }
            match: { email: a }
    """)
    first, second = project.segments.values()
    assert (first.label, first.owner, first.audience) == ("First one", "crm", ("customer", "guest"))
    assert (first.refresh.on_change, first.refresh.schedule) == (True, "0 5 * * *")
    assert str(first.guard.max_change_percent) == "12.5"
    assert (second.owner, second.websites) == ("shop", ("base",))
    assert (second.refresh.manual, second.refresh.schedule, second.refresh.on_change) == (True, None, False)
    assert project.guest_orders == "keep_apart"


def test_circle_of_segments_is_printed(files: Files) -> None:
    with pytest.raises(DefinitionsError) as raised:
        files.check("""
            version: 1
            segments:
              a: { match: { segment: b } }
              b: { match: { all: [ email: x, not: { segment: [c, d] } ] } }
              c: { match: { segment: a } }
              d: { match: { email: x } }
        """)
    (problem,) = raised.value.problems
    assert "a -> b -> c -> a" in problem.found
    assert problem.line == 3


def test_a_former_name_is_gone_and_goes_on_once(files: Files) -> None:
    with pytest.raises(DefinitionsError) as raised:
        files.check("""
            version: 1
            segments:
              a: { match: { email: x } }
              b: { match: { email: x }, renamed_from: [a, old] }
              c: { match: { email: x }, renamed_from: old }
              d: { match: { email: x }, renamed_from: [newer, oldest] }
        """)
    still, twice = raised.value.problems
    assert (still.code, still.line, still.found) == (
        "renamed-from",
        4,
        "the segment `a` is still defined, so it is not renamed",
    )
    assert (twice.line, twice.found) == (5, "`old` was renamed to `b` already")


def test_unreadable_attributes_are_told_once(files: Files) -> None:
    files.write("attributes.yml", "attributes: [")
    with pytest.raises(DefinitionsError) as raised:
        files.check("version: 1\nsegments:\n  one: { match: { lifetime_sales: 5, email: { gt: a } } }\n")
    assert [(problem.path, problem.code) for problem in raised.value.problems] == [
        ("attributes.yml", "yaml"),
        ("segments.yml", "operator-type"),
    ]


def test_project_without_attributes_file_has_the_columns_of_profiles(files: Files) -> None:
    (files.folder / "attributes.yml").unlink()
    assert files.check(ONE).attributes == {}
