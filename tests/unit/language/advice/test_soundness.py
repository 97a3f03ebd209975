"""What is proved is so: no profile that can be made up contradicts a proof, by the reference evaluator."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from maho_segments.language import Project, check_project
from maho_segments.language.advice.meaning import Meaning
from maho_segments.language.advice.prover import Prover
from maho_segments.language.check import check_rule
from maho_segments.language.rules import EVERYONE, Rule
from tests.reference.operators import Clock
from tests.reference.profiles import Profile
from tests.reference.row import Row
from tests.reference.rules import View, holds
from tests.reference.shop import lower
from tests.unit.language.small_project import ATTRIBUTES, VOCABULARY, Files, as_yaml

AS_OF = datetime(2024, 3, 31, 12, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago")
OWN_ZONES = st.sampled_from([None, None, *ZONES[2:]])
"""Time zones of segments, None of those that go by each website's."""
PROFILES = 60
"""Made-up profiles that each rule is asked of."""

NUMBERS = [-1, 0, 1, 2, 3, 0.5]
TEXTS = ["a", "A", "b", "ab", "aB", "ba", "abc", "\u0131", "I", "i", "\u00e9", "\u00c9"]
DAYS = ["2024-03-29", "2024-03-30", "2024-03-31", "2024-04-01", "2024-02-29"]
INSTANTS = ["2024-03-30T12:00:00Z", "2024-03-31T00:00:00Z", "2024-03-29T23:30:00-05:00"]
DURATIONS = ["1 hour", "1 day", "24 hours", "7 days", "1 month", "30 days", "31 days", "2 months", "1 year"]

# ---- rules -----------------------------------------------------------------------------------------------


