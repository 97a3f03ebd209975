"""Columns of many rows turned into CSV text at once, with numpy instead of a loop over rows.

Each column becomes a matrix of bytes, one line a row, padded with zero bytes. The matrices are put
side by side with commas between them, and dropping every zero byte leaves the CSV text.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.bytes_]
Matrix: TypeAlias = NDArray[np.uint8]
Rows: TypeAlias = slice | Integers

NULL: Final = np.int64(np.iinfo(np.int64).min)
ROWS_AT_ONCE: Final = 1 << 15

_DAY: Final = 86_400
_FOUR_DIGITS: Final = 10_000


class Field(ABC):
    """A column of text, made for some of its rows at a time."""

    @abstractmethod
    def matrix(self, rows: Rows) -> Matrix:
        """The text of these rows, a line each, padded with zero bytes; a line of zero bytes is NULL."""


Value: TypeAlias = Field | Integers | int | str | None
Columns: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True)
class Whole(Field):
    """Whole numbers; `NULL` is NULL."""

    values: Integers

    def matrix(self, rows: Rows) -> Matrix:
        values = self.values[rows]
        is_null = values == NULL
        magnitude = np.where(is_null, 0, np.abs(values))
        digits = _digits(magnitude)
        sign = np.where((values < 0) & ~is_null, ord("-"), 0).astype(np.uint8)
        text = np.hstack([sign[:, None], digits])
        text[is_null] = 0
        return text


@dataclass(frozen=True)
class Money(Field):
    """Amounts, given in hundredths; `NULL` is NULL."""

    hundredths: Integers

    def matrix(self, rows: Rows) -> Matrix:
        return _fixed_point(self.hundredths[rows], 2)


@dataclass(frozen=True)
class Rate(Field):
    """Rates of currencies, given in ten-thousandths."""

    ten_thousandths: Integers

    def matrix(self, rows: Rows) -> Matrix:
        return _fixed_point(self.ten_thousandths[rows], 4)


@dataclass(frozen=True)
class Instant(Field):
    """Times in UTC, given in seconds since 1970; `NULL` is NULL."""

    seconds: Integers

    def matrix(self, rows: Rows) -> Matrix:
        values = self.seconds[rows]
        is_null = values == NULL
        days, second = np.divmod(np.where(is_null, values.max(initial=0), values), _DAY)
        # Each day is written once: rows are many, days few.
        first = days.min(initial=days.max(initial=0))
        every_day = np.arange(first, days.max(initial=0) + 1).astype("datetime64[D]")
        dates = _bytes(np.datetime_as_string(every_day).astype("S10"))
        text = np.hstack([dates[days - first], _clock_times()[second]])
        text[is_null] = 0
        return text


@dataclass(frozen=True)
class Words(Field):
    """For each row one of a few texts, by its place among them; a negative place is NULL."""

    choices: Texts
    places: Integers

    def matrix(self, rows: Rows) -> Matrix:
        places = self.places[rows]
        text = _bytes(self.choices[np.maximum(places, 0)])
        text[places < 0] = 0
        return text


@dataclass(frozen=True)
class Joined(Field):
    """Several columns written one after the other; NULL where `where` is false."""

    parts: tuple[Value, ...]
    where: Flags | None = None

    def matrix(self, rows: Rows) -> Matrix:
        text = np.hstack([_matrix(part, rows) for part in self.parts])
        if self.where is not None:
            text[~self.where[rows]] = 0
        return text


@dataclass(frozen=True)
class Stacked(Field):
    """Several columns one below the other: of each its value and the rows that are taken from it."""

    parts: tuple[tuple[Value, Integers], ...]

    def matrix(self, rows: Rows) -> Matrix:
        assert isinstance(rows, slice)
        found: list[Matrix] = []
        start = 0
        for value, taken in self.parts:
            first, last = max(rows.start - start, 0), min(rows.stop - start, len(taken))
            if first < last:
                found.append(_matrix(value, taken[first:last]))
            start += len(taken)
        width = max(matrix.shape[1] for matrix in found)
        return np.vstack([np.pad(matrix, ((0, 0), (0, width - matrix.shape[1]))) for matrix in found])


def words(texts: Iterable[str]) -> Texts:
    """Texts as `Words` takes them: in UTF-8, quoted where CSV needs it, empty ones as a pair of quotes."""
    return np.array([_quoted(text) for text in texts], dtype=np.bytes_)


def csv_chunks(columns: Columns, count: int) -> Iterator[bytes]:
    """The rows of these columns as CSV text without a header, some thousand rows at a time."""
    for start in range(0, count, ROWS_AT_ONCE):
        rows = slice(start, min(start + ROWS_AT_ONCE, count))
        size = rows.stop - rows.start
        comma = np.full((size, 1), ord(","), dtype=np.uint8)
        line_end = np.full((size, 1), ord("\n"), dtype=np.uint8)
        pieces: list[Matrix] = []
        for value in columns.values():
            pieces.extend((_matrix(value, rows), comma))
        text = np.hstack([*pieces[:-1], line_end]).ravel()
        yield text[text != 0].tobytes()


def _matrix(value: Value, rows: Rows) -> Matrix:
    count = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
    if value is None:
        return np.zeros((count, 0), dtype=np.uint8)
    if isinstance(value, int | str):
        text = np.frombuffer(str(value).encode(), dtype=np.uint8)
        return np.broadcast_to(text, (count, len(text)))
    return _field(value).matrix(rows)


def _field(value: Field | Integers) -> Field:
    return value if isinstance(value, Field) else Whole(value)


def _fixed_point(values: Integers, places: int) -> Matrix:
    is_null = values == NULL
    whole, rest = np.divmod(np.where(is_null, 0, np.abs(values)), 10**places)
    sign = np.where((values < 0) & ~is_null, ord("-"), 0).astype(np.uint8)
    point = np.full((len(values), 1), ord("."), dtype=np.uint8)
    text = np.hstack([sign[:, None], _digits(whole), point, _padded_digits(rest, places)])
    text[is_null] = 0
    return text


def _digits(magnitude: Integers) -> Matrix:
    width = len(str(int(magnitude.max(initial=0))))
    text = _padded_digits(magnitude, width)
    for place in range(width - 1):
        text[:, place] *= magnitude >= 10 ** (width - 1 - place)
    return text


def _padded_digits(magnitude: Integers, width: int) -> Matrix:
    """Numbers with leading zeros, four digits at a time from a table of all of them."""
    groups: list[Matrix] = []
    rest = magnitude
    for _ in range(-(-width // 4)):
        rest, group = np.divmod(rest, _FOUR_DIGITS)
        groups.append(_four_digits()[group])
    return np.hstack(groups[::-1])[:, -width:]


def _bytes(texts: Texts) -> Matrix:
    return np.ascontiguousarray(texts).view(np.uint8).reshape(len(texts), texts.dtype.itemsize)


@cache
def _four_digits() -> Matrix:
    return _bytes(np.array([f"{number:04}" for number in range(_FOUR_DIGITS)], dtype="S4"))


@cache
def _clock_times() -> Matrix:
    times: Sequence[str] = [
        f" {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(_DAY)
    ]
    return _bytes(np.array(times, dtype="S9"))


def _quoted(text: str) -> bytes:
    if text and not set(text) & set(',"\r\n'):
        return text.encode()
    return b'"' + text.encode().replace(b'"', b'""') + b'"'
