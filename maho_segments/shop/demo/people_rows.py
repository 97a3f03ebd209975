"""The rows of the demo shop's customers: accounts, their attributes, their address books."""

from typing import Final

import numpy as np

from maho_segments.shop.demo import words as w
from maho_segments.shop.demo.attributes import ENTITY_TYPES, attributes
from maho_segments.shop.demo.encoding import (
    NULL,
    Field,
    Instant,
    Integers,
    Joined,
    Money,
    Texts,
    Words,
    words,
)
from maho_segments.shop.demo.part import Part
from maho_segments.shop.demo.people import People, is_persona
from maho_segments.shop.demo.stores import STORE_NAMES
from maho_segments.shop.demo.timeline import DAY
from maho_segments.shop.demo.values import AttributeValues, value_tables

_INACTIVE: Final = 0.02
_HAS_GENDER: Final = 0.75
_HAS_BIRTHDAY: Final = 0.65
# Besides those that chance makes: birthdays in the next days, and on the 29th of February.
_BIRTHDAY_SOON: Final = 0.03
_BIRTHDAY_ON_LEAP_DAY: Final = 0.003
_MALE, _FEMALE = 0, 1
_BRONZE, _SILVER, _GOLD, _PLATINUM = range(4)


def write_customers(part: Part) -> None:
    """The rows of every account, with its attributes and addresses."""
    people = part.people.take(np.arange(part.people.customers))
    rng = part.dice("customer rows")
    count = people.size
    changed = people.created + (rng.random(count) * (part.timeline.now - people.created)).astype(np.int64)
    part.emit(
        "customer_entity",
        {
            "entity_id": people.customer_id,
            "entity_type_id": ENTITY_TYPES["customer"],
            "attribute_set_id": 1,
            "website_id": people.website + 1,
            "email": people.email(np.arange(count)),
            "group_id": people.group,
            "store_id": people.store + 1,
            "created_at": Instant(people.created),
            "updated_at": Instant(changed),
            "is_active": (rng.random(count) >= _INACTIVE).astype(np.int64),
        },
        count,
    )
    billing, shipping = _write_addresses(part, people, rng)
    values = _attribute_values(part, people, billing, shipping)
    for table in value_tables("customer", people.customer_id, values, part.numbers):
        part.emit(*table)


def _attribute_values(
    part: Part, people: People, billing: Integers, shipping: Integers
) -> dict[str, list[AttributeValues]]:
    rng, count = part.dice("customer attributes"), people.size
    everybody = np.ones(count, dtype=np.bool_)
    options = {
        code: attributes()["customer", code].options for code in ("gender", "loyalty_tier", "interests")
    }
    gender = np.where(people.first_name < len(w.WOMEN), _FEMALE, _MALE)
    tier = np.select(
        [is_persona(people, "platinum", "platinum_gone"), is_persona(people, "gold"), people.orders > 3],
        [_PLATINUM, _GOLD, _SILVER],
        _BRONZE,
    )
    has_tier = rng.random(count) < np.where(tier >= _GOLD, 0.9, 0.5)
    interests = words(
        ",".join(map(str, options["interests"][first:last]))
        for first in range(4)
        for last in (first + 1, first + 2)
    )
    return {
        "varchar": [
            AttributeValues("firstname", everybody, Words(w.FIRST_NAMES, people.first_name)),
            AttributeValues("lastname", everybody, Words(w.LAST_NAMES, people.last_name)),
            AttributeValues("created_in", everybody, Words(STORE_NAMES, people.store)),
        ],
        "int": [
            AttributeValues("default_billing", billing != NULL, billing),
            AttributeValues("default_shipping", shipping != NULL, shipping),
            AttributeValues("gender", rng.random(count) < _HAS_GENDER, options["gender"][gender]),
            AttributeValues("loyalty_tier", has_tier, options["loyalty_tier"][tier]),
            AttributeValues("marketing_consent", rng.random(count) < 0.8, rng.integers(0, 2, count)),
        ],
        "decimal": [
            AttributeValues("shoe_size", rng.random(count) < 0.45, Money(rng.integers(70, 94, count) * 50)),
        ],
        "datetime": [
            AttributeValues("dob", rng.random(count) < _HAS_BIRTHDAY, _birthdays(part, rng, count)),
        ],
        "text": [
            AttributeValues(
                "interests", rng.random(count) < 0.3, Words(interests, rng.integers(0, 8, count))
            ),
        ],
    }


