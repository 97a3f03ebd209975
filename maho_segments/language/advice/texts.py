"""Sets of texts: some texts, or all but some, with what they contain and don't.

A set may be larger than what is true, never smaller. Two foldings make that so: what PostgreSQL may take for
the same text, and what it takes for the same on every server.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["contains", "starts_with", "ends_with"]
Part = tuple[Kind, str]


def surely(text: str) -> str:
    """Texts that are the same after this are the same to every server."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def perhaps(text: str) -> str:
    """Texts that differ after this differ to every server."""
    folded = text.casefold()
    # A Turkish server lowers I to a dotless i; a dotted capital lowers to an i, with its dot or without.
    return folded if folded.isascii() else folded.replace("\u0131", "i").replace("\u0307", "")


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts in lower case; `parts` are those that each has, `never` those that none has."""

    allowed: frozenset[str] | None = None
    """The only texts; None where any may be."""
    excluded: frozenset[str] = frozenset()
    parts: frozenset[Part] = frozenset()
    never: frozenset[Part] = frozenset()

    def __bool__(self) -> bool:
        """False only if no text is in it."""
        if self.allowed is not None:
            return bool(self.allowed)
        if any(_contains(part, other) for part in self.parts for other in self.never):
            return False
        return not any(_clash(one, two) for one in self.parts for two in self.parts)

    def __and__(self, other: "Texts") -> "Texts":
        excluded, parts, never = (
            self.excluded | other.excluded,
            self.parts | other.parts,
            self.never | other.never,
        )
        if self.allowed is None and other.allowed is None:
            return Texts(None, excluded, parts, never)
        allowed = other.allowed if self.allowed is None else self.allowed
        assert allowed is not None
        if self.allowed is not None and other.allowed is not None and self.allowed is not other.allowed:
            alike = {perhaps(text) for text in other.allowed}
            allowed = frozenset(text for text in allowed if perhaps(text) in alike)
        if excluded or parts or never:
            allowed = frozenset(
                text
                for text in allowed
                if text not in excluded
                and all(_has(perhaps(text), kind, perhaps(part)) for kind, part in parts)
                and not any(_has(text, kind, part) for kind, part in never)
            )
        return Texts(allowed)

    def __or__(self, other: "Texts") -> "Texts":
        if self.allowed is not None and other.allowed is not None:
            return Texts(self.allowed | other.allowed)
        if self.allowed is not None or other.allowed is not None:
            some, most = (self, other) if self.allowed is not None else (other, self)
            alike = {perhaps(text) for text in some.allowed or ()}
            return Texts(None, frozenset(text for text in most.excluded if perhaps(text) not in alike))
        return Texts(None, self.excluded & other.excluded, self.parts & other.parts, self.never & other.never)


def only(texts: frozenset[str]) -> Texts:
    """These texts, in any spelling."""
    return Texts(frozenset(map(surely, texts)))


def _has(text: str, kind: Kind, part: str) -> bool:
    if kind == "starts_with":
        return text.startswith(part)
    return text.endswith(part) if kind == "ends_with" else part in text


def _contains(part: Part, other: Part) -> bool:
    """Whether every text with `part` has `other` as well."""
    kind, text = part
    return other[0] in ("contains", kind) and _has(text, other[0], other[1])


def _clash(one: Part, two: Part) -> bool:
    """Whether no text has both."""
    kind, first, second = one[0], perhaps(one[1]), perhaps(two[1])
    if kind != two[0] or kind == "contains":
        return False
    return not (_has(first, kind, second) or _has(second, kind, first))
