"""Rules joined as the module joins its conditions, in the three values of its SQL.

A condition of the module can be unknown: on a customer without a store view, `store is not 3` is neither true
nor false, and neither is its negation. The language knows true and false only, so where a condition can be
unknown, a negation is written as the rule of those for whom it is false.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from maho_segments.importing.yaml_text import Remarked

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A rule; `opposite` is the one of those for whom it is false, where these are not all others."""

    rule: Rule
    remarks: tuple[str, ...] = ()
    opposite: Rule | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """What is true for everybody, or for nobody."""

    value: bool


@dataclass(frozen=True, slots=True)
class Combination:
    """`all` or any of the parts; with `is_negated`, not that."""

    is_all: bool
    is_negated: bool
    parts: tuple["Formula", ...]
    remarks: tuple[str, ...] = ()


Formula = Leaf | Constant | Combination


def combined(
    parts: Iterable[Formula], *, is_all: bool, is_negated: bool, remarks: tuple[str, ...]
) -> Formula:
    """The parts joined; a part that is true or false for everybody decides, or falls out."""
    kept: list[Formula] = []
    for part in parts:
        if not isinstance(part, Constant):
            kept.append(part)
        elif part.value != is_all:
            return Constant(part.value != is_negated)
    if not kept:
        return Constant(is_all != is_negated)
    return Combination(is_all, is_negated, tuple(kept), remarks)


def rule_of(formula: Formula) -> Remarked:
    """The rule that is true where the formula is."""
    return _true(formula)


def _true(formula: Formula) -> Remarked:
    if isinstance(formula, Leaf):
        return Remarked(formula.rule, formula.remarks)
    assert isinstance(formula, Combination)
    if formula.is_negated and _can_be_unknown(formula):
        return _false(Combination(formula.is_all, False, formula.parts, formula.remarks))
    parts = [_true(part) for part in formula.parts]
    if not formula.is_negated:
        return _joined("all" if formula.is_all else "any", parts, formula.remarks)
    if not formula.is_all and len(parts) > 1:
        return Remarked({"none": parts}, formula.remarks)
    inner = _joined("all", parts, ())
    return Remarked({"not": inner}, formula.remarks)


def _false(formula: Formula) -> Remarked:
    """The rule that is true where the formula is false, not where it is unknown."""
    if isinstance(formula, Leaf):
        rule = formula.opposite if formula.opposite is not None else {"not": formula.rule}
        return Remarked(rule, formula.remarks)
    assert isinstance(formula, Combination)
    if formula.is_negated:
        return _true(Combination(formula.is_all, False, formula.parts, formula.remarks))
    parts = [_false(part) for part in formula.parts]
    return _joined("any" if formula.is_all else "all", parts, formula.remarks)


def _joined(word: str, parts: list[Remarked], remarks: tuple[str, ...]) -> Remarked:
    if len(parts) == 1:
        return Remarked(parts[0].value, (*remarks, *parts[0].remarks))
    return Remarked({word: parts}, remarks)


def _can_be_unknown(formula: Formula) -> bool:
    if isinstance(formula, Combination):
        return any(_can_be_unknown(part) for part in formula.parts)
    return isinstance(formula, Leaf) and formula.opposite is not None
