"""A shop's CSV files, read in bounded memory: headers checked, rows passed on as they are if possible.

A file is UTF-8, comma-separated, plain or gzipped, and its first line names the columns. An empty value is
NULL, and so is an unquoted `\\N` (as MySQL writes it) and a zero date (`0000-00-00`, as old MySQL shops hold
it); a quoted empty value is an empty text.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from maho_segments.errors import ShopError
from maho_segments.shop.tables import Table

ENDINGS: Final = (".csv", ".csv.gz")
CHUNK_BYTES: Final = 1 << 20
MAX_ROW_BYTES: Final = 64 << 20

_BOM: Final = b"\xef\xbb\xbf"
# Within quotes, two double quotes are one: to the pattern they end one quoted part and begin the next.
_VALUE = re.compile(rb'((?:[^",\r\n]+|"[^"]*"|\r(?!\n))*)(,|\r?\n|\Z)')
_QUOTES: Final = (
    "Values with commas, double quotes or line ends in them stand between double quotes; "
    "inside them, double quotes are doubled."
)
_NEEDS_A_LOOK: Final = (b"\\N", b"\\.", b"0000-00-00")


@dataclass(frozen=True)
class ShopFile:
    """A file of one table whose header was checked: which of its columns are loaded, and which are not."""

    path: Path
    table: Table
    header: tuple[str, ...]
    loaded: tuple[str, ...]
    ignored: tuple[str, ...]
    secret: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass
class FilePosition:
    """How many bytes of a file were read, packed as it lies on the disk."""

    done: int = 0
    total: int = 0


def table_name(path: Path) -> str | None:
    """The table that a file is named after, or None for a file that is no CSV."""
    endings = (ending for ending in ENDINGS if path.name.endswith(ending))
    return next((path.name.removesuffix(ending) for ending in endings), None)


def read_shop_file(path: Path, table: Table) -> ShopFile:
    """The file with its header checked against the table; raises ShopError for one that can't be loaded."""
    with _reading(path) as (stream, _):
        line = stream.readline(MAX_ROW_BYTES).removeprefix(_BOM)
    header = _header(path, line)
    known = {column.name for column in table.columns}
    missing_required = [c.name for c in table.columns if c.is_required and c.name not in header]
    if missing_required:
        raise ShopError(
            f"{path.name}, line 1: the header has no {', '.join(missing_required)}, "
            f"but {', '.join(header[:8])}{', ...' if len(header) > 8 else ''}.",
            "Export the table with these columns and their names, separated by commas.",
        )
    return ShopFile(
        path=path,
        table=table,
        header=header,
        loaded=tuple(name for name in header if name in known),
        ignored=tuple(name for name in header if name not in known | table.secrets),
        secret=tuple(name for name in header if name in table.secrets),
        missing=tuple(column.name for column in table.columns if column.name not in header),
    )


def read_chunks(file: ShopFile, position: FilePosition, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """A file's header and then its rows, in pieces of whole rows, with only the loaded columns.

    Raises ShopError for rows of another width than the header's, for a value that does not end and for a gzip
    file that is broken.
    """
    keep = [index for index, name in enumerate(file.header) if name in file.loaded]
    rewriter = _Rewriter(file, keep)
    line_number = 2
    with _reading(file.path) as (stream, raw):
        position.total = file.path.stat().st_size
        header = stream.readline(MAX_ROW_BYTES)
        yield ",".join(file.loaded).encode() + (b"\r\n" if header.endswith(b"\r\n") else b"\n")
        for chunk in _whole_rows(file.path, stream, chunk_bytes):
            position.done = raw.tell()
            if len(keep) < len(file.header) or any(mark in chunk for mark in _NEEDS_A_LOOK):
                yield rewriter.rewrite(chunk, line_number)
            else:
                yield chunk
            line_number += chunk.count(b"\n")


class _Rewriter:
    """Rewrites rows value by value: leaves columns out, and turns what stands for NULL into nothing."""

    def __init__(self, file: ShopFile, keep: list[int]) -> None:
        self._file = file
        self._keep = keep
        kinds = {column.name: column.type for column in file.table.columns}
        self._times = frozenset(
            index for index, name in enumerate(file.header) if kinds.get(name) in {"timestamp", "date"}
        )

    def rewrite(self, chunk: bytes, line_number: int) -> bytes:
        if chunk.count(b'"') % 2:
            raise ShopError(
                f"{self._file.path.name}, line {line_number} or later: a quoted value does not end.", _QUOTES
            )
        rows: list[bytes] = []
        row: list[bytes] = []
        for value, separator in _VALUE.findall(chunk):
            row.append(value)
            if separator == b",":
                continue
            if separator == b"" and row == [b""]:
                break
            if len(row) != len(self._file.header):
                raise ShopError(
                    f"{self._file.path.name}, line {line_number}: {len(row)} values, but the header names "
                    f"{len(self._file.header)} columns.",
                    _QUOTES,
                )
            rows.append(b",".join([self._value(row[index], index) for index in self._keep]) + separator)
            line_number += sum(kept.count(b"\n") for kept in row) + 1
            row.clear()
        return b"".join(rows)

    def _value(self, value: bytes, index: int) -> bytes:
        if value == b"\\N":
            return b""
        if value == b"\\.":
            # Alone on a line it would end the input of PostgreSQL before 18.
            return b'"\\."'
        if index in self._times and value.lstrip(b'"').startswith(b"0000-00-00"):
            return b""
        return value


@contextmanager
def _reading(path: Path) -> Iterator[tuple[BinaryIO | gzip.GzipFile, BinaryIO]]:
    """The unpacked bytes of a file, and the file itself; broken gzip files are ShopErrors."""
    try:
        with path.open("rb") as raw:
            if path.name.endswith(".gz"):
                with gzip.open(raw) as unpacked:
                    yield unpacked, raw
            else:
                yield raw, raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"{path.name} is not a whole gzip file: {error}."
        raise ShopError(message, "Copy or export it again.") from None
    except OSError as error:
        raise ShopError(f"{path.name} can't be read: {error.strerror or error}.") from None


def _whole_rows(path: Path, stream: BinaryIO | gzip.GzipFile, chunk_bytes: int) -> Iterator[bytes]:
    rest = b""
    while data := stream.read(chunk_bytes):
        rest += data
        end = _end_of_rows(rest)
        # Empty lines stay in the rest: at the end of the file they mean nothing.
        end = len(rest[:end].rstrip(b"\r\n")) if end > 0 else 0
        if end:
            end += 2 if rest.startswith(b"\r\n", end) else 1
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > MAX_ROW_BYTES:
            size = f"{MAX_ROW_BYTES >> 20} MB"
            raise ShopError(f"{path.name}: a row of over {size} begins with {rest[:60]!r}.", _QUOTES)
    if rest.strip():
        yield rest.rstrip(b"\r\n")


def _end_of_rows(data: bytes) -> int:
    """Where the last line end outside quotes stands, or -1."""
    end = data.rfind(b"\n")
    while end >= 0 and data.count(b'"', 0, end) % 2:
        end = data.rfind(b"\n", 0, end)
    return end


def _header(path: Path, line: bytes) -> tuple[str, ...]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        message = f"{path.name}, line 1: the header is not UTF-8 text."
        raise ShopError(message, "Export the table as UTF-8.") from None
    names = [name.strip() for name in next(csv.reader(io.StringIO(text)), [])]
    if not any(names):
        raise ShopError(
            f"{path.name} is empty.", "Its first line names the columns; delete it if there are none."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ShopError(f"{path.name}, line 1: the header names {', '.join(twice)} twice.")
    return tuple(names)
