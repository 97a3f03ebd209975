"""Amounts: zero, negative, huge, exact; currencies; what is divided."""

from tests.integration.edges.shop import Shop

# The largest amount of a column of the shop that has 20 digits, 4 of them decimals.
LARGEST = "9999999999999999.9999"


def fill(shop: Shop) -> None:
    """Each has the orders that the nickname says."""
    shop.customer("nothing")
    for nickname, totals in {
        "zero": ["0"],
        "negative": ["-5"],
        "cent": ["0.01"],
        "huge": [LARGEST, LARGEST],
        "dimes": ["0.10"] * 10,
        "balanced": ["25", "-25"],
        "thirds": ["10", "10", "11"],
        "halves": ["10", "15"],
        "refunded": ["100"],
        "overpaid_back": ["100"],
    }.items():
        person = shop.customer(nickname)
        orders = [shop.order(person, total) for total in totals]
        if nickname in {"zero", "negative", "balanced"}:
            shop.refund(orders[0], "5")
        if nickname == "refunded":
            shop.refund(orders[0], "25")
        if nickname == "overpaid_back":
            shop.refund(orders[0], "90")
            shop.refund(orders[0], "60")
    # Paid 1,100 dollars, which are 1,000 in base currency; and another who paid in base currency.
    dollars = shop.customer("dollars")
    shop.order(
        dollars,
        "1000",
        grand_total="1100",
        order_currency_code="USD",
        base_currency_code="EUR",
        base_to_global_rate="1",
        base_discount_amount="-7.5",
    )
    # A website with a base currency of its own, each of whose units is worth 0.01 of the shop's.
    shop.add("core_config_data", scope="default", scope_id=0, path="catalog/price/scope", value="1")
    shop.add("core_config_data", scope="default", scope_id=0, path="currency/options/base", value="EUR")
    shop.add("core_config_data", scope="websites", scope_id=3, path="currency/options/base", value="JPY")
    yen = shop.customer("yen", "tokyo")
    shop.order(
        yen,
        "100000",
        grand_total="100000",
        order_currency_code="JPY",
        base_currency_code="JPY",
        base_to_global_rate="0.01",
        base_discount_amount="7.5",
    )
    fine = shop.customer("fine")
    order = shop.order(fine, "1.0000")
    shop.item(
        order, "silk", qty_ordered="0.2500", base_price="4", base_row_total="1", base_discount_amount=None
    )
    shop.item(order, "silk", qty_ordered="0.7500", base_price="4.0000", base_row_total="3")