def _birthdays(part: Part, rng: np.random.Generator, count: int) -> Instant:
    today = np.datetime64(part.timeline.today)
    age = np.clip(rng.normal(42, 14, count), 17, 88)
    usual = today - (age * 365.25).astype(np.int64).astype("timedelta64[D]")
    soon = (today + rng.integers(1, 7, count).astype("timedelta64[D]")).astype("datetime64[D]")
    month = soon.astype("datetime64[M]")
    day_of_month = soon - month
    month_of_year = month.astype(np.int64) % 12
    year = 1970 + rng.integers(-20, 36, count)
    coming = ((year - 1970) * 12 + month_of_year).astype("datetime64[M]").astype(
        "datetime64[D]"
    ) + day_of_month
    leap_year = 1952 + 4 * rng.integers(0, 13, count)
    leap_day = ((leap_year - 1970) * 12 + 1).astype("datetime64[M]").astype("datetime64[D]") + np.timedelta64(
        28, "D"
    )
    chance = rng.random(count)
    born = np.where(chance < _BIRTHDAY_SOON, coming, usual)
    born = np.where(chance > 1 - _BIRTHDAY_ON_LEAP_DAY, leap_day, born)
    return Instant(born.astype(np.int64) * DAY)


def _write_addresses(part: Part, people: People, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Writes the address books; gives each customer's default billing and shipping address, or NULL."""
    count = people.size
    has_one = rng.random(count) < np.where(people.orders > 0, 0.98, 0.6)
    has_two = has_one & (rng.random(count) < 0.12)
    first, second = np.flatnonzero(has_one), np.flatnonzero(has_two)
    owner = np.concatenate([first, second])
    is_second = np.arange(len(owner)) >= len(first)
    ids = part.numbers.take("customer_address_entity", len(owner))
    website = people.website[owner]
    other_city = w.FIRST_CITY[website] + rng.integers(0, w.CITY_COUNT[website])
    city = np.where(is_second, other_city, people.city[owner])
    postcode = np.where(is_second, 3 * city + rng.integers(0, 3, len(owner)), people.postcode[owner])
    created = people.created[owner] + rng.integers(60, 3600, len(owner)) * np.where(is_second, 24, 1)
    created = np.minimum(created, part.timeline.now - 1)
    part.emit(
        "customer_address_entity",
        {
            "entity_id": ids,
            "entity_type_id": ENTITY_TYPES["customer_address"],
            "attribute_set_id": 2,
            "parent_id": people.customer_id[owner],
            "created_at": Instant(created),
            "updated_at": Instant(created),
            "is_active": 1,
        },
        len(owner),
    )
    everywhere = np.ones(len(owner), dtype=np.bool_)
    number = people.customer_id[owner] + 7 * is_second
    region_id = w.CITY_REGION_IDS[city]
    values: dict[str, list[AttributeValues]] = {
        "varchar": [
            AttributeValues("firstname", everywhere, Words(w.FIRST_NAMES, people.first_name[owner])),
            AttributeValues("lastname", everywhere, Words(w.LAST_NAMES, people.last_name[owner])),
            AttributeValues(
                "company", people.company[owner] >= 0, Words(w.COMPANY_NAMES, people.company[owner])
            ),
            AttributeValues("city", everywhere, Words(w.CITY_NAMES, city)),
            AttributeValues("country_id", everywhere, Words(w.CITY_COUNTRIES, city)),
            AttributeValues("region", everywhere, Words(w.CITY_REGIONS, city)),
            AttributeValues("postcode", everywhere, Words(w.POSTCODES, postcode)),
            AttributeValues("telephone", everywhere, Joined(("+00 555 ", 10_000 + number % 89_999))),
        ],
        "int": [AttributeValues("region_id", region_id > 0, region_id)],
        "text": [AttributeValues("street", everywhere, _street(people.street[owner], number))],
    }
    for table in value_tables("customer_address", ids, values, part.numbers):
        part.emit(*table)
    billing, shipping = np.full(count, NULL), np.full(count, NULL)
    billing[first] = ids[: len(first)]
    shipping[first] = ids[: len(first)]
    shipping[second] = ids[len(first) :]
    return billing, shipping


_SECOND_LINES: Final[Texts] = np.array([b"", b"\nc/o Reception", b"\n2nd floor"])


def _street(street: Integers, number: Integers) -> Field:
    """A street and a house number, with a second line where there is one to say."""
    return Joined(
        ('"', Words(w.STREET_NAMES, street), " ", number % 98 + 1, Words(_SECOND_LINES, number % 9 - 6), '"')
    )
