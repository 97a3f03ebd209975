"""The calendar: months of different length, 29 February, birthdays, the turn of the year."""

from tests.integration.edges.shop import Shop

BIRTHDAYS = {
    "born_27_february": "1990-02-27",
    "born_28_february": "1990-02-28",
    "born_29_february": "2008-02-29",
    "born_1_march": "1990-03-01",
    "born_31_march": "2007-03-31",
    "born_1_april": "2007-04-01",
    "born_31_december": "1990-12-31",
    "born_1_january": "1990-01-01",
    "born_1899": "1899-06-15",
    "born_in_future": "2040-02-29",
}
# As of 2025-03-31 10:00 UTC, noon in Berlin.
ORDERS = {
    "february_28_noon": "2025-02-28 11:00:00",  # 12:00 of winter
    "february_28_before_noon": "2025-02-28 10:59:59",
    "january_31_noon": "2025-01-31 11:00:00",
    "january_31_before_noon": "2025-01-31 10:59:59",
    "year_ago": "2024-03-31 10:00:00",  # 12:00 of summer
    "year_and_second_ago": "2024-03-31 09:59:59",
    "leap_day_2024": "2024-02-29 04:00:00",
    "leap_day_2024_before": "2024-02-29 03:59:59",
    "february_2027": "2027-02-28 04:00:00",
    "february_2027_before": "2027-02-28 03:59:59",
    "january_2028": "2028-01-29 04:00:00",
    "january_2028_before": "2028-01-29 03:59:59",
}


def fill(shop: Shop) -> None:
    for nickname, birth_date in BIRTHDAYS.items():
        shop.customer(nickname, birth_date=birth_date)
    shop.customer("leapling_of_new_york", "new_york", birth_date="2008-02-29")
    shop.customer("january_of_new_york", "new_york", birth_date="1990-01-01")
    shop.customer("unborn")
    for nickname, ordered_at in ORDERS.items():
        shop.order(shop.customer(nickname), "10", ordered_at)
