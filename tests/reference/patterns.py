"""Regular expressions of PostgreSQL, as far as the language allows them, in Python's `re`."""

import re
from functools import cache

_OUTSIDE = {r"\y": r"\b", r"\m": r"\b(?=\w)", r"\M": r"\b(?<=\w)", r"\Y": r"\B", "$": r"\Z"}
_CLASSES = {
    "[:alnum:]": r"^\W_",
    "[:alpha:]": r"^\W\d_",
    "[:blank:]": r" \t",
    "[:cntrl:]": r"\x00-\x1f\x7f",
    "[:digit:]": r"\d",
    "[:graph:]": r"!-~",
    "[:lower:]": r"a-z",
    "[:print:]": r" -~",
    "[:punct:]": r"!-/:-@\[-`{-~",
    "[:space:]": r"\s",
    "[:upper:]": r"A-Z",
    "[:xdigit:]": r"0-9a-fA-F",
}
_PIECE = re.compile(r"\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\\.|.", re.DOTALL)


def fits(pattern: str, value: str, *, case_sensitive: bool) -> bool:
    """Whether some part of the text fits the expression."""
    return _compiled(pattern, case_sensitive).search(value) is not None


@cache
def _compiled(pattern: str, case_sensitive: bool) -> re.Pattern[str]:
    python = "".join(_translated(piece) for piece in _PIECE.findall(pattern))
    # A dot fits every letter, a line break too.
    return re.compile(python, re.DOTALL if case_sensitive else re.DOTALL | re.IGNORECASE)


def _translated(piece: str) -> str:
    if piece[0] != "[" or len(piece) == 1:
        return _OUTSIDE.get(piece, piece)
    is_negated = piece.startswith("[^")
    inside = piece[2:-1] if is_negated else piece[1:-1]
    # Python has no classes within brackets: each becomes brackets of its own, and the whole a choice of them.
    classes = [_CLASSES[name] for name in re.findall(r"\[:\w+:\]", inside)]
    pieces = re.findall(r"\\.|.", re.sub(r"\[:\w+:\]", "", inside), re.DOTALL)
    letters = "".join("\\" + piece if piece in set("]^&~|") else piece for piece in pieces)
    choices = [f"[{one}]" for one in [letters, *classes] if one]
    return f"(?!{'|'.join(choices)})." if is_negated else f"(?:{'|'.join(choices)})"
