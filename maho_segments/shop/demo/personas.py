"""Kinds of buyers: the behaviour behind the demo shop, from which usual segments get their members."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Habit = Literal["any", "weekend", "night", "holidays"]


@dataclass(frozen=True)
class Persona:
    """How a kind of people behaves; `share` is among customers, or among guests.

    The last order was placed between the two numbers of days ago in `last_order`, the others before.
    `tenure` is the mean number of days from registration to the last order, without orders to now.
    """

    name: str
    share: float
    # At least, on average and at most so many orders.
    orders: tuple[int, float, int] = (0, 0, 0)
    last_order: tuple[float, float] = (0, 0)
    tenure: float = 300
    # What an order is worth in euros; 0 is what comes of it.
    basket: int = 0
    favourite: str = ""
    # How many of the items are from the favourite category.
    devotion: float = 0.0
    coupons: float = 0.12
    refunds: float = 0.04
    habit: Habit = "any"
    newsletter: float = 0.4
    # On average, in the last 180 days and ever.
    logins: float = 0.8
    views: float = 5.0
    cart: float = 0.05
    wishlist: float = 0.06
    # The last order went through.
    is_settled: bool = False


CUSTOMERS: Final = (
    Persona("casual", 0.27, (1, 1.8, 9), (0, 900), coupons=0.15),
    Persona("never_ordered", 0.12, tenure=400, views=3, cart=0.06),
    Persona("regular", 0.13, (3, 5.5, 25), (0, 85), 500, views=9, logins=3, is_settled=True),
    Persona(
        "platinum", 0.016, (12, 16, 40), (0, 58), 700, 560, "jackets", 0.2, 0.06, 0.01, logins=6, views=25
    ),
    Persona("platinum_gone", 0.007, (12, 15, 30), (62, 150), 600, 560, "lamps", 0.2, 0.05, 0.01, views=18),
    Persona("gold", 0.035, (6, 7.5, 10), (0, 100), 500, 420, "shoes", 0.2, 0.1, 0.02, logins=3, views=14),
    Persona("lapsed", 0.09, (2, 2.8, 8), (182, 362), 300, newsletter=0.65, logins=0.1),
    Persona("lost", 0.08, (1, 2.2, 7), (370, 1100), 250, newsletter=0.25, logins=0.0, cart=0.0, views=3),
    Persona("newcomer", 0.04, (1, 1, 1), (0.05, 27), 6, coupons=0.4, is_settled=True, logins=1.5),
    Persona("second_due", 0.035, (1, 1, 1), (32, 88), 10, is_settled=True),
    Persona("coupon_hunter", 0.025, (3, 4.5, 12), (3, 200), 400, coupons=1.0, newsletter=0.8, cart=0.12),
    Persona("returner", 0.018, (3, 5, 15), (10, 200), 400, favourite="shirts", devotion=0.5, refunds=0.75),
    Persona("trade", 0.022, (4, 7, 30), (0, 150), 600, 900, "chargers", 0.5, 0.02, 0.02, newsletter=0.2),
    Persona(
        "photographer", 0.022, (1, 2.2, 6), (1, 85), 200, 0, "cameras", 0.3, 0.05, is_settled=True, views=12
    ),
    Persona(
        "laptop_dreamer", 0.03, tenure=200, favourite="laptops", devotion=0.8, views=12, cart=0.15, logins=3
    ),
    Persona("holiday", 0.02, (2, 2.6, 5), (0, 1000), 700, habit="holidays", is_settled=True),
    Persona("weekender", 0.025, (2, 3, 8), (1, 300), 200, habit="weekend", is_settled=True),
    Persona("night_owl", 0.025, (2, 3.5, 10), (1, 300), 300, habit="night", logins=2),
    Persona("shoe_fan", 0.03, (2, 3.5, 9), (2, 300), 200, 0, "shoes", 0.8, 0.0, is_settled=True, views=10),
    Persona("supplier", 0.03, (1, 2, 6), (128, 232), 200, 0, "chargers", 0.7, 0.05, is_settled=True),
    Persona(
        "collector", 0.02, (0, 0.8, 3), (70, 400), 200, favourite="laptops", wishlist=1.0, views=14, logins=3
    ),
    Persona("gift_sender", 0.02, (1, 2.4, 8), (5, 600), 400, is_settled=True),
)
GUESTS: Final = (
    Persona("guest", 0.58, (1, 1, 1), (0, 1000), newsletter=0.12, logins=0),
    Persona("guest_again", 0.15, (2, 2.6, 9), (0, 500), 150, newsletter=0.2, logins=0),
    Persona("guest_big", 0.07, (1, 1.2, 3), (0, 300), 40, 480, "cameras", 0.3, logins=0),
    Persona("guest_cart", 0.10, cart=1.0, newsletter=0.35, logins=0, tenure=20),
    Persona("guest_registered_later", 0.10, (1, 1.2, 3), (0, 0), 30, newsletter=0.0, logins=0),
)
PERSONAS: Final = CUSTOMERS + GUESTS
PLACE: Final = {persona.name: place for place, persona in enumerate(PERSONAS)}

# Guest orders that turn out to be theirs change nothing about why they are here.
MAY_HAVE_BEEN_GUESTS: Final = ("casual", "regular")


def trait(of: Callable[[Persona], float]) -> Numbers:
    """A number of each persona, in the order of `PERSONAS`."""
    return np.array([of(persona) for persona in PERSONAS], dtype=np.float64)


def shares(personas: tuple[Persona, ...]) -> Numbers:
    """How common each of them is, as a share of one."""
    weights = np.array([persona.share for persona in personas])
    normal: Numbers = weights / weights.sum()
    return normal
