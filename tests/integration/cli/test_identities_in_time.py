"""Who is who from build to build: merges and separations."""

from tests.integration.cli.people_in_time import Calendar

ORDER = {"orders": 1}
VIEW = {"product_views": 1}
IN_ALL_BUT_LOOKERS = {"everybody", "buyers", "paused", "removed"}


def test_visitor_becomes_guest_and_then_customer(calendar: Calendar) -> None:
    """Vera: visitor 101, who checks out on day 2, has an account on day 4, and loses it on day 5."""
    days = calendar.days
    visitor = days[1].one(visitor_id=101)
    assert days[1].segments_of(visitor) == {"everybody", "lookers", "paused", "removed"}

    guest = days[2].one(email="vera@shop.example")
    assert days[2].profiles[visitor].merged_into == guest
    assert days[2].segments_of(visitor) == set()
    assert days[2].segments_of(guest) == IN_ALL_BUT_LOOKERS | {"lookers"}
    assert days[2].owned[guest] == {"orders": 1, "carts": 1, "product_views": 1}
    assert {change[1:] for change in days[2].changes_of(visitor) if change[3] == 2} == {("left", "merged", 2)}

    # No chain: the visitor is the customer at once.
    customer = days[4].one(profile_type="customer", email="vera@shop.example")
    assert days[4].profiles[visitor].merged_into == customer
    assert days[4].profiles[guest].merged_into == customer
    assert days[4].segments_of(customer) == {"everybody", "buyers", "lookers"}
    assert days[4].segments_of(guest) == days[4].segments_of(visitor) == set()
    assert days[4].owned[customer] == {"orders": 1, "carts": 1, "product_views": 1}
    assert ("buyers", "left", "merged", 4) in days[4].changes_of(guest)

    # What the account was is erased; the guest is herself again, and under her old id.
    assert customer not in days[5].profiles
    assert days[5].profiles[guest].merged_into is None
    assert days[5].profiles[visitor].merged_into == guest
    assert days[5].segments_of(guest) == {"everybody", "buyers", "lookers"}
    assert days[5].changes_of(guest)[-1][1:] == ("entered", "data", 5)
    assert [change for change in days[5].changes_of(guest) if change[0] == "buyers"] == [
        ("buyers", "entered", "data", 2),
        ("buyers", "left", "merged", 4),
        ("buyers", "entered", "data", 5),
    ]


def test_visitor_who_logged_in_is_the_customer_while_there_is_the_account(calendar: Calendar) -> None:
    """Leo: visitor 102 logs in on day 2; his account is deleted on day 5."""
    days = calendar.days
    visitor, customer = days[1].one(visitor_id=102), days[1].one(email="leo@shop.example")
    assert days[1].owned[visitor] == {"carts": 1, "product_views": 1}
    assert days[1].owned[customer] == {}

    assert days[2].profiles[visitor].merged_into == customer
    assert days[2].owned[customer] == {"carts": 1, "product_views": 1}
    assert days[2].segments_of(customer) == {"everybody", "lookers", "paused", "removed"}

    # The shop has his visit, not him: it is a visitor's again.
    assert customer not in days[5].profiles
    assert days[5].profiles[visitor].merged_into is None
    assert days[5].segments_of(visitor) == {"everybody", "lookers"}


def test_orders_that_move_to_the_account_and_back_are_followed(calendar: Calendar) -> None:
    """Gus: the shop gives his guest order to his account on day 2; on day 5 the account is deleted."""
    days = calendar.days
    guest = days[1].one(email="gus@shop.example")
    customer = days[2].one(email="gus@shop.example", profile_type="customer")
    assert days[1].owned[guest] == ORDER

    assert days[2].profiles[guest].merged_into == customer
    assert (days[2].owned[guest], days[2].owned[customer]) == ({}, ORDER)

    # On day 3 guests are kept apart, but he has nothing to keep.
    assert days[3].profiles[guest].merged_into == customer
    assert days[3].owned[customer] == ORDER

    assert customer not in days[5].profiles
    assert days[5].profiles[guest].merged_into is None
    assert days[5].owned[guest] == ORDER
    assert days[5].segments_of(guest) == {"everybody", "buyers"}


def test_account_made_anew_is_another_profile(calendar: Calendar) -> None:
    """Ana: account 15 is deleted, account 16 made with the same address, between two builds."""
    days = calendar.days
    guest = days[1].one(email="ana@shop.example", profile_type="guest")
    old, new = days[1].one(customer_id=15), days[2].one(customer_id=16)

    assert old != new
    assert days[1].profiles[guest].merged_into == old
    assert days[2].profiles[guest].merged_into == new
    assert old not in days[2].profiles
    assert days[2].changes_of(old) == []
    assert days[2].owned[new] == ORDER
    assert days[2].segments_of(new) == IN_ALL_BUT_LOOKERS


