"""What an unquoted word of a YAML file is: the core schema of YAML 1.2, with exact decimals.

Unlike YAML 1.1, `on`, `no`, `yes` are words, and so are `1_000`, `1:30` and `2024-01-01`.
"""

import re
from decimal import Decimal

ScalarValue = str | int | Decimal | bool | None

_WORDS: dict[str, ScalarValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), Decimal("NaN")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), Decimal("Infinity")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), Decimal("-Infinity")),
}
_NUMBER = re.compile(
    r"(?P<decimal>[-+]?(?:\.[0-9]+|[0-9]+(?P<fraction>\.[0-9]*)?)(?P<exponent>[eE][-+]?[0-9]{1,9})?)"
    r"|0o[0-7]+|0x[0-9a-fA-F]+"
)
_NUMBER_STARTS = frozenset("+-.0123456789")
_LONGEST_INTEGER = 18
"""Digits up to which a whole number is an int; longer ones are decimals, which have no limit of their own."""


def resolve_scalar(text: str) -> ScalarValue:
    """The value of an unquoted scalar: null, a boolean, a number, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    if number["decimal"] is None:
        return int(text, base=0)
    if len(text) <= _LONGEST_INTEGER and text[0] != "." and not (number["fraction"] or number["exponent"]):
        return int(text)
    return Decimal(text)