def one_of(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def fitting(kind: str) -> st.SearchStrategy[Any]:
    """A test that fits values of a kind."""
    is_set = st.fixed_dictionaries({"is_set": st.booleans()})
    if kind == "number":
        operators = st.dictionaries(
            one_of(["eq", "ne", "gt", "gte", "lt", "lte"]), one_of(NUMBERS), min_size=1
        )
        several = st.dictionaries(one_of(["in", "not_in"]), st.lists(one_of(NUMBERS), min_size=1), min_size=1)
        return st.one_of(operators, operators, several, is_set)
    if kind == "text":
        patterns = st.fixed_dictionaries({"matches": one_of(["a", "A", "b$", r"\d", r"\D", "[^a]"])})
        words = ["eq", "ne", "contains", "not_contains", "starts_with", "ends_with"]
        operators = st.dictionaries(one_of(words), one_of(TEXTS), min_size=1, max_size=3)
        exact = operators.map(lambda test: {**test, "case_sensitive": True})
        several = st.dictionaries(one_of(["in", "not_in"]), st.lists(one_of(TEXTS), min_size=1), min_size=1)
        return st.one_of(operators, operators, exact, several, patterns, is_set)
    if kind == "list":
        words = ["contains_any", "contains_all", "contains_none"]
        several = st.dictionaries(one_of(words), st.lists(one_of(TEXTS[:4]), min_size=1), min_size=1)
        return st.one_of(several, is_set)
    if kind == "boolean":
        return st.one_of(st.booleans(), st.lists(st.booleans(), min_size=1), is_set)
    values = DAYS + (INSTANTS if kind == "time" else [])
    bounds = st.dictionaries(one_of(["eq", "ne", "before", "after", "since", "until", "lte"]), one_of(values))
    windows = st.dictionaries(one_of(["within", "older_than", "within_next"]), one_of(DURATIONS))
    both = st.builds(lambda one, other: {**one, **other}, bounds, windows).filter(bool)
    several = st.builds(lambda days: {"in": days}, st.lists(one_of(DAYS), min_size=1))
    return st.one_of(both, both, several, is_set)


def compared(columns: dict[str, str]) -> st.SearchStrategy[Any]:
    return one_of(sorted(columns)).flatmap(lambda name: fitting(columns[name]).map(lambda test: {name: test}))


def nested(leaves: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
    def wider(rules: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        words = one_of(["all", "all", "any", "none"])
        lists = st.builds(lambda word, parts: {word: parts}, words, st.lists(rules, min_size=1, max_size=3))
        return st.one_of(lists, lists, rules.map(lambda rule: {"not": rule}))

    return st.recursive(leaves, wider, max_leaves=most)


COLUMNS = {
    "coupon_code": "text",
    "grand_total": "number",
    "is_gift": "boolean",
    "delivery_date": "date",
    "ordered_at": "time",
    "paid_at": "time",
    "ordered_at.hour": "number",
}
ROW_RULES = nested(
    st.one_of(
        compared(COLUMNS),
        st.builds(
            lambda operator, states: {"state": {operator: states}},
            one_of(["in", "not_in"]),
            st.lists(one_of(["new", "complete", "canceled"]), min_size=1),
        ),
    ),
    3,
)
COUNTS = st.dictionaries(one_of(["eq", "gt", "gte", "lt", "lte"]), one_of([0, 1, 2, 1.5]), min_size=1)
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        "where": ROW_RULES,
        "within": one_of(DURATIONS),
        "older_than": one_of(DURATIONS),
        "count": COUNTS,
        "sum": st.fixed_dictionaries({"grand_total": fitting("number")}),
        "min": one_of(["grand_total", "ordered_at"]).flatmap(
            lambda column: fitting(COLUMNS[column]).map(lambda test: {column: test})
        ),
        "max": one_of(["grand_total", "ordered_at"]).flatmap(
            lambda column: fitting(COLUMNS[column]).map(lambda test: {column: test})
        ),
        "avg": st.fixed_dictionaries({"grand_total": fitting("number")}),
        "count_distinct": st.fixed_dictionaries({"state": COUNTS}),
        "every": ROW_RULES,
        "latest": ROW_RULES,
        "first": ROW_RULES,
    },
).map(lambda orders: {"orders": orders})
PROFILE = {
    "email": "text",
    "gender": "text",
    "interests": "list",
    "is_confirmed": "boolean",
    "birth_date": "date",
    "created_at": "time",
    "created_at.date": "date",
    "number_of_orders": "number",
    "lifetime_sales": "number",
    "days_since_last_order": "number",
    "last_order_at": "time",
}
TWO_VALUES = st.builds(
    lambda pair, operator: {pair[0]: {operator: {"attribute": pair[1]}}},
    st.permutations(["number_of_orders", "lifetime_sales", "days_since_last_order"]),
    one_of(["eq", "ne", "gt", "gte", "lt", "lte"]),
)
RULES = nested(st.one_of(compared(PROFILE), compared(PROFILE), ORDERS, ORDERS, TWO_VALUES), 5)

# ---- profiles --------------------------------------------------------------------------------------------


def made_up(chance: random.Random, project: Project) -> Callable[[str | None], View]:
    """A profile with orders, whose values are those that rules compare with, or right beside them.

    A segment sees it by the clock of its own time zone, or by that of the profile's website.
    """

    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.2 else value

    def moment() -> datetime:
        if chance.random() < 0.3:
            return datetime.fromisoformat(chance.choice(INSTANTS)).astimezone(UTC)
        if chance.random() < 0.5:
            day = datetime.fromisoformat(chance.choice(DAYS)).replace(tzinfo=UTC)
            return day + timedelta(hours=chance.randint(-14, 38))
        back = timedelta(days=chance.choice([0, 1, 7, 28, 29, 30, 31, 59, 62, 364, 366, 500]))
        return AS_OF - back - timedelta(minutes=chance.choice([-90, -60, -1, 0, 1, 60, 61]))

    def past() -> datetime | None:
        when = min(moment(), AS_OF - timedelta(microseconds=1))
        return None if chance.random() < 0.2 else when

    def entries() -> frozenset[str] | None:
        return frozenset(lower(text) for text in TEXTS[:4] if chance.random() < 0.5) or None

    key = ("customer", 1)
    rows = [
        Row(
            key,
            number,
            ordered_at := past(),
            {
                "state": maybe(chance.choice(["new", "complete", "canceled"])),
                "coupon_code": maybe(chance.choice(TEXTS)),
                "grand_total": maybe(Fraction(str(chance.choice(NUMBERS)))),
                "is_gift": maybe(chance.random() < 0.5),
                "delivery_date": maybe(date.fromisoformat(chance.choice(DAYS))),
                "ordered_at": ordered_at,
                "paid_at": maybe(moment()),
            },
        )
        for number in range(chance.choice([0, 0, 1, 1, 2, 3]))
    ]
    columns = {
        "profile_type": "customer",
        "email": maybe(chance.choice(TEXTS)),
        "gender": maybe(chance.choice(TEXTS[:4])),
        "gender_id": maybe(chance.choice(TEXTS[:4])),
        "interests": entries(),
        "is_confirmed": maybe(chance.random() < 0.5),
        "birth_date": maybe(date.fromisoformat(chance.choice(DAYS))),
        "created_at": past(),
    }
    own = chance.choice(ZONES)

    def seen(zone: str | None) -> View:
        return View(
            Profile(key, columns, own, True, None),
            rows=lambda relation: rows if relation == "orders" else [],
            attributes=project.attributes,
            is_member=lambda name: False,
            condition_holds=lambda condition: False,
            clock=Clock(AS_OF, zone or own),
        )

    return seen


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    files = Files(tmp_path_factory.mktemp("project"))
    files.write("models/_models.yml", VOCABULARY)
    files.write("attributes.yml", ATTRIBUTES)
    files.write("segments.yml", "version: 1\nsegments: { one: { match: { email: a } } }\n")
    return check_project(files.folder)


def read(project: Project, rule: object) -> Rule:
    return check_rule(project, "preview", as_yaml({"match": rule}).decode(), "<test>").match


ABOUT_ONE_VALUE = one_of(sorted(PROFILE)).flatmap(
    lambda name: st.tuples(compared({name: PROFILE[name]}), compared({name: PROFILE[name]}))
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
# Regression: with a label beside it, a text in this case was taken for the same as the text in any case.
@example(pair=({"gender": "a"}, {"gender": {"eq": "a", "case_sensitive": True}}), zones=(None, None), seed=0)
# Regressions: days of two time zones were compared, and the case of `\\d` and `\\D` was not.
@example(pair=({"created_at": {"on": "2024-03-30"}},) * 2, zones=(None, "Pacific/Kiritimati"), seed=0)
@example(pair=({"email": {"matches": r"\d"}}, {"email": {"matches": r"\D"}}), zones=(None, None), seed=0)
@given(
    pair=st.one_of(st.tuples(RULES, RULES), ABOUT_ONE_VALUE, RULES.map(lambda rule: (rule, rule))),
    zones=st.tuples(OWN_ZONES, OWN_ZONES),
    seed=st.integers(0, 2**32),
)
def test_no_profile_contradicts_a_proof(
    project: Project, pair: tuple[object, object], zones: tuple[str | None, str | None], seed: int
) -> None:
    meaning = Meaning(project)
    prover = Prover(meaning, EVERYONE)
    asked = [(read(project, rule), zone) for rule, zone in zip(pair, zones, strict=True)]
    formulas = {
        (place, answer): meaning.rules(zone).formula(rule, is_true=answer)
        for place, (rule, zone) in enumerate(asked)
        for answer in (True, False)
    }
    claims = [[part] for part in formulas]
    claims += [[(0, answer), (1, opposite)] for answer in (True, False) for opposite in (True, False)]
    proved = [claim for claim in claims if prover.is_impossible(*(formulas[part] for part in claim))]
    if not proved:
        return
    chance = random.Random(seed)
    for seen in (made_up(chance, project) for _ in range(PROFILES)):
        answers = [holds(rule, seen(zone)) for rule, zone in asked]
        for claim in proved:
            assert not all(answers[place] is answer for place, answer in claim), claim
