"""Orders in every state, edited ones, rows within rows, refunds, carts that a login merged."""

from tests.integration.edges.shop import Shop


def fill(shop: Shop) -> None:
    for state in ("new", "pending_payment", "processing", "complete", "closed", "canceled", "holded"):
        shop.order(shop.customer(state), "100", state=state)
    shop.order(shop.customer("stateless"), "100", state=None)
    _edited_orders(shop)
    _rows_within_rows(shop)
    _refunds(shop)
    _carts(shop)


def _edited_orders(shop: Shop) -> None:
    """Edited in the admin: the shop cancels the order, and makes a new one that names it."""
    edited = shop.customer("edited")
    old = shop.order(edited, "100", "2025-01-01 12:00:00", "canceled", relation_child_id="100-1")
    shop.order(edited, "80", "2025-01-05 12:00:00", relation_parent_id=old, edit_increment=1)


def _rows_within_rows(shop: Shop) -> None:
    shirt, variant = shop.product("shirt", price="20"), shop.product("shirt-red", price="20")
    order = shop.order(shop.customer("configurable"), "40")
    row = shop.item(
        order,
        "shirt-red",
        product_type="configurable",
        product_id=shirt,
        qty_ordered="2",
        base_row_total="40",
    )
    shop.item(
        order, "shirt-red", product_type="simple", product_id=variant, qty_ordered="2", parent_item_id=row
    )
    order = shop.order(shop.customer("bundle"), "90")
    row = shop.item(order, "set", product_type="bundle", qty_ordered="1", base_row_total="90")
    for part in ("set-lens", "set-bag", "set-strap"):
        # A bundle with dynamic prices has them on its parts as well.
        shop.item(
            order, part, product_type="simple", qty_ordered="1", base_row_total="30", parent_item_id=row
        )
    cart = shop.cart(shop.customer("bundle_in_cart"), items_count=1, items_qty="1")
    row = shop.cart_item(cart, "set", product_type="bundle", qty="1", base_row_total="90")
    shop.cart_item(cart, "set-lens", product_type="simple", qty="1", base_row_total="30", parent_item_id=row)
    order = shop.order(shop.customer("deleted_product"), "5")
    shop.item(order, "gone", product_id=999_999, qty_ordered="1", base_row_total="5")


def _refunds(shop: Shop) -> None:
    partly = shop.order(shop.customer("partly_refunded"), "100")
    shop.refund(partly, "30")
    fully = shop.order(shop.customer("fully_refunded"), "100", state="closed")
    shop.refund(fully, "100")
    shop.refund(shop.order(shop.customer("memo_cancelled"), "100"), "30", state=3)
    shop.refund(shop.order(shop.customer("memo_open"), "100"), "30", state=1)
    shop.refund(shop.order(shop.customer("memo_stateless"), "100"), "30", state=None)
    shop.refund(shop.order(shop.customer("refunded_though_canceled"), "100", state="canceled"), "30")
    guest = shop.guest("refunded_guest")
    shop.refund(shop.order(guest, "100"), "30")


def _carts(shop: Shop) -> None:
    """At a login the storefront deletes the visitor's cart; the REST interface only closes it."""
    merged = shop.customer("cart_merged")
    session = shop.visitor("session_of_cart_merged")
    shop.cart(merged, "50", items_count=2)
    shop.cart(session, "20", is_active=0, items_count=1)
    shop.login(merged, "2025-01-02 12:00:00", session)
    rest = shop.customer("cart_merged_by_rest")
    shop.cart(rest, "50", items_count=2)
    shop.cart(rest, "20", is_active=0, items_count=1, customer_id=None, customer_email=None)
    shop.cart(shop.customer("cart_ordered"), "50", is_active=0, items_count=2)
    shop.cart(shop.customer("cart_emptied"), "0", items_count=0)
    shop.cart(shop.customer("cart_untouched"), None, items_count=None)
    shop.cart(shop.guest("cart_of_guest"), "50", items_count=1, customer_id=0)
    # Seen only by its views and carts, so somebody: an anonymous one; and one without any is nobody.
    shop.cart(shop.visitor("cart_of_visitor"), "50", items_count=1)
    shop.visitor("visitor_without_anything")
