"""What is bought and put into carts: orders, their items and refunds, carts and their items."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from tests.reference.people import People
from tests.reference.places import Places
from tests.reference.profiles import ProfileKey
from tests.reference.row import NOTHING, Row
from tests.reference.shop import Shop, Value, address, id_of, ids, number, rows, text, time

_CANCELLED_MEMO = 3


class Sales:
    """Reads these rows of the shop; rows of nobody are left out."""

    def __init__(
        self, shop: Shop, places: Places, people: People, products: Mapping[int, Mapping[str, Value]]
    ) -> None:
        self.shop = shop
        self.places = places
        self.people = people
        self.products = products

    # ---- orders ------------------------------------------------------------------------------------------

    def orders(self) -> Iterator[Row]:
        addresses = {row["entity_id"]: row for row in rows(self.shop, "sales_flat_order_address")}
        methods: dict[int, str | None] = {}
        for payment in sorted(rows(self.shop, "sales_flat_order_payment"), key=lambda row: row["entity_id"]):
            methods[payment["parent_id"]] = text(payment.get("method"))
        for row in rows(self.shop, "sales_flat_order"):
            customer_id = id_of(row.get("customer_id"))
            owner = (
                self.people.customer(customer_id)
                if customer_id
                else self.people.guest(row.get("store_id"), row.get("customer_email"))
            )
            if owner is None:
                continue
            columns: dict[str, Value] = {
                "is_guest": not customer_id,
                "order_number": text(row.get("increment_id")),
                "state": text(row.get("state")),
                "status": text(row.get("status")),
                **self.places.store_columns(row.get("store_id")),
                "currency": text(row.get("order_currency_code")),
                "payment_method": methods.get(row["entity_id"]),
                "shipping_method": text(row.get("shipping_method")),
                "coupon_code": text(row.get("coupon_code")),
                "rule_ids": ids(row.get("applied_rule_ids")),
                **_place("billing", addresses.get(row.get("billing_address_id") or 0, {})),
                **_place("shipping", addresses.get(row.get("shipping_address_id") or 0, {})),
                "total_qty": number(row.get("total_qty_ordered")),
                "subtotal": number(row.get("base_subtotal")),
                "tax_amount": number(row.get("base_tax_amount")),
                "shipping_amount": number(row.get("base_shipping_amount")),
                # The shop writes the discount of a whole order as a negative amount.
                "discount_amount": abs(number(row.get("base_discount_amount")) or Fraction(0)),
                "grand_total": number(row.get("base_grand_total")),
                "refunded_amount": number(row.get("base_total_refunded")) or Fraction(0),
                "ordered_at": time(row.get("created_at")),
                "updated_at": time(row.get("updated_at")),
            }
            yield Row(owner, row["entity_id"], time(row.get("created_at")), columns)

    def order_items(self, orders: Mapping[int, Row]) -> Iterator[Row]:
        for row in rows(self.shop, "sales_flat_order_item"):
            order = orders.get(row["order_id"])
            if order is None or row.get("parent_item_id"):
                continue
            columns: dict[str, Value] = {
                "sku": text(row.get("sku")),
                "name": text(row.get("name")),
                "product_type": text(row.get("product_type")),
                "qty": number(row.get("qty_ordered")),
                "price": number(row.get("base_price")),
                "row_total": number(row.get("base_row_total")),
                "row_total_incl_tax": _with_tax(row),
                "discount_amount": number(row.get("base_discount_amount")) or Fraction(0),
                "ordered_at": order.at,
            }
            parents = {"order": order.columns, "product": self._product(row.get("product_id"))}
            yield Row(order.owner, row["item_id"], order.at, columns, parents)

    def refunds(self, orders: Mapping[int, Row]) -> Iterator[Row]:
        for row in rows(self.shop, "sales_flat_creditmemo"):
            order = orders.get(row["order_id"])
            if order is None or row.get("state") == _CANCELLED_MEMO:
                continue
            at = time(row.get("created_at"))
            columns: dict[str, Value] = {
                "grand_total": number(row.get("base_grand_total")),
                "refunded_at": at,
            }
            yield Row(order.owner, row["entity_id"], at, columns, {"order": order.columns})

    # ---- carts -------------------------------------------------------------------------------------------

    def carts(self) -> Iterator[Row]:
        visitor_of = {row["quote_id"]: row["visitor_id"] for row in rows(self.shop, "log_quote")}
        for row in rows(self.shop, "sales_flat_quote"):
            owner = self._owner_of_cart(row, id_of(visitor_of.get(row["entity_id"])))
            if owner is None:
                continue
            at = time(row.get("updated_at"))
            columns: dict[str, Value] = {
                "is_guest": not id_of(row.get("customer_id")),
                **self.places.store_columns(row.get("store_id")),
                "coupon_code": text(row.get("coupon_code")),
                "rule_ids": ids(row.get("applied_rule_ids")),
                "items_count": number(row.get("items_count")),
                "items_qty": number(row.get("items_qty")),
                "subtotal": number(row.get("base_subtotal")),
                "grand_total": number(row.get("base_grand_total")),
                "is_active": row.get("is_active") == 1,
                "created_at": time(row.get("created_at")),
                "updated_at": at,
            }
            yield Row(owner, row["entity_id"], at, columns)

    def _owner_of_cart(self, row: Mapping[str, Any], visitor_id: int | None) -> ProfileKey | None:
        """The customer; else who has the address; else the visitor."""
        if customer_id := id_of(row.get("customer_id")):
            return self.people.customer(customer_id)
        if address(row.get("customer_email")):
            return self.people.guest(row.get("store_id"), row.get("customer_email"))
        return self.people.visitor(visitor_id)

    def cart_items(self, carts: Mapping[int, Row]) -> Iterator[Row]:
        for row in rows(self.shop, "sales_flat_quote_item"):
            cart = carts.get(row["quote_id"])
            if cart is None or row.get("parent_item_id"):
                continue
            at = time(row.get("updated_at"))
            columns: dict[str, Value] = {
                "sku": text(row.get("sku")),
                "name": text(row.get("name")),
                "product_type": text(row.get("product_type")),
                "qty": number(row.get("qty")),
                "price": number(row.get("base_price")),
                "row_total": number(row.get("base_row_total")),
                "created_at": time(row.get("created_at")),
                "updated_at": at,
            }
            parents = {"cart": cart.columns, "product": self._product(row.get("product_id"))}
            yield Row(cart.owner, row["item_id"], at, columns, parents)

    def _product(self, product_id: int | None) -> Mapping[str, Value]:
        """The columns of a product; of one that was deleted, all are missing."""
        return self.products.get(product_id or 0, NOTHING)


def _place(prefix: str, row: Mapping[str, Any]) -> dict[str, Value]:
    return {
        f"{prefix}_country": text(row.get("country_id")),
        f"{prefix}_region": text(row.get("region")),
        f"{prefix}_city": text(row.get("city")),
        f"{prefix}_postcode": text(row.get("postcode")),
    }


def _with_tax(row: Mapping[str, Any]) -> Fraction | None:
    """The total of an item's row with tax; where the shop did not write it, the total and the tax."""
    with_tax, without = number(row.get("base_row_total_incl_tax")), number(row.get("base_row_total"))
    if with_tax is not None or without is None:
        return with_tax
    return without + (number(row.get("base_tax_amount")) or 0)
