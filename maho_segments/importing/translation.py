"""From the tree of one segment to its rule in the language, or to the reasons why there is none."""

from dataclasses import dataclass
from typing import Any

from maho_segments.importing.conditions import TRANSLATORS
from maho_segments.importing.context import Context
from maho_segments.importing.formulas import Constant, Formula, Leaf, combined, rule_of
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.tree import StoredCombination, StoredLeaf
from maho_segments.importing.yaml_text import Remarked, inline_text

_NOT_ALL = (
    "The module takes this for: not all of these hold, so one that does not is enough. If none of them "
    "should hold, "
    "write `none:` and the list."
)
_NONE = (
    "The module takes this for: none of these holds. If one that does not hold is enough, write "
    "`not: { all: [...] }`."
)
_NO_AGGREGATOR = "The combination does not say all or any; the module takes it for any."
_NO_VALUE = "The combination does not say true or false; the module takes it for false."
_DIFFERENT_ROWS = (
    "Each of these can be met by another row. If one and the same is meant, write their "
    "tests into one `where`."
)


@dataclass(frozen=True)
class Reason:
    """Why a condition keeps its segment from being imported; `place` is empty for the whole segment."""

    place: str
    reason: str
    can_approximate: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" if self.place else self.reason


class NotImportable(Exception):  # noqa: N818  an answer, not an accident
    """A segment that is not imported, for all these reasons."""

    def __init__(self, reasons: list[Reason]) -> None:
        super().__init__("; ".join(map(str, reasons)))
        self.reasons = reasons


def translate(tree: StoredCombination, context: Context) -> Remarked:
    """The rule of a tree. Raises NotImportable with all reasons."""
    reasons: list[Reason] = []
    formula = _combination(tree, context, reasons)
    if reasons:
        raise NotImportable(reasons)
    if formula is None:
        raise NotImportable(
            [Reason("", "The module leaves out all of its conditions, so it matches everyone.")]
        )
    if isinstance(formula, Constant):
        whom = "everyone" if formula.value else "nobody"
        raise NotImportable([Reason("", f"It matches {whom}, whoever the customers are.")])
    return rule_of(formula)


def _combination(tree: StoredCombination, context: Context, reasons: list[Reason]) -> Formula | None:
    parts: list[Formula] = []
    remarks: list[str] = []
    for stored in tree.parts:
        if isinstance(stored, StoredCombination):
            part = _combination(stored, context, reasons)
        else:
            part = _leaf(stored, context, reasons)
            if isinstance(part, Constant):
                remarks.append(f"The shop has no product attribute for {stored.name}, so nobody has it.")
        if part is None:
            remarks.append(_left_out(stored))
        else:
            parts.append(part)
    if not parts:
        return None
    remarks += _joining_remarks(tree, parts)
    return combined(parts, is_all=tree.is_all, is_negated=tree.is_negated, remarks=tuple(remarks))


def _left_out(stored: StoredCombination | StoredLeaf) -> str:
    if isinstance(stored, StoredCombination):
        return "A combination without a condition is left out, as in the module."
    shown = f"{stored.name} {stored.operator} {inline_text(stored.value or '')}"
    return f"The module leaves out a condition here, {shown}. Whoever wrote it wanted it to count."


def _joining_remarks(tree: StoredCombination, parts: list[Formula]) -> list[str]:
    remarks = []
    if len(parts) > 1:
        if not tree.says_aggregator:
            remarks.append(_NO_AGGREGATOR)
        if tree.is_negated:
            remarks.append(_NOT_ALL if tree.is_all else _NONE)
        elif tree.is_all and _asks_rows_twice(parts):
            remarks.append(_DIFFERENT_ROWS)
    if not tree.says_value:
        remarks.append(_NO_VALUE)
    return remarks


def _leaf(stored: StoredLeaf, context: Context, reasons: list[Reason]) -> Formula | None:
    translator = TRANSLATORS.get(stored.kind)
    try:
        if translator is None:
            raise Refusal(
                f"The module has no condition type {stored.kind!r}; it would leave the condition out, "
                f"unless an extension "
                "of the shop knows it."
            )
        return translator(stored, context)
    except Refusal as refusal:
        what = f"{stored.place}, {stored.name}"
        reasons.append(Reason(what, refusal.reason, refusal.can_approximate))
        return None


def _asks_rows_twice(parts: list[Formula]) -> bool:
    """Whether two leaves ask for rows of one relation by their columns."""
    asked: list[Any] = []
    for part in parts:
        if isinstance(part, Leaf) and len(part.rule) == 1:
            ((relation, inside),) = part.rule.items()
            if isinstance(inside, dict) and set(inside) == {"where"}:
                asked.append(relation)
    return len(asked) > len(set(asked))
