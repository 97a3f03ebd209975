"""Whether a regular expression is one for PostgreSQL, found out without a database.

Python's own compiler finds what is broken; what the two understand differently is refused, so that an
expression never means something else than it says.
"""

import re
import warnings
from itertools import pairwise

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
_BRACKET_PIECE = re.compile(r"\[:\w+:\]|\\.|.", re.DOTALL)
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
    pieces: list[str] = _BRACKET_PIECE.findall(brackets[1:-1].removeprefix("^"))
    for piece in pieces:
        if piece == "[":
            return "`[` within brackets", "Escape it: `\\[`. Classes are written [[:alpha:]]."
        if piece[0] == "\\" and (mistake := _escape_mistake(piece[1:], in_brackets=True)):
            return mistake
    # A `-` between two others makes a range, whose ends are single letters and belong to no second one.
    hyphens = [place for place, piece in enumerate(pieces) if piece == "-" and 0 < place < len(pieces) - 1]
    ends = [pieces[place + step] for place in hyphens for step in (-1, 1)]
    is_chain = any(second - first <= 2 for first, second in pairwise(hyphens))
    if is_chain or any(end in {"\\d", "\\s", "\\w"} or end.startswith("[:") for end in ends):
        return "a range of more than two letters", "Put a `-` that is meant as such last in the brackets."
    return None


def _shape_mistake(outside: str) -> tuple[str, str] | None:
    """Differences between the two languages, looked for with brackets reduced to one letter."""
    bare = re.sub(r"\\(.)", lambda escaped: f"\\{escaped[1]}" if escaped[1].isdigit() else "_", outside)
    for expression, found, advice in _NOT_SHARED:
        if expression.search(bare):
            return found, advice
    if re.search(r"\(\?[=!]", bare) and re.search(r"\\\d", bare):
        return "a back reference beside a lookahead", "Use one or the other."
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
