"""Views that PostgreSQL can look through.

A view that begins with WITH is planned by itself: joins that nobody needs stay in it, and one customer's rows
are found by reading everybody's. What groups has to be planned by itself anyway, and tables are no views.
"""

from pathlib import Path

import pytest

from tests.databases import PROJECT

GROUPED = {"stg_maho__categories", "stg_maho__product_categories"}
TABLES = {"unlogged_product_views"}
VIEWS = sorted(
    path
    for layer in ("staging", "relations")
    for path in (PROJECT / "models" / layer).rglob("*.sql")
    if path.stem not in GROUPED | TABLES
)


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_view_has_no_with(path: Path) -> None:
    lines = [line.strip().lower() for line in path.read_text().splitlines()]
    assert not [line for line in lines if line == "with" or line.startswith("with ")]
