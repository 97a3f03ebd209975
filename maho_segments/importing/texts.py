"""Tests of texts: the module compares them by the rules of its database, `{}` by SQL's LIKE."""

from typing import Any

from maho_segments.importing.options import ImportOptions
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.values import Comparison
from maho_segments.importing.yaml_text import inline_text

COMPARES_EMPTY = "It compares with an empty text, which can't be told from a missing one."
_WILDCARDS_STAND = "% stands for any letters and _ for any one letter, as in the module."
_WILDCARDS = {"%": ".*", "_": "."}


def text_where(column: str, comparison: Comparison, options: ImportOptions) -> dict[str, Any]:
    """What a rule says of a text column: one test, or two keys where a pattern is negated. Raises Refusal."""
    match comparison.operator:
        case "{}" | "!{}":
            return _contains(column, comparison, options)
        case "!=" if comparison.value == "":
            return {column: {"is_set": True}}
        case "==" | "!=" | "()" | "!()":
            return {column: _equals(comparison, options)}
    raise Refusal(f"The operator {comparison.operator!r} orders texts, which the language does not.")


def has_wildcards(comparison: Comparison) -> bool:
    """Whether `%` or `_` in the value stand for other letters."""
    return comparison.operator in {"{}", "!{}"} and any(sign in comparison.value for sign in _WILDCARDS)


def wildcard_remarks(comparison: Comparison) -> tuple[str, ...]:
    """The remark that goes with a value that has wildcards."""
    if not has_wildcards(comparison):
        return ()
    meant = f"contains: {inline_text(comparison.value)}"
    return (f"{_WILDCARDS_STAND} Where they are meant as they are: {meant}",)


def _equals(comparison: Comparison, options: ImportOptions) -> Any:
    # MySQL does not count blanks at the end.
    values = [value if options.is_case_sensitive else value.rstrip(" ") for value in comparison.values]
    if "" in values:
        raise Refusal(COMPARES_EMPTY)
    is_list = len(values) > 1
    if comparison.is_negative:
        test: Any = {"not_in": values, "is_set": True} if is_list else {"ne": values[0], "is_set": True}
    elif options.is_case_sensitive:
        test = {"in": values} if is_list else {"eq": values[0]}
    else:
        return values if is_list else values[0]
    return _cased(test, options)


def _contains(column: str, comparison: Comparison, options: ImportOptions) -> dict[str, Any]:
    value = comparison.value
    if not value:
        raise Refusal("It looks for an empty text, which every text contains.")
    if "\\" in value:
        raise Refusal("It looks for a backslash, on whose meaning databases differ.")
    # Any letters may stand before and after the value as it is.
    value = value.strip("%")
    if not value:
        raise Refusal("It looks for wildcards only, which every text contains.")
    if not any(sign in value for sign in _WILDCARDS):
        if comparison.is_negative:
            return {column: _cased({"not_contains": value, "is_set": True}, options)}
        return {column: _cased({"contains": value}, options)}
    pattern = "".join(_WILDCARDS.get(letter) or _escaped(letter) for letter in value)
    test = _cased({"matches": pattern}, options)
    if comparison.is_negative:
        return {column: {"is_set": True}, "not": {column: test}}
    return {column: test}


def _escaped(letter: str) -> str:
    return letter if letter.isalnum() or letter == " " or not letter.isascii() else f"\\{letter}"


def _cased(test: dict[str, Any], options: ImportOptions) -> dict[str, Any]:
    return {**test, "case_sensitive": True} if options.is_case_sensitive else test
