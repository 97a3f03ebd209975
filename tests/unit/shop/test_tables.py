"""The facts about the shop's tables."""

from __future__ import annotations

import pytest

from maho_segments.shop.tables import TYPES, parse_tables, shop_tables

TABLES = list(shop_tables().values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_table_is_complete(table) -> None:
    assert table.columns
    assert {column.type for column in table.columns} <= TYPES
    assert table.is_required != bool(table.without), "either the shop needs it, or something stops without it"


def test_endings_give_one_table_each_with_a_value_of_its_type() -> None:
    types = {
        name.removeprefix("catalog_product_entity_"): table.column("value").type
        for name, table in shop_tables().items()
        if name.startswith("catalog_product_entity_")
    }
    assert types == {
        "varchar": "text",
        "int": "bigint",
        "decimal": "numeric",
        "datetime": "timestamp",
        "text": "text",
    }


def test_unsigned_integers_of_the_shop_fit() -> None:
    assert shop_tables()["sales_flat_order"].column("entity_id").type == "bigint"
    assert shop_tables()["core_store"].column("store_id").type == "integer"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("customer_entity", "twofa_secret"),
        ("sales_flat_quote", "password_hash"),
        ("sales_flat_quote", "masked_quote_id"),
        ("sales_flat_order", "protect_code"),
        ("sales_flat_order", "guest_access_token"),
        ("sales_flat_order", "giftcard_codes"),
        ("sales_flat_order_payment", "cc_number_enc"),
        ("sales_flat_order_payment", "cc_last4"),
        ("sales_flat_order_payment", "additional_information"),
        ("wishlist", "sharing_code"),
        ("newsletter_subscriber", "subscriber_confirm_code"),
        ("log_visitor", "session_id"),
    ],
)
def test_secret_column_is_no_column(table: str, column: str) -> None:
    assert column in shop_tables()[table].secrets
    assert shop_tables()[table].column(column) is None


def test_key_without_a_required_column_is_numbered() -> None:
    assert shop_tables()["core_config_data"].numbered_key == "config_id"
    assert shop_tables()["sales_flat_order"].numbered_key is None
    assert shop_tables()["catalog_category_product"].numbered_key is None


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("bigint a!\n  key b", "names none of its columns"),
        ("bigint a! a\n  key a", "given twice"),
        ("bigint a!\n  secret a\n  key a", "given twice"),
        ("biginteger a!\n  key a", "'biginteger' is not a word"),
    ],
)
def test_mistake_in_the_facts_is_found(lines: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(parse_tables(f"table t\n  {lines}\n"))
