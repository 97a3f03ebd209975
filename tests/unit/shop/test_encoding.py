"""Columns turned into CSV text."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maho_segments.shop.demo.encoding import (
    NULL,
    ROWS_AT_ONCE,
    Instant,
    Joined,
    Money,
    Rate,
    Stacked,
    Value,
    Whole,
    Words,
    csv_chunks,
    words,
)

FIRST = datetime.fromisoformat("1900-01-01")
WHOLE_NUMBERS = st.integers(-(10**15), 10**15)


def lines(value: Value, count: int) -> list[str]:
    return (
        b"".join(csv_chunks({"value": value, "end": "|"}, count)).decode().replace(",|\n", "\n").splitlines()
    )


@given(st.lists(WHOLE_NUMBERS, min_size=1, max_size=20))
def test_whole_numbers(numbers: list[int]) -> None:
    assert lines(np.array(numbers), len(numbers)) == [str(number) for number in numbers]


@given(st.lists(WHOLE_NUMBERS, min_size=1, max_size=20))
def test_amounts(hundredths: list[int]) -> None:
    found = [Decimal(text) for text in lines(Money(np.array(hundredths)), len(hundredths))]
    assert found == [Decimal(number) / 100 for number in hundredths]


@given(st.lists(st.datetimes(FIRST, FIRST + timedelta(days=80_000)), min_size=1, max_size=20))
def test_times(moments: list[datetime]) -> None:
    moments = [moment.replace(microsecond=0) for moment in moments]
    seconds = np.array([int(moment.replace(tzinfo=UTC).timestamp()) for moment in moments])
    assert lines(Instant(seconds), len(moments)) == [
        f"{moment:%Y-%m-%d %H:%M:%S}".zfill(19) for moment in moments
    ]


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_characters="\x00", codec="utf-8")), min_size=1, max_size=9
    )
)
def test_texts_come_back_from_csv(texts: list[str]) -> None:
    text = b"".join(
        csv_chunks({"a": Words(words(texts), np.arange(len(texts))), "b": 1}, len(texts))
    ).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[text, "1"] for text in texts]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([NULL, 0, -7]), ["", "0", "-7"]),
        (Money(np.array([NULL, 0, -5])), ["", "0.00", "-0.05"]),
        (Rate(np.array([10_900, 8_600, 178_000])), ["1.0900", "0.8600", "17.8000"]),
        (Instant(np.array([NULL, 0, 86_399])), ["", "1970-01-01 00:00:00", "1970-01-01 23:59:59"]),
        (Words(words(["a", "", "b,c"]), np.array([-1, 1, 2])), ["", '""', '"b,c"']),
        (Joined(("x", np.array([1, 22, 333]), "@y"), np.array([True, False, True])), ["x1@y", "", "x333@y"]),
        (
            Stacked(((Whole(np.array([5, 6])), np.array([1])), ("long", np.array([0, 1])))),
            ["6", "long", "long"],
        ),
        (None, ["", "", ""]),
        ("same", ["same", "same", "same"]),
        (3, ["3", "3", "3"]),
    ],
)
def test_columns(value: Value, expected: list[str]) -> None:
    assert lines(value, 3) == expected


def test_rows_are_made_some_thousand_at_a_time() -> None:
    count = 2 * ROWS_AT_ONCE + 1
    chunks = list(csv_chunks({"a": np.arange(count), "b": Stacked((("x", np.arange(count)),))}, count))
    assert len(chunks) == 3
    assert b"".join(chunks) == b"".join(b"%d,x\n" % number for number in range(count))


def test_no_rows_give_no_text() -> None:
    assert list(csv_chunks({"a": np.arange(0)}, 0)) == []
