"""Mistakes that people make in segments.yml: each with its place, its code, and words of its explanation.

`<--` in a comment marks the line that the problem has to name.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A segment with one mistake, and what has to be said about it."""

    name: str
    body: str
    code: str
    found: str
    allowed: str = ""
    """The first of the allowed words."""
    hint: str = ""


def in_match(name: str, rule: str, code: str, found: str, allowed: str = "", hint: str = "") -> Mistake:
    """A mistake on the one line that follows `match:`."""
    return Mistake(name, f"match:\n  {rule}  # <--", code, found, allowed, hint)


MISTAKES = [
    # names
    in_match(
        "attribute", "lifetime_sale: 5", "unknown-name", "`lifetime_sale`", "lifetime_sales", "Did you mean"
    ),
    in_match("relation", "order: {}", "unknown-name", "`order`", "orders"),
    in_match("keyword", "any_of: [ email: a ]", "unknown-name", "`any_of`", "any"),
    in_match(
        "column_as_attribute",
        "grand_total: { gt: 5 }",
        "unknown-name",
        "`grand_total`",
        "",
        "column of orders",
    ),
    in_match(
        "parents_column_as_attribute",
        "product.brand: x",
        "unknown-name",
        "`product.brand`",
        "",
        "write `order_items: { where: { product.brand: ... } }`",
    ),
    in_match("operator_as_attribute", "gt: 5", "unknown-name", "`gt`", "", "is an operator"),
    in_match("operator", "email: { contain: a }", "unknown-operator", "`contain`", "contains"),
    in_match("operator_of_sql", "email: { like: a }", "unknown-operator", "`like`", "contains", "`contains`"),
    in_match("operator_sign", 'lifetime_sales: { ">": 5 }', "unknown-operator", "`>`", "gt"),
    in_match("operator_type", "email: { gt: a }", "operator-type", "text", "eq"),
    in_match("operator_of_lists", "interests: { contains: a }", "operator-type", "list", "contains_any"),
    in_match("part", "created_at.wekday: monday", "part", "created_at.wekday", "created_at.weekday"),
    in_match("part_of_date", "birth_date.month: 5", "part", "no part `month`", "", "Only times"),
    in_match("column", "orders: { where: { stat: new } }", "unknown-column", "`stat`", "state"),
    in_match(
        "parent", "order_items: { where: { category: x } }", "unknown-column", "category", "product.category"
    ),
    in_match(
        "parents_column", "order_items: { where: { product.brnd: x } }", "unknown-column", "", "product.brand"
    ),
    in_match("segment", "segment: goood", "unknown-segment", "`goood`", "good"),
    in_match(
        "segment_in_row", "orders: { where: { segment: good } }", "unknown-column", "", "", "has no segment"
    ),
    in_match("inactive_segment", "segment: asleep", "inactive-segment", "`asleep` is not active"),
    in_match(
        "condition", "condition: { name: nope }", "unknown-condition", "`nope`", "", "macros/conditions/"
    ),
    in_match(
        "condition_argument",
        "condition: { name: known, with: { precent: 5 } }",
        "unknown-argument",
        "in the condition `known`, the argument `precent` does not exist",
        "percent",
        "Did you mean `percent`?",
    ),
    in_match("condition_key", "condition: { name: known, args: {} }", "unknown-key", "`args`", "name"),
    in_match("or", "or: [ { email: a } ]", "unknown-name", "`or`", "any", "Did you mean `any`?"),
    in_match("and", "and: [ { email: a } ]", "unknown-name", "`and`", "all", "Did you mean `all`?"),
    in_match(
        "either", "orders: { where: { either: [ { state: new } ] } }", "unknown-name", "`either`", "any"
    ),
    in_match("option", "orders: { where: { state: complet } }", "unknown-value", "`complet`", "complete"),
    in_match("weekday", "created_at.weekday: tusday", "unknown-value", "`tusday`", "tuesday"),
    # values of the wrong type
    in_match("number_for_text", "email: 5", "value-type", "the number 5", "", 'Quote it: "5"'),
    in_match("postcode_for_text", "email: [a, 01234]", "value-type", "01234", "", 'Quote it: "01234"'),
    in_match("boolean_for_text", "email: true", "value-type", "`true`", "", 'Quote it: "true"'),
    in_match("null_for_text", "email: ~", "value-missing", "nothing", "", "is_set: false"),
    in_match("empty_text", 'email: ""', "empty-text", "empty text", "", "is_set: false"),
    in_match(
        "text_for_number", 'lifetime_sales: "5"', "value-type", "the text `5`", "", "without quotes: 5."
    ),
    in_match("comma_in_number", "lifetime_sales: 5,000", "value-type", "`5,000`", "", "5000."),
    in_match("comma_in_braces", "lifetime_sales: { gt: 1,000 }", "unknown-operator", "`000`", "", "1000"),
    in_match("underscore_in_number", "lifetime_sales: 5_000", "value-type", "`5_000`", "", "5000."),
    in_match("currency", "lifetime_sales: { gt: 5000 EUR }", "value-type", "5000 EUR", "", "5000."),
    in_match("unit_of_days", "days_since_last_order: { gt: 60 days }", "value-type", "60 days", "", "60."),
    in_match("not_a_number", "lifetime_sales: { gt: .nan }", "value-type", ".nan"),
    in_match("infinity", "lifetime_sales: { lt: .inf }", "value-type", ".inf"),
    in_match(
        "huge_number", "lifetime_sales: { lt: 1e999999999 }", "value-type", "1e999999999", "", "30 digits"
    ),
    in_match("yes", "is_confirmed: yes", "value-type", "the text `yes`", "true", "true or false"),
    in_match("one_for_true", "is_confirmed: 1", "value-type", "the number 1", "true"),
    in_match("quoted_true", 'is_confirmed: "true"', "value-type", "the text `true`", "true"),
    in_match("no_such_day", "birth_date: 2023-02-29", "no-such-day", "2023-02-29"),
    in_match("date_of_another_land", "birth_date: 24.12.1990", "value-type", "24.12.1990", "", "2025-12-24"),
    in_match("today", "created_at: today", "value-type", "`today`", "", "within: 7 days"),
    in_match(
        "time_for_date",
        "birth_date: 1990-01-01T00:00:00Z",
        "value-type",
        "T00",
        "",
        "only the day: 1990-01-01",
    ),
    in_match("no_time_zone", "created_at: { gt: 2025-01-01T08:00:00 }", "no-time-zone", "", "", "08:00:00Z"),
    in_match("no_such_hour", "created_at: { gt: 2025-01-01T25:00:00Z }", "no-such-day", "25:00"),
    in_match("time_for_day", "created_at: { on: 2025-01-01T08:00:00Z }", "value-type", "a day"),
    in_match(
        "days_and_times", "created_at: [2025-01-01, 2025-01-01T08:00:00Z]", "value-type", "days and times"
    ),
    in_match("list_for_value", "email: { eq: [a, b] }", "value-type", "not a list", "", "`in`"),
    in_match(
        "value_for_list",
        "interests: { contains_any: a }",
        "value-type",
        "takes a list",
        "",
        "contains_any: [",
    ),
    in_match(
        "mapping_for_value",
        "lifetime_sales: { gt: { sum: 5 } }",
        "operand",
        "a mapping",
        "{ attribute: NAME }",
    ),
    # durations
    in_match("unit", "created_at: { within: 7 dayz }", "duration", "`7 dayz`", "7 days"),
    in_match("no_unit", "created_at: { within: 7 }", "duration", "the number 7", "7 days"),
    in_match("short_unit", "created_at: { within: 3w }", "duration", "`3w`", "3 weeks"),
    in_match("half_days", "created_at: { within: 1.5 days }", "duration", "1.5", "", "36 hours"),
    in_match("nothing_ago", "created_at: { older_than: 0 days }", "duration", "`0 days`"),
    in_match("eternity", "created_at: { within: 2000 years }", "duration", "2000", "", "1,000 years"),
    in_match("anniversary", "birth_date: { anniversary_within: 1 month }", "duration", "1 month", "1 days"),
    in_match(
        "anniversary_of_time", "created_at: { anniversary_within: 7 days }", "operator-type", "", "", ".date"
    ),
    # ends, lists, patterns
    in_match("between_reversed", "lifetime_sales: { between: [9, 1] }", "between", "above its high end"),
    in_match(
        "between_days", "birth_date: { between: [1991-01-01, 1990-01-01] }", "between", "above its high end"
    ),
    in_match("between_one", "lifetime_sales: { between: [9] }", "between", "a list of 1", "", "[LOW, HIGH]"),
    in_match("between_scalar", "lifetime_sales: { between: 9 }", "between", "the number 9"),
    in_match("empty_list", "email: []", "empty-list", "empty list"),
    in_match("empty_in", "email: { in: [] }", "empty-list", "empty list"),
    in_match("empty_test", "email: {}", "empty-test", "no operator", "eq"),
    in_match("only_modifier", "email: { case_sensitive: true }", "empty-test", "no operator"),
    in_match(
        "modifier_of_number", "lifetime_sales: { eq: 5, case_sensitive: true }", "case-sensitive", "text"
    ),
    in_match("pattern", 'email: { matches: "(a" }', "pattern", "unterminated"),
    in_match("pattern_of_perl", 'email: { matches: "(?<=a)b" }', "pattern", "`(?`"),
    in_match("pattern_boundary", r"email: { matches: '\bshop' }", "pattern", r"`\b`", "", r"`\y`"),
    # operands
    in_match("operand_name", "lifetime_sales: { gt: { attribute: nope } }", "unknown-name", "`nope`"),
    in_match(
        "operand_type",
        "lifetime_sales: { gt: { attribute: email } }",
        "operand-type",
        "text",
        "number_of_orders",
    ),
    in_match(
        "column_of_profile", "lifetime_sales: { gt: { column: email } }", "operand", "`column`", "attribute"
    ),
    in_match(
        "attribute_of_row",
        "orders: { where: { subtotal: { gt: { attribute: lifetime_sales } } } }",
        "operand",
        "",
        "column",
    ),
    in_match(
        "operand_as_operator", "lifetime_sales: { attribute: email }", "unknown-operator", "", "", "eq: {"
    ),
    # relations
    in_match(
        "relation_scalar", "orders: true", "relation", "`orders` wants a mapping", "where", "orders: {}"
    ),
    in_match("relation_null", "orders:", "relation", "not nothing", "where"),
    in_match("relation_key", "orders: { wher: { state: new } }", "unknown-key", "`wher`", "where"),
    in_match("column_in_relation", "orders: { state: new }", "unknown-key", "`state`", "", "where: { state"),
    in_match("operator_in_relation", "orders: { gt: 5 }", "unknown-key", "`gt`", "", "count: { gt"),
    in_match(
        "empty_where", "orders: { where: {} }", "empty-rule", "`where` is empty", "", "Leave `where` out"
    ),
    in_match("empty_every", "orders: { every: {} }", "empty-rule", "`every` is empty"),
    in_match(
        "sum_of_text", "orders: { sum: { coupon_code: { gt: 5 } } }", "aggregate-type", "text", "subtotal"
    ),
    in_match("sum_without_test", "orders: { sum: grand_total }", "aggregate", "", "", "grand_total: { gt"),
    in_match("count_true", "orders: { count: true }", "aggregate", "`true`", "", "count: { gte: 1 }"),
    in_match(
        "no_time_column", "notes: { within: 3 days }", "window", "no time column", "written_at", "on: COLUMN"
    ),
    in_match("on_without_window", "orders: { on: paid_at }", "window", "no window", "within"),
    in_match("on_text", "orders: { on: coupon_code, within: 3 days }", "window", "text", "delivery_date"),
    in_match("future_rows", "orders: { within_next: 3 days }", "window", "future"),
    # shapes of rules
    in_match("empty_all", "all: []", "empty-rule", "`all` is empty"),
    in_match("empty_any", "any: []", "empty-rule", "`any` is empty"),
    in_match("empty_not", "not: {}", "empty-rule", "`not` is empty"),
    in_match("any_mapping", "any: { email: a }", "rule-shape", "a list of rules", "", "- "),
    in_match("not_list", "not: [ email: a ]", "rule-shape", "a list", "", "`any:`"),
    in_match("word_as_rule", "all: [ email ]", "rule-shape", "`email`", "", "`:`"),
    in_match(
        "segment_mapping", "segment: { name: good }", "segment-reference", "a mapping", "", "segment: NAME"
    ),
    Mistake("empty_match", "match: {}  # <--", "empty-rule", "`match` is empty"),
    Mistake("match_list", "match: # \n  - email: a # <--", "rule-shape", "a list", hint="`all:`"),
    Mistake("circle", "match:\n  segment: circle  # <--", "segment-circle", "circle -> circle"),
    # settings
    Mistake("segment_key", "match: { email: a }\nlable: x  # <--", "unknown-key", "`lable`", "label"),
    Mistake(
        "rule_beside_match",
        "match: { email: a }\nall: []  # <--",
        "unknown-key",
        "`all`",
        hint="below `match:`",
    ),
    Mistake("owner", "match: { email: a }\nowner: 5  # <--", "value", "owner: a text is wanted"),
    Mistake("websites", "match: { email: a }\nwebsites: []  # <--", "value", "websites: an empty list"),
    Mistake("no_websites", "match: { email: a }\nwebsites:  # <--", "value", "websites"),
    Mistake("audience", "match: { email: a }\naudience: customer  # <--", "value", "`customer`", "customers"),
    Mistake("active", "match: { email: a }\nactive: no  # <--", "value", "active: true or false", "true"),
    Mistake(
        "renamed",
        "match: { email: a }\nrenamed_from: renamed  # <--",
        "renamed-from",
        "`renamed` is still defined",
        hint="without this `renamed_from`",
    ),
    Mistake(
        "no_former", "match: { email: a }\nrenamed_from: []  # <--", "value", "renamed_from: an empty list"
    ),
    Mistake("priority", "match: { email: a }\npriority: high  # <--", "value", "priority: a whole number"),
    Mistake("zone", "match: { email: a }\ntime_zone: Europe/Berlim  # <--", "value", "", "Europe/Berlin"),
    Mistake(
        "cron", 'match: { email: a }\nrefresh: { schedule: "0 25 * * *" }  # <--', "value", "the hour `25`"
    ),
    Mistake("cron_fields", "match: { email: a }\nrefresh: { schedule: daily }  # <--", "value", "1 fields"),
    Mistake(
        "cron_never",
        'match: { email: a }\nrefresh: { schedule: "0 0 30 2 *" }  # <--',
        "value",
        "never comes",
    ),
    Mistake(
        "never_refreshed",
        "match: { email: a }\nrefresh: { on_change: false }  # <--",
        "value",
        "ever refresh",
    ),
    Mistake(
        "manual", "match: { email: a }\nrefresh: { manual: true, on_change: true }  # <--", "value", "manual"
    ),
    Mistake(
        "refresh_key",
        "match: { email: a }\nrefresh: { cron: x }  # <--",
        "unknown-key",
        "`cron`",
        "on_change",
    ),
    Mistake("guard", "match: { email: a }\nguard: { min_members: -1 }  # <--", "value", "guard.min_members"),
    Mistake("guard_percent", "match: { email: a }\nguard: { max_change_percent: 5% }  # <--", "value", "5%"),
    Mistake(
        "guard_order",
        "match: { email: a }\nguard: { min_members: 9, max_members: 1 }  # <--",
        "value",
        "above",
    ),
    Mistake("twice", "match: { email: a }\nmatch: { email: b }  # <--", "duplicate-key", "`match`"),
    Mistake("merge", "match: { email: a }\n<<: { owner: a }  # <--", "merge-key", "`<<`"),
    Mistake("tag", "match: { email: !!str 5 }  # <--", "tag", "tag"),
]
