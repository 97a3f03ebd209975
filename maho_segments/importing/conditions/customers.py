"""Conditions of the type `customer_attributes`: what is known of the customer."""

from collections.abc import Callable
from typing import Any

from maho_segments.importing.conditions.rows import unknown_attribute
from maho_segments.importing.context import Context
from maho_segments.importing.formulas import Leaf, Rule
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.texts import COMPARES_EMPTY, text_where, wildcard_remarks
from maho_segments.importing.tree import StoredLeaf
from maho_segments.importing.values import Comparison, day_test, equality_test, number_test, read_comparison

_BIRTHDAY = (
    "The module compares days of the year: for births in leap years after February it counts -1 on the "
    "day after the "
    "birthday, and in leap years a whole year on the birthday of all others; the language counts the "
    "days right."
)


def customer_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """A condition on the account. Raises Refusal."""
    rule = _RULES.get(leaf.attribute)
    if rule is None:
        raise unknown_attribute(leaf)
    return rule(read_comparison(leaf), context)


def _name(column: str) -> Callable[[Comparison, Context], Leaf]:
    def rule(comparison: Comparison, context: Context) -> Leaf:
        where = text_where(column, comparison, context.options)
        return Leaf(where, (*wildcard_remarks(comparison), *_missing_remarks(column, comparison)))

    return rule


def _gender(comparison: Comparison, context: Context) -> Leaf:
    rule = {"gender": equality_test(comparison, dict(context.facts.genders))}
    return Leaf(rule, _missing_remarks("gender", comparison))


def _birth_date(comparison: Comparison, _context: Context) -> Leaf:
    rule = {"birth_date": day_test(comparison, may_be_missing=True)}
    return Leaf(rule, _missing_remarks("birth_date", comparison))


def _group(comparison: Comparison, context: Context) -> Leaf:
    # A group that the shop deleted is another one, as in the module.
    return Leaf(
        {"customer_group": equality_test(comparison, dict(context.facts.groups), may_be_missing=False)}
    )


def _created_at(comparison: Comparison, context: Context) -> Leaf:
    context.counts_days = True
    return Leaf({"created_at": day_test(comparison, may_be_missing=False)})


def _birthday(comparison: Comparison, context: Context) -> Leaf:
    test = number_test(comparison)
    context.approximate(_BIRTHDAY)
    context.counts_days = True
    description = (
        "Calendar days until the next birthday, 0 on the day itself. Missing without a date of birth."
    )
    name = _days_attribute(
        "days_until_birthday", {"days_until_anniversary": "birth_date"}, description, context
    )
    return Leaf({name: test}, _missing_remarks("birth_date", comparison))


def _email(comparison: Comparison, context: Context) -> Leaf:
    """Of the account itself, so that a comparison is unknown where it is missing."""
    if "" in comparison.values:
        raise Refusal(COMPARES_EMPTY)
    rule = _without_case(text_where("email", comparison, context.options))
    opposite = _without_case(text_where("email", comparison.inverse, context.options))
    return Leaf(rule, wildcard_remarks(comparison), opposite)


def _without_case(rule: Rule) -> Rule:
    """Addresses are kept in lower case here, so case can't matter."""

    def cleaned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: cleaned(item) for key, item in value.items() if key != "case_sensitive"}
        return value

    return {key: cleaned(value) for key, value in rule.items()}


def _store(comparison: Comparison, context: Context) -> Leaf:
    stores = dict(context.facts.stores)
    rule = {"store": equality_test(comparison, stores)}
    return Leaf(rule, (), {"store": equality_test(comparison.inverse, stores)})


def _days_since_registration(comparison: Comparison, context: Context) -> Leaf:
    context.counts_days = True
    test = number_test(comparison, may_be_missing=False)
    description = "Calendar days since the account was made. As the shop's module counts."
    name = _days_attribute("days_since_registration", {"days_since": "created_at"}, description, context)
    return Leaf({name: test})


def _days_attribute(name: str, form: dict[str, str], description: str, context: Context) -> str:
    """The name of the project's own attribute where it is of that form, or of a new one."""
    found = context.project_attributes.get(name)
    if isinstance(found, dict) and form.items() <= found.items():
        return name
    return context.attributes.name_of(name, {"type": "days", "description": description, **form})


def _missing_remarks(column: str, comparison: Comparison) -> tuple[str, ...]:
    if not comparison.is_negative or comparison.values == ("",):
        return ()
    return (f"Customers without a {column} are not in. If they should be, leave `is_set: true` out.",)


_RULES: dict[str, Callable[[Comparison, Context], Leaf]] = {
    "email": _email,
    "firstname": _name("first_name"),
    "lastname": _name("last_name"),
    "gender": _gender,
    "dob": _birth_date,
    "group_id": _group,
    "store_id": _store,
    "created_at": _created_at,
    "days_since_registration": _days_since_registration,
    "days_until_birthday": _birthday,
}
