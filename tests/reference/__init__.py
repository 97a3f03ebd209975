"""The segment language once more, in plain Python over the shop's raw rows: what segments have to agree with.

Written from docs/language.md to be obvious, not fast. It takes the checked definitions (`rules.py`,
`Project`) and nothing else of the project: no plan, no SQL, no model. Each thing is said in its module:

    shop        raw rows: missing tables, empty text, times, EAV attributes
    places      websites, store views, customer groups, time zones
    merchants   attributes that the merchant has added
    catalog     products and their categories
    profiles    customers and guests
    visitors    anonymous visitors
    people      everybody, and who turned out to be whom
    sales       orders, carts and their items, refunds
    relations   all the rows that belong to profiles
    times       days, durations and anniversaries in a time zone
    patterns    regular expressions
    operators   one operator on one value
    rules       rules, aggregates, named attributes, of one profile
    evaluation  the members of every segment
"""

from tests.reference.evaluation import Evaluation, evaluate
from tests.reference.profiles import Profile, ProfileKey
from tests.reference.shop import Shop

__all__ = ["Evaluation", "Profile", "ProfileKey", "Shop", "evaluate"]
