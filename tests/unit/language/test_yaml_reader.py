"""The reader gives back what was written, and has an answer to everything else."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter
from maho_segments.language.scalars import resolve_scalar
from maho_segments.language.yaml_reader import Mapping, Scalar, read_yaml
from tests.unit.language.small_project import as_yaml


def _is_key(text: str) -> bool:
    return text not in {"", "<<"}


# Text that PostgreSQL can hold: no U+0000, no surrogates.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-(10**16), 10**16) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS.filter(_is_key), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES.filter(lambda value: value is not None))
def test_what_was_written_is_read(value: object) -> None:
    reporter = Reporter("file.yml")
    node = read_yaml(as_yaml(value), reporter)
    assert reporter.problems == []
    assert node is not None
    assert plain_value(node) == value


@settings(max_examples=300)
@given(
    st.binary(max_size=60)
    | st.text(st.sampled_from("ab:-[]{},#&*!|>'\"%@` \n\t?<~0\\\x85\u2028é"), max_size=40).map(str.encode)
)
def test_any_bytes_are_read_or_reported(source: bytes) -> None:
    reporter = Reporter("file.yml")
    node = read_yaml(source, reporter)
    assert node is not None or reporter.problems
    for problem in reporter.problems:
        assert problem.found
        assert problem.hint
        assert problem.line <= source.count(b"\n") + source.count(b"\r") + 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, word) for word in ("on", "off", "yes", "no", "NO", "y", "tRue", "nUll", "<", "=")),
        *(
            (word, word)
            for word in ("1_000", "1:30", "2024-01-01", "0b11", "1e", ".", "+", "-", "0x", "\u0661", "5%")
        ),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *((word, True) for word in ("true", "True", "TRUE")),
        ("0o17", 15),
        ("0xfF", 255),
        ("017", 17),
        ("-0", 0),
        ("+12", 12),
        (".5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("1e3", Decimal(1000)),
        ("0.1", Decimal("0.1")),
        ("12345678901234567890", Decimal(12345678901234567890)),
        ("-.INF", Decimal("-Infinity")),
    ],
)
def test_plain_words_are_those_of_yaml_1_2(text: str, value: object) -> None:
    resolved = resolve_scalar(text)
    assert resolved == value
    assert isinstance(resolved, type(value))


def test_nodes_know_their_place() -> None:
    node = read_yaml(b"a: 1\nb:\n  - {c: 'd'}\n", Reporter("file.yml"))
    assert isinstance(node, Mapping)
    places = [(key.text, key.line, key.column, value.line, value.column) for key, value in node.entries]
    assert places == [("a", 1, 1, 1, 4), ("b", 2, 1, 3, 3)]


def test_columns_count_letters_not_bytes() -> None:
    node = read_yaml("é💶: ü, x: 1\n".encode(), Reporter("file.yml"))
    assert node is None
    node = read_yaml("{é💶: ü, x: 1}\n".encode(), Reporter("file.yml"))
    assert isinstance(node, Mapping)
    key, value = node.entries[1]
    assert (key.column, value.column) == (9, 12)


def test_quotes_make_text() -> None:
    node = read_yaml(b"[5, '5', \"true\", true]", Reporter("file.yml"))
    assert node is not None
    assert plain_value(node) == [5, "5", "true", True]


def test_value_of_a_refused_key_is_left_out() -> None:
    reporter = Reporter("file.yml")
    node = read_yaml(b"<<: {a: 1}\nb: 2\n", reporter)
    assert isinstance(node, Mapping)
    assert [key.text for key, _ in node.entries] == ["b"]
    assert isinstance(node.get("b"), Scalar)
    assert [problem.code for problem in reporter.problems] == ["merge-key"]
