"""Missing values: two truth values under every operator, over no rows and over rows without a value."""

from tests.integration.edges.shop import Shop


def fill(shop: Shop) -> None:
    """Ada has every value, nobody has none of any kind; the others lack what their name says."""
    ada = shop.customer("ada", first_name="Ada", birth_date="1990-06-15")
    shop.customer("nobody")
    shop.customer("empty", first_name="")
    bob = shop.customer("bob", first_name="Bob", birth_date="1980-06-15")
    blank_orders = shop.customer("blank_orders")
    shop.order(ada, "30", coupon_code="SPRING", applied_rule_ids="3,7", base_subtotal="20")
    shop.order(ada, "10", coupon_code="SPRING", applied_rule_ids="3", base_subtotal="10")
    shop.order(bob, "30", coupon_code="AUTUMN", applied_rule_ids="9", base_subtotal="30")
    shop.order(blank_orders, None, coupon_code="", applied_rule_ids="", base_subtotal=None)
    mixed = shop.customer("mixed", first_name="Mixed")
    shop.order(mixed, "40", coupon_code="SPRING", applied_rule_ids="3", base_subtotal="5")
    shop.order(mixed, None, coupon_code=None, applied_rule_ids=None, base_subtotal=None)
