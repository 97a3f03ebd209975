"""Rows around the run's instant, rows without a time, ties, windows to the second."""

from tests.integration.edges.shop import Shop

# The run is as of 2025-03-31 10:00:00 UTC, unless a case says otherwise.
MOMENTS = {
    "just_before": "2025-03-31 09:59:59",
    "exactly_at": "2025-03-31 10:00:00",
    "just_after": "2025-03-31 10:00:01",
    "in_summer": "2025-07-01 00:00:00",
    "day_ago": "2025-03-30 10:00:00",
    "day_and_second_ago": "2025-03-30 09:59:59",
    "long_ago": "2001-01-01 00:00:00",
    "undated": None,
}


def fill(shop: Shop) -> None:
    """Each has one order, one cart and one login at the moment of the name, and some more than that."""
    product = shop.product("lamp")
    for nickname, moment in MOMENTS.items():
        person = shop.customer(nickname)
        order = shop.order(person, "10", moment)
        shop.item(order, "lamp", product_id=product, qty_ordered="1")
        shop.subscription(person, 1, moment)
        if moment:
            shop.refund(order, "1", created_at=moment)
            shop.cart(person, "10", moment)
            shop.login(person, moment)
            shop.view(person, product, moment)
    for nickname, moment in (("new_at", "2025-03-31 10:00:00"), ("new_before", "2025-03-31 09:59:59")):
        shop.customer(nickname, created_at=moment)
    shop.customer("new_undated", created_at=None)
    guest = shop.guest("guest_later")
    shop.order(guest, "10", "2025-07-01 00:00:00")
    # Two orders of the same second; the second has the larger id.
    tie = shop.customer("tie")
    shop.order(tie, "1", "2025-01-01 12:00:00", coupon_code="LOWER")
    shop.order(tie, "2", "2025-01-01 12:00:00", coupon_code="LARGER")
    # The newest first, so that the id does not say which is the newest.
    backwards = shop.customer("backwards")
    shop.order(backwards, "2", "2025-01-02 12:00:00", coupon_code="NEWER")
    shop.order(backwards, "1", "2025-01-01 12:00:00", coupon_code="OLDER")
    mixed = shop.customer("with_undated")
    shop.order(mixed, "1", "1970-01-01 00:00:00", coupon_code="DATED")
    shop.order(mixed, "2", None, coupon_code="UNDATED")
    ahead = shop.customer("ahead")
    shop.order(ahead, "1", "2025-01-01 12:00:00", coupon_code="PAST")
    shop.order(ahead, "2", "2025-07-01 00:00:00", coupon_code="FUTURE")
    before_epoch = shop.customer("before_epoch")
    shop.order(before_epoch, "1", "1969-12-31 23:59:59", coupon_code="OLDER")
    shop.order(before_epoch, "2", "1970-01-01 00:00:00", coupon_code="NEWER")
