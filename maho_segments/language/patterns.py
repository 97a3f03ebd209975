"""Whether a regular expression is one for PostgreSQL, found out without a database.

Python's own compiler finds what is broken; what the two understand differently is refused, so that an
expression never means something else than it says.
"""

import re
import warnings

_ESCAPES = frozenset("dswDSWnrtfv") | frozenset("mMyYAZ")
_ONLY_OUTSIDE_BRACKETS = frozenset("DSWmMyYAZ")
_ONLY_POSTGRES = re.compile(r"\\([mMyYZ])")
_NOT_SHARED = (
    # expression, what is found, what to do
    (re.compile(r"\*\*\*"), "`***` at its start", "Escape the stars, or leave them out."),
    (
        re.compile(r"\(\?(?![:=!])"),
        "a group that begins with `(?`",
        "Of these, only (?:...), (?=...), (?!...) work.",
    ),
    (re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})[*+]"), "a possessive quantifier", "Leave out the second sign."),
    (re.compile(r"\{,"), "a quantifier without its lower bound", "Write {0,...}."),
    (
        re.compile(r"\{(?!\d)|\{\d+(?:,\d*)?(?![\d,}])"),
        "a `{` that begins no quantifier",
        "Escape it: `\\{`.",
    ),
    (re.compile(r"\(\?[=!](?:[^()\\]|\\.)*\)[*+?{]"), "a quantifier after a lookahead", "Leave it out."),
)
_CHARACTER_CLASS = re.compile(
    r"\[:(?:alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit):\]"
)
_QUANTIFIER_BOUND = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_LARGEST_BOUND = 255


def pattern_mistake(pattern: str) -> tuple[str, str] | None:
    """What is wrong with a regular expression and what to do about it, or None."""
    outside = ""
    position = 0
    while position < len(pattern):
        letter = pattern[position]
        if letter == "\\":
            escape = pattern[position + 1 : position + 2]
            if mistake := _escape_mistake(escape, in_brackets=False):
                return mistake
            outside += "\\" + escape
            position += 2
        elif letter == "[":
            end = _end_of_brackets(pattern, position)
            if mistake := _brackets_mistake(pattern[position:end]):
                return mistake
            outside += "_"
            position = end
        else:
            outside += letter
            position += 1
    return _shape_mistake(outside) or _compile_mistake(pattern)


def _escape_mistake(escape: str, *, in_brackets: bool) -> tuple[str, str] | None:
    if escape == "":
        return "a backslash at its end", "Double it: `\\\\`."
    if escape in "bB":
        return (
            f"`\\{escape}`",
            "A word boundary is `\\y` in PostgreSQL, `\\m` at a word's start, `\\M` at its end.",
        )
    if escape.isalpha() and escape not in _ESCAPES:
        return f"the escape `\\{escape}`", "Leave out the backslash if the letter is meant."
    if escape == "0" or not escape.isascii():
        return f"the escape `\\{escape}`", "Leave out the backslash."
    if in_brackets and (escape in _ONLY_OUTSIDE_BRACKETS or escape.isdigit()):
        return f"the escape `\\{escape}` within brackets", "Write it outside of the brackets."
    return None


def _end_of_brackets(pattern: str, start: int) -> int:
    position = start + 1
    if pattern[position : position + 1] == "^":
        position += 1
    if pattern[position : position + 1] == "]":
        position += 1
    while position < len(pattern) and pattern[position] != "]":
        if found := _CHARACTER_CLASS.match(pattern, position):
            position = found.end()
        else:
            position += 2 if pattern[position] == "\\" else 1
    return min(position + 1, len(pattern))


def _brackets_mistake(brackets: str) -> tuple[str, str] | None:
    plain = _CHARACTER_CLASS.sub("", brackets)
    if "[" in plain[1:].replace("\\[", ""):
        return "`[` within brackets", "Escape it: `\\[`. Classes are written [[:alpha:]]."
    if re.search(r"\\[dsw]-|-\\[dsw]|:\]-", brackets):
        return "a range with a class of characters at its end", "Put the `-` first or last in the brackets."
    for escape in re.findall(r"\\(.?)", plain, re.DOTALL):
        if mistake := _escape_mistake(escape, in_brackets=True):
            return mistake
    return None


def _shape_mistake(outside: str) -> tuple[str, str] | None:
    """Differences between the two languages, looked for with brackets reduced to one letter."""
    bare = re.sub(r"\\(.)", lambda escaped: f"\\{escaped[1]}" if escaped[1].isdigit() else "_", outside)
    for expression, found, advice in _NOT_SHARED:
        if expression.search(bare):
            return found, advice
    for bounds in _QUANTIFIER_BOUND.finditer(bare):
        if any(bound and int(bound[:9]) > _LARGEST_BOUND for bound in bounds.groups()):
            return f"the quantifier `{bounds[0][:40]}`", f"The largest bound is {_LARGEST_BOUND}."
    return None


def _compile_mistake(pattern: str) -> tuple[str, str] | None:
    python = _ONLY_POSTGRES.sub(r"\\b", _CHARACTER_CLASS.sub("a", pattern))
    try:
        with warnings.catch_warnings(action="ignore"):
            re.compile(python)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error), "Correct it, or use `contains`, which takes every character as it is."
    return None
