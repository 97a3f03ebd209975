"""The demo shop as CSV files."""

from __future__ import annotations

import csv
import hashlib
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maho_segments.shop.demo import generate, write_csv
from maho_segments.shop.progress import ShopProgress
from maho_segments.shop.tables import shop_tables
from tests.databases import PROJECT

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def checksums(folder: Path, customers: int, seed: int, now: datetime = NOW) -> dict[str, str]:
    write_csv(folder, customers=customers, seed=seed, now=now)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_shop_depends_on_size_seed_and_last_moment_only(tmp_path: Path) -> None:
    shop = checksums(tmp_path / "a", 80, 1)
    assert checksums(tmp_path / "b", 80, 1) == shop
    others = [(80, 2, NOW), (81, 1, NOW), (80, 1, NOW + timedelta(hours=1))]
    for number, (customers, seed, now) in enumerate(others):
        other = checksums(tmp_path / str(number), customers, seed, now)
        assert other["customer_entity.csv"] != shop["customer_entity.csv"]
        assert other["sales_flat_order.csv"] != shop["sales_flat_order.csv"]


def test_files_have_only_columns_of_the_shops_tables(tmp_path: Path) -> None:
    write_csv(tmp_path, customers=30, seed=1, now=NOW)
    for path in tmp_path.iterdir():
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        table = shop_tables()[path.stem]
        assert set(header) <= {column.name for column in table.columns}
        assert {column.name for column in table.columns if column.is_required} <= set(header)
        assert {len(row) for row in rows} <= {len(header)}


def test_memory_grows_with_a_part_not_with_the_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "CUSTOMERS_AT_ONCE", 500)

    def peak(customers: int) -> int:
        tracemalloc.start()
        try:
            write_csv(tmp_path / str(customers), customers=customers, seed=1, now=NOW)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(500)  # fills the caches
    assert peak(2_500) < 1.5 * peak(500)


def test_progress_counts_customers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "CUSTOMERS_AT_ONCE", 10)
    seen: list[ShopProgress] = []
    write_csv(tmp_path, customers=25, seed=1, now=NOW, progress=seen.append)
    assert [(news.done, news.total, news.unit) for news in seen] == [
        (10, 25, "customers"),
        (20, 25, "customers"),
        (25, 25, "customers"),
    ]


def test_seeds_are_the_demo_shops_files(tmp_path: Path) -> None:
    """Tables and columns only: the last digit of a drawn number may differ from processor to processor."""
    write_csv(tmp_path, customers=30, seed=1, now=NOW)

    def headers(folder: Path) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in folder.glob("*.csv")}

    assert headers(PROJECT / "seeds") == headers(tmp_path)
