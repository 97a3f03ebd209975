"""Without triggers: what the clocks in the rows tell, and what they don't."""

from __future__ import annotations

from typing import LiteralString, cast

from psycopg import sql

from tests.integration.capture.changes import CHANGES
from tests.integration.capture.conftest import CapturedShop, insert_rows

_CLOCKS = {
    **dict.fromkeys(
        (
            "catalog_category_entity",
            "catalog_product_entity",
            "customer_address_entity",
            "customer_entity",
            "sales_flat_creditmemo",
            "sales_flat_order",
            "sales_flat_order_item",
            "sales_flat_quote",
            "sales_flat_quote_item",
            "wishlist",
        ),
        "updated_at",
    ),
    "log_customer": "login_at",
    "log_visitor": "first_visit_at",
    "newsletter_subscriber": "change_status_at",
    "report_event": "logged_at",
    "report_viewed_product_index": "added_at",
    "wishlist_item": "added_at",
}
_SINCE = "timestamptz '2026-03-01 12:00+00'"


def test_clocks_tell_the_same_keys_as_triggers(captured: CapturedShop) -> None:
    query = captured.dbt.compile_inline(
        "{{ clock_keys_query(SINCE) }}".replace("SINCE", f'"{_SINCE}"'), variables={}
    )
    changes = [change for change in CHANGES if change.table in _CLOCKS]
    assert len(changes) == len(_CLOCKS)
    wanted = set()
    with captured.connect() as connection:
        for change in changes:
            clock = _CLOCKS[change.table]
            connection.execute(sql.SQL("truncate {}").format(sql.Identifier("maho", change.table)))
            # The lookback is two hours: the first is too old, the second may have come late.
            for number, written_at in (
                (21, "2026-03-01 09:59:59"),
                (22, "2026-03-01 10:00:00"),
                (23, "2026-04-01"),
            ):
                insert_rows(connection, change.table, [{**change.row(number), clock: written_at}])
            wanted |= change.keys(22) | change.keys(23)
        found = set(connection.execute(cast(LiteralString, query)).fetchall())
        for change in changes:
            connection.execute(sql.SQL("truncate {}").format(sql.Identifier("maho", change.table)))
    assert {(kind, email if kind == "email" else number) for kind, number, email in found} == wanted


def test_the_key_of_clocks_is_that_of_the_declarations(captured: CapturedShop) -> None:
    text = "{{ capture_key() }}"
    by_clocks = captured.dbt.compile_inline(text, variables={"change_capture": "clocks"})
    assert by_clocks.startswith("clocks:")
    assert captured.dbt.compile_inline(text, variables={}) == captured.key() != by_clocks