def test_customers_address_and_website_decide_which_guest_they_are(calendar: Calendar) -> None:
    """Mia: a guest of two addresses; hers is the first, from day 2 the second; on day 4 she moves."""
    days = calendar.days
    customer = days[1].one(customer_id=14)
    old = days[1].one(email="mia@old.example", profile_type="guest")
    new = days[1].one(email="mia@new.example", profile_type="guest")
    assert (days[1].profiles[old].merged_into, days[1].profiles[new].merged_into) == (customer, None)

    assert (days[2].profiles[old].merged_into, days[2].profiles[new].merged_into) == (None, customer)
    assert days[2].profiles[customer].email == "mia@new.example"
    assert days[2].segments_of(old) == days[2].segments_of(customer) == IN_ALL_BUT_LOOKERS

    # On the other website; as accounts serve all websites that day, her guest order is still hers.
    assert days[3].members["everybody"][customer] == 1
    assert days[4].members["everybody"][customer] == 2
    assert days[4].profiles[new].merged_into == customer
    assert ("everybody", "left", "data", 4) not in days[4].changes_of(customer)
    assert days[5].profiles[new].merged_into is None
    assert days[5].segments_of(customer) == {"everybody"}
    assert days[5].segments_of(new) == {"everybody", "buyers"}


def test_account_sharing_decides_about_the_other_websites_guest(calendar: Calendar) -> None:
    """Sam: one address, a guest on both websites, an account on the first; on day 4 accounts serve both."""
    days = calendar.days
    customer = days[1].one(customer_id=17)
    here = days[1].one(email="sam@shop.example", profile_type="guest", website_id=1)
    there = days[1].one(email="sam@shop.example", profile_type="guest", website_id=2)

    for day, merged, orders in ((2, None, 1), (4, customer, 2), (5, None, 1)):
        assert days[day].profiles[here].merged_into == customer
        assert days[day].profiles[there].merged_into == merged
        assert days[day].owned[customer] == {"orders": orders}
        assert ("buyers" in days[day].segments_of(there)) is (merged is None)


def test_guests_are_kept_apart_and_joined_again(calendar: Calendar) -> None:
    """Paul: an account and a guest order; guests are kept apart on day 3 only."""
    days = calendar.days
    customer = days[1].one(customer_id=18)
    guest = days[1].one(email="paul@shop.example", profile_type="guest")

    for day, merged in ((2, customer), (3, None), (4, customer)):
        assert days[day].profiles[guest].merged_into == merged
        assert ("buyers" in days[day].segments_of(customer)) is (merged is not None)
        assert ("buyers" in days[day].segments_of(guest)) is (merged is None)


def test_case_and_blanks_make_no_other_guest(calendar: Calendar) -> None:
    """Kim: three spellings, of which one has blanks that only Unicode knows."""
    assert calendar.days[1].owned[calendar.days[1].one(email="kim@shop.example")] == {"orders": 3}


def test_blanks_around_an_address_are_those_of_unicode_and_the_unseen(calendar: Calendar) -> None:
    query = calendar.dbt.compile_inline(
        "select code from generate_series(1, 65535) as codes (code) where code not between 55296 and 57343 "
        "and {{ normalized_email(\"chr(code) || 'a@shop.example' || chr(code)\") }} = 'a@shop.example'",
        variables={},
    )

    # Python counts the separators of ASCII as white space; Unicode doesn't.
    space = {code for code in range(1, 65536) if chr(code).isspace()} - set(range(0x1C, 0x20))
    assert {code for (code,) in calendar.shell.database.rows(query)} == space | {0x200B, 0x2060, 0xFEFF}


def test_account_of_the_future_is_already_the_guests(calendar: Calendar) -> None:
    """Fay: a guest, whose account of day 8 the shop has on day 6."""
    days = calendar.days
    guest, customer = days[1].one(email="fay@shop.example"), days[6].one(customer_id=21)
    assert days[5].segments_of(guest) == {"everybody", "buyers"}

    assert days[6].profiles[guest].merged_into == customer
    assert days[6].segments_of(guest) == days[6].segments_of(customer) == set()
    assert ("buyers", "left", "merged", 6) in days[6].changes_of(guest)
    assert days[8].segments_of(customer) == {"everybody", "buyers"}


def test_ids_are_never_given_again(calendar: Calendar) -> None:
    days = calendar.days
    meaning: dict[int, tuple[object, ...]] = {}
    for day in days.values():
        for number, profile in day.profiles.items():
            identity = (
                (profile.profile_type, profile.email, profile.website_id)
                if profile.profile_type == "guest"
                else (profile.profile_type, profile.customer_id or profile.visitor_id)
            )
            assert meaning.setdefault(number, identity) == identity

    # The highest of day 5 is erased on day 6; who comes then has higher ones; the one who comes back as well.
    highest = max(days[5].profiles)
    assert days[5].profiles[highest].visitor_id == 104
    assert highest not in days[6].profiles
    assert days[6].one(customer_id=20) > highest
    assert days[6].one(email="erin@shop.example") > highest


def test_full_build_changes_nobody(calendar: Calendar) -> None:
    assert calendar.days[8].profiles == calendar.days[6].profiles
    before = calendar.days[6].changes
    assert calendar.days[8].changes[: len(before)] == before


def test_nobody_is_counted_twice(calendar: Calendar) -> None:
    for number, day in calendar.days.items():
        alone = {profile_id for profile_id, profile in day.profiles.items() if profile.merged_into is None}
        for members in day.members.values():
            assert members.keys() <= alone
        assert all(owner in alone for owner, rows in day.owned.items() if rows)
        for profile in day.profiles.values():
            assert profile.merged_into is None or profile.merged_into in alone
        if number == 3:
            continue  # Guests are kept apart from accounts.
        addresses = [
            (day.profiles[member].email, website)
            for member, website in day.members["everybody"].items()
            if day.profiles[member].email
        ]
        assert len(addresses) == len(set(addresses))
