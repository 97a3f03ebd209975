"""The named attributes that come with the project, at their edges."""

from tests.integration.edges.shop import Shop

# As of noon of 31 March 2025 in Berlin.


def fill(shop: Shop) -> None:
    shop.customer("never_logged_in", created_at="2025-03-01 12:00:00")
    shop.customer("unknown_since", created_at=None)
    logged_in = shop.customer("logged_in", created_at="2025-01-01 12:00:00")
    shop.login(logged_in, "2025-02-01 12:00:00")
    shop.login(logged_in, "2025-03-21 12:00:00")
    shop.login(logged_in, "2025-06-01 12:00:00")
    ordered = shop.customer("ordered_since_login", created_at="2025-01-01 12:00:00")
    shop.login(ordered, "2025-03-01 12:00:00")
    shop.order(ordered, "10", "2025-03-26 12:00:00")
    canceled = shop.customer("only_canceled", created_at="2025-03-01 12:00:00")
    shop.order(canceled, "10", "2025-03-30 12:00:00", "canceled")
    # Bought as a guest before making the account.
    early = shop.customer("ordered_before_account", created_at="2025-03-29 12:00:00")
    shop.order(early, "10", "2025-03-11 12:00:00")
    shop.order(shop.guest("guest"), "10", "2025-03-30 12:00:00")
    for nickname, times in {
        "same_instant": ["2025-03-01 12:00:00", "2025-03-01 12:00:00"],
        "ten_days_apart": ["2025-03-01 12:00:00", "2025-03-11 12:00:00"],
        "three_orders": ["2025-03-01 12:00:00", "2025-03-02 12:00:00", "2025-03-04 12:00:00"],
        # 23:59 and 00:01 in Berlin.
        "around_midnight": ["2025-03-01 22:59:00", "2025-03-01 23:01:00"],
        "one_undated": ["2025-03-01 12:00:00", None],
    }.items():
        person = shop.customer(nickname)
        for ordered_at in times:
            shop.order(person, "10", ordered_at)
    two = shop.customer("canceled_between")
    shop.order(two, "10", "2025-03-01 12:00:00")
    shop.order(two, "90", "2025-03-05 12:00:00", "canceled")
    shop.order(two, "20", "2025-03-05 12:00:00", "closed")
    # 100 dollars are 90 in base currency, and nothing is nothing in any.
    abroad = shop.customer("abroad")
    shop.order(abroad, "90", "2024-01-01 12:00:00", grand_total="100", order_currency_code="USD")
    shop.order(abroad, "0", "2024-01-01 12:00:00", grand_total="0", order_currency_code="USD")
