"""The clocks of several time zones at once: changed, skipped and doubled hours, each by its own website."""

from tests.integration.edges.shop import Shop

# As of 2025-03-31 10:00 UTC it is 12:00 in Berlin (summer since the 30th), 06:00 in New York (summer since
# the 9th), 19:00 in Tokyo (always), 13:00 in Beirut (summer since the 30th, which began at 01:00).
# As of 2025-11-02 17:00 UTC it is 18:00 in Berlin, 12:00 in New York and Havana (winter since that night; in
# Havana the hour from midnight came twice), 02:00 of the next day in Tokyo.


def fill(shop: Shop) -> None:
    """Each has an order at one instant; who shares it has the same nickname but for the website's."""
    for nickname, website, ordered_at in [
        # 23:59:59 of the 29th, the first and the last moments of the 30th, the first of the 31st.
        ("berlin_29_last", "berlin", "2025-03-29 22:59:59"),
        ("berlin_30_first", "berlin", "2025-03-29 23:00:00"),
        ("berlin_30_last", "berlin", "2025-03-30 21:59:59"),
        ("berlin_31_first", "berlin", "2025-03-30 22:00:00"),
        ("new_york_29_last", "new_york", "2025-03-30 03:59:59"),
        ("new_york_30_first", "new_york", "2025-03-30 04:00:00"),
        ("new_york_30_last", "new_york", "2025-03-31 03:59:59"),
        ("new_york_31_first", "new_york", "2025-03-31 04:00:00"),
        ("beirut_29_last", "beirut", "2025-03-29 21:59:59"),
        ("beirut_30_first", "beirut", "2025-03-29 22:00:00"),
        ("tokyo_30_last", "tokyo", "2025-03-30 14:59:59"),
        ("tokyo_31_first", "tokyo", "2025-03-30 15:00:00"),
        # Half past ten in the morning of 28 February, in UTC.
        ("berlin_february", "berlin", "2025-02-28 10:30:00"),
        ("new_york_february", "new_york", "2025-02-28 10:30:00"),
        ("tokyo_february", "tokyo", "2025-02-28 10:30:00"),
        # 01:59:59 of winter and 03:00:00 of summer are neighbours.
        ("berlin_hour_1", "berlin", "2025-03-30 00:59:59"),
        ("berlin_hour_3", "berlin", "2025-03-30 01:00:00"),
        # Autumn: 02:30 of summer, 02:30 of winter.
        ("berlin_2_summer", "berlin", "2025-10-26 00:30:00"),
        ("berlin_2_winter", "berlin", "2025-10-26 01:30:00"),
        # The last moment of 1 November in Havana, the first of the 2nd, the same hour again, and the next.
        ("havana_1_last", "havana", "2025-11-02 03:59:59"),
        ("havana_2_first", "havana", "2025-11-02 04:00:00"),
        ("havana_2_again", "havana", "2025-11-02 05:30:00"),
        ("havana_2_next", "havana", "2025-11-02 06:00:00"),
        # In Beirut the hour before midnight of 25 October came twice.
        ("beirut_25_summer", "beirut", "2025-10-25 20:30:00"),
        ("beirut_25_winter", "beirut", "2025-10-25 21:59:59"),
        ("beirut_26_first", "beirut", "2025-10-25 22:00:00"),
        # A month before autumn: 18:00 in Berlin and 12:00 in New York, both of summer, are 16:00 UTC.
        ("berlin_october", "berlin", "2025-10-02 16:30:00"),
        ("new_york_october", "new_york", "2025-10-02 16:30:00"),
        ("tokyo_october", "tokyo", "2025-10-02 16:30:00"),
        ("berlin_new_year", "berlin", "2026-12-31 23:00:00"),
        ("new_york_new_year", "new_york", "2026-12-31 23:00:00"),
    ]:
        person = shop.customer(nickname, website)
        shop.order(person, "10", ordered_at)
