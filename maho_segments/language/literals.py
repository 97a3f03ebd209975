"""The literals of a test: texts, exact numbers, booleans, days, instants, durations.

Each reader returns the literal or None, and then has reported what is wrong with it.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

from maho_segments.language.problems import Reporter, correction, nearest, quoted
from maho_segments.language.rules import Constant, Duration, Unit, ValueType, type_is_numeric
from maho_segments.language.yaml_reader import Mapping, Node, Scalar

UNITS: tuple[Unit, ...] = get_args(Unit)
TYPE_WORDS: dict[ValueType, str] = {
    "text": "text",
    "number": "a number",
    "money": "an amount of money",
    "days": "a number of days",
    "boolean": "true or false",
    "date": "a date",
    "time": "a time",
    "list": "a list of texts",
}
MOST_DIGITS = 30
"""Digits of a number before its point, and after it: more are a mistake, and would fill the memory."""


def describe(node: Node) -> str:
    """What stands in the file, in a few words: `the number 5`, `the text ...`, `a list`."""
    if not isinstance(node, Scalar):
        return "a mapping" if isinstance(node, Mapping) else "a list"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return f"`{node.text}`"
    if isinstance(node.value, str):
        return f"the text {quoted(node.text)}"
    return f"the number {node.text[:40]}"


def read_constant(node: Node, value_type: ValueType, name: str, reporter: Reporter) -> Constant | None:
    """The literal that a value of this type is compared with; `name` is what is tested."""
    if not isinstance(node, Scalar) or node.value is None:
        hint = "One value is wanted here."
        if isinstance(node, Scalar):
            hint = f"Write a value. For a missing one: `{name}: {{ is_set: false }}`."
        reporter.error(
            "value-missing", node, f"{describe(node)} where {name} wants {_wanted(value_type)}", hint=hint
        )
        return None
    if value_type in {"text", "list"}:
        return _text(node, value_type, name, reporter)
    if type_is_numeric(value_type):
        return _number(node, value_type, name, reporter)
    if value_type == "boolean":
        return _boolean(node, name, reporter)
    return _date_or_time(node, value_type, name, reporter)


def _wanted(value_type: ValueType) -> str:
    return "a text" if value_type in {"text", "list"} else TYPE_WORDS[value_type]


def _wrong_type(node: Scalar, value_type: ValueType, name: str, hint: str, reporter: Reporter) -> None:
    reporter.error("value-type", node, f"{name} wants {_wanted(value_type)}, not {describe(node)}", hint=hint)


# ---- text, numbers, booleans -------------------------------------------------------------------------------


def _text(node: Scalar, value_type: ValueType, name: str, reporter: Reporter) -> Constant | None:
    if not isinstance(node.value, str):
        _wrong_type(node, value_type, name, f'Quote it: "{node.text[:40]}".', reporter)
        return None
    if not node.value:
        reporter.error(
            "empty-text",
            node,
            f"an empty text for {name}",
            hint=f"Empty text is a missing value: write `{name}: {{ is_set: false }}`.",
        )
        return None
    return Constant(_lower(node.value) if value_type == "list" else node.value, "text")


def _lower(text: str) -> str:
    """Text in lower case as PostgreSQL makes it: letter by letter, each one letter."""
    return "".join(letter.lower()[0] for letter in text)


_LOOKS_LIKE_NUMBER = re.compile(r"[^\w.-]*([-+]?[0-9][0-9_,' ]*(?:\.[0-9]+)?)\s*(?:[^\w\s]|\w+)?")


def _number(node: Scalar, value_type: ValueType, name: str, reporter: Reporter) -> Constant | None:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        hint = "Write a number, without quotes."
        if isinstance(value, str) and (alike := _LOOKS_LIKE_NUMBER.fullmatch(value.strip())):
            digits = re.sub("[_,' ]", "", alike[1])
            hint = f"Write only the number, without quotes: {digits}."
        _wrong_type(node, value_type, name, hint, reporter)
        return None
    number = Decimal(value)
    if not number.is_finite():
        _wrong_type(
            node, value_type, name, "Write a number of digits; leave the bound out for no limit.", reporter
        )
        return None
    exponent = number.as_tuple().exponent
    if number.adjusted() >= MOST_DIGITS or (isinstance(exponent, int) and -exponent > MOST_DIGITS):
        hint = f"At most {MOST_DIGITS} digits stand before the point, and after it."
        _wrong_type(node, value_type, name, hint, reporter)
        return None
    return Constant(number, "number")


def _boolean(node: Scalar, name: str, reporter: Reporter) -> Constant | None:
    if not isinstance(node.value, bool):
        reporter.error(
            "value-type",
            node,
            f"{name} is true or false, not {describe(node)}",
            allowed=("true", "false"),
            hint="Write true or false, without quotes: yes, no, on, off are words in YAML 1.2.",
        )
        return None
    return Constant(node.value, "boolean")


def one_of_options(
    constant: Constant, options: tuple[str, ...], name: str, node: Node, reporter: Reporter
) -> Constant | None:
    """The literal as the closed set of values spells it; None, reported, where it is none of them."""
    value = str(constant.value)
    spellings = {option.lower(): option for option in options}
    if value.lower() in spellings:
        return Constant(spellings[value.lower()], constant.type)
    reporter.error(
        "unknown-value",
        node,
        f"{name} is never {quoted(value)}",
        allowed=nearest(value, options),
        hint=correction(value, options) or "Write one of the allowed values.",
    )
    return None


# ---- days and instants -------------------------------------------------------------------------------------

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?([Zz]|[-+]\d{2}(?::?\d{2})?)?", re.ASCII
)
_RELATIVE_DAYS = frozenset({"today", "now", "yesterday", "tomorrow"})


def _date_or_time(node: Scalar, value_type: ValueType, name: str, reporter: Reporter) -> Constant | None:
    text = node.text
    try:
        if isinstance(node.value, str) and _DATE.fullmatch(text):
            return Constant(date.fromisoformat(text), "date")
        if isinstance(node.value, str) and (parts := _TIME.fullmatch(text)):
            return _instant(node, parts, value_type, name, reporter)
    except (ValueError, OverflowError):
        reporter.error(
            "no-such-day", node, f"{quoted(text)} is no day or time of the calendar", hint="Correct it."
        )
        return None
    hint = "Write a day as 2025-12-24"
    hint += ", or a time as 2025-12-24T18:00:00Z." if value_type == "time" else "."
    if text.lower() in _RELATIVE_DAYS:
        hint = "Days relative to the run are durations: `within: 7 days`, `older_than: 1 month`."
    _wrong_type(node, value_type, name, hint, reporter)
    return None


def _instant(
    node: Scalar, parts: re.Match[str], value_type: ValueType, name: str, reporter: Reporter
) -> Constant | None:
    day, clock, zone = parts.groups()
    if value_type == "date":
        date.fromisoformat(day)
        _wrong_type(node, value_type, name, f"Write only the day: {day}.", reporter)
        return None
    if zone is None:
        datetime.fromisoformat(f"{day}T{clock}")
        reporter.error(
            "no-time-zone",
            node,
            f"the time {quoted(node.text)} does not say in which time zone",
            hint=f"Write {day}T{clock}Z for UTC or an offset such as {day}T{clock}+01:00. "
            f"A day alone ({day}) is one of the website's time zone.",
        )
        return None
    moment = datetime.fromisoformat(f"{day}T{clock}{zone.upper()}")
    return Constant(moment.astimezone(UTC), "time")


# ---- durations ---------------------------------------------------------------------------------------------

_DURATION = re.compile(r"([0-9]{1,9}) +([a-z]+)")
_ALMOST_DURATION = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
_UNITS_IN_A_THOUSAND_YEARS: dict[Unit, int] = {
    "minutes": 525_960_000,
    "hours": 8_766_000,
    "days": 365_250,
    "weeks": 52_178,
    "months": 12_000,
    "years": 1_000,
}


def read_duration(
    node: Node, name: str, reporter: Reporter, units: tuple[Unit, ...] = UNITS
) -> Duration | None:
    """`7 days`: a whole number from 1 and one of the units, which may be in the singular."""
    text = node.text if isinstance(node, Scalar) else ""
    parts = _DURATION.fullmatch(text)
    unit = next((unit for unit in units if parts and parts[2] in {unit, unit[:-1]}), None)
    if parts and unit and 0 < int(parts[1]) <= _UNITS_IN_A_THOUSAND_YEARS[unit]:
        return Duration(int(parts[1]), unit)
    almost = _ALMOST_DURATION.fullmatch(text)
    amount, word = almost.groups() if almost else ("", text)
    is_whole = amount.isdigit() and int(amount[:9]) > 0
    hint = "Write a whole number and a unit, such as `7 days`."
    if parts and unit:
        hint = "A duration is from 1 minute to 1,000 years."
    elif amount and not is_whole:
        hint = "The number is a whole one and above 0; a smaller unit may help, such as `36 hours`."
    # What the word begins comes first: `7d`, `7 min`.
    ranked = sorted(
        nearest(word or "days", units), key=lambda known: not (word and known.startswith(word.lower()))
    )
    reporter.error(
        "duration",
        node,
        f"{name} wants a duration, not {describe(node)}",
        allowed=() if parts and unit else [f"{amount if is_whole else 7} {known}" for known in ranked],
        hint=hint,
    )
    return None
