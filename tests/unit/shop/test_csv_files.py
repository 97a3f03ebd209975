"""Reading a shop's CSV files."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maho_segments.errors import ShopError
from maho_segments.shop.csv_files import FilePosition, read_chunks, read_shop_file, table_name
from maho_segments.shop.tables import Column, Table

TABLE = Table(
    name="notes",
    columns=(
        Column("id", "bigint", is_required=True),
        Column("text", "text"),
        Column("at", "timestamp"),
    ),
    key=("id",),
    secrets=frozenset({"token"}),
)
HEADER = "id,text,at\n"


def read(path: Path, chunk_bytes: int = 1 << 20) -> bytes:
    header, *rows = read_chunks(read_shop_file(path, TABLE), FilePosition(), chunk_bytes)
    assert header.strip()
    return b"".join(rows)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes.csv"


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("customer_entity.csv", "customer_entity"),
        ("customer_entity.csv.gz", "customer_entity"),
        ("customer_entity.txt", None),
        ("README", None),
        ("customer_entity.gz", None),
    ],
)
def test_table_name(name: str, table: str | None) -> None:
    assert table_name(Path(name)) == table


def test_rows_without_surprises_pass_as_they_are(notes: Path) -> None:
    rows = b'1,"two\nlines, a ""quote""",2026-01-01 00:00:00\n2,,\n3,"",\n'
    notes.write_bytes(HEADER.encode() + rows)
    for chunk_bytes in range(1, len(rows) + 2):
        assert read(notes, chunk_bytes) == rows


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,\\N,\\N\n", "1,,\n"),
        ('1,"\\N",\n', '1,"\\N",\n'),
        ("1,a\\N,\n", "1,a\\N,\n"),
        ("1,x,0000-00-00 00:00:00\n", "1,x,\n"),
        ('1,x,"0000-00-00 00:00:00"\n', "1,x,\n"),
        ("1,0000-00-00,2026-01-01 00:00:00\n", "1,0000-00-00,2026-01-01 00:00:00\n"),
        ("1,x,0000-00-00\n2,y,\n", "1,x,\n2,y,\n"),
        ("1,\\N,\r\n2,y,\r\n", "1,,\r\n2,y,\r\n"),
        ("1,\\N,", "1,,"),
        ("1,\\.,\n", '1,"\\.",\n'),
        ("1,x,\n\n\n", "1,x,\n"),
        ("1,x,\r\n\r\n", "1,x,\r\n"),
        ("", ""),
    ],
)
def test_what_stands_for_nothing_becomes_nothing(notes: Path, rows: str, expected: str) -> None:
    notes.write_text(HEADER + rows, newline="")
    assert read(notes).decode() == expected


def test_secret_and_unknown_columns_are_left_out(notes: Path) -> None:
    notes.write_text('token,id,shade,text\nsecret,1,"a,b","c,d"\n"x\ny",2,,\n')
    file = read_shop_file(notes, TABLE)
    assert (file.loaded, file.secret, file.ignored, file.missing) == (
        ("id", "text"),
        ("token",),
        ("shade",),
        ("at",),
    )
    assert read(notes) == b'1,"c,d"\n2,\n'


def test_byte_order_mark_and_quoted_header_are_understood(notes: Path) -> None:
    notes.write_bytes('\ufeff"id","text","at"\n1,x,\n'.encode())
    assert read_shop_file(notes, TABLE).loaded == ("id", "text", "at")
    assert read(notes) == b"1,x,\n"


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.text(alphabet='a,"\n\r\\N.0é-', max_size=12), st.text(max_size=5)), max_size=8
    ),
    chunk_bytes=st.integers(1, 60),
)
def test_any_text_survives_being_cut_and_rewritten(tmp_path_factory, rows, chunk_bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "notes.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(["id", "shade", "text"])
        # A carriage return of its own ends no line here, but does for Python's reader.
        clean = [(text.replace("\r", ""), shade.replace("\r", "")) for text, shade in rows]
        writer.writerows([number, shade, text] for number, (text, shade) in enumerate(clean))
    found = list(csv.reader(io.StringIO(read(path, chunk_bytes).decode("utf-8"), newline="")))
    expected = [
        [str(number), text.encode("utf-8", "replace").decode()] for number, (text, _) in enumerate(clean)
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "notes.csv is empty"),
        (b"\n1,x\n", "notes.csv is empty"),
        (b"text,at\nx,\n", "line 1: the header has no id, but text, at"),
        (b"id;text;at\n1;x;\n", "the header has no id, but id;text;at"),
        (b"id,text,text\n1,x,y\n", "names text twice"),
        (b"id,t\xfcxt\n1,x\n", "not UTF-8"),
        (b"id,shade\n1,red\n2\n", "line 3: 1 values, but the header names 2 columns"),
        (b'id,shade\n1,"a\nb"\n2,red,x\n', "line 4: 3 values"),
        (b'id,shade\n1,"red\n2,blue\n', "line 2 or later: a quoted value does not end"),
    ],
)
def test_broken_file_is_explained(notes: Path, content: bytes, message: str) -> None:
    notes.write_bytes(content)
    with pytest.raises(ShopError, match=message):
        read(notes)


def test_cut_off_gzip_file_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv.gz"
    packed = gzip.compress((HEADER + "".join(f"{number},text,\n" for number in range(5000))).encode())
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ShopError, match=r"notes\.csv\.gz is not a whole gzip file"):
        read(path)
    path.write_bytes(b"id,text,at\n1,x,\n")
    with pytest.raises(ShopError, match="is not a whole gzip file"):
        read(path)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"notes{ending}"
    row = f"{'x' * 790},1,secret\n".encode()
    with gzip.open(path, "wb", compresslevel=1) if ending.endswith("gz") else path.open("wb") as stream:
        stream.write(b"text,id,token\n")
        for _ in range(10):
            stream.write(row * 5_000)
    file = read_shop_file(path, TABLE)
    position = FilePosition()
    tracemalloc.start()
    try:
        length = sum(len(chunk) for chunk in read_chunks(file, position))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert length == len("text,id\n") + 50_000 * len(row.replace(b",secret", b""))
    assert position.done == position.total == path.stat().st_size
    assert peak < 8 << 20, "40 MB of rows went through"
