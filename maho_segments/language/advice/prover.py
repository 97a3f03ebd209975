"""Proofs that a formula is never so. What can't be proved within a bounded work is taken to be possible."""

from collections.abc import Hashable, Iterable
from functools import reduce
from operator import or_

from maho_segments.language.advice.facts import FALSE, TRUE, Facts
from maho_segments.language.advice.formulas import Either, Every, Formula
from maho_segments.language.advice.intervals import Intervals
from maho_segments.language.advice.known import YES_OR_NO, Known
from maho_segments.language.advice.meaning import Meaning
from maho_segments.language.rules import ProfileType, Rows

Situation = dict[int, Facts]
"""What is so of each value that was spoken of."""

_MOST_STEPS = 5_000
_MOST_COUNTS = 12
"""How many counts of rows are compared with each other."""
_NO_ROWS = Facts(False, True, {"value": Intervals(((0, 0), (1, 0)))})


class Prover:
    """Proves of the profiles of some types."""

    def __init__(self, meaning: Meaning, audience: tuple[ProfileType, ...]) -> None:
        self.meaning = meaning
        self.known = Known(meaning.project, audience)
        self._first: Situation = {}
        self._subsets: dict[tuple[int, int], bool] = {}
        self._rows: dict[frozenset[tuple[int, bool]], bool] = {}
        self._steps = 0

    def is_impossible(self, *formulas: Formula) -> bool:
        """Whether these can never be so together."""
        self._steps = 0
        return self._with({}, formulas) is None

    def situation(self, formula: Formula) -> Situation | None:
        """What is so of each value where the formula is; None where it never is."""
        self._steps = 0
        return self._with({}, [formula])

    def _with(self, situation: Situation, formulas: Iterable[Formula]) -> Situation | None:
        """The situation with these formulas; None where that can't be."""
        found = dict(situation)
        waiting = list(formulas)
        choices: list[Either] = []
        while waiting:
            self._steps += 1
            formula = waiting.pop()
            if isinstance(formula, Every):
                waiting += formula.parts
            elif isinstance(formula, Either):
                choices.append(formula)
            else:
                facts = found.get(formula.key)
                if facts is None:
                    facts = self._always(formula.key)
                facts = facts & formula.facts
                if not facts:
                    return None
                found[formula.key] = facts
        # Twice, for one choice may leave another less.
        for _ in range(2 if len(choices) > 1 else 1):
            for choice in choices:
                narrowed = self._chosen(found, choice)
                if narrowed is None:
                    return None
                found = narrowed
        return None if self._counts_clash(found) or self._edges_clash(found) else found

    def _chosen(self, situation: Situation, choice: Either) -> Situation | None:
        """What is so whichever part of a choice is."""
        possible: list[Situation] = []
        for part in choice.parts:
            if self._steps > _MOST_STEPS:
                return situation
            narrowed = self._with(situation, [part])
            if narrowed is not None:
                possible.append(narrowed)
        if not possible:
            return None
        first, *others = possible
        if not others:
            return first
        found = dict(situation)
        for key in first:
            if all(key in other for other in others):
                found[key] = reduce(or_, (other[key] for other in others), first[key])
        return found

    def _always(self, key: int) -> Facts:
        """What is so of a value in every situation."""
        if key not in self._first:
            subject = self.meaning.keys.subjects[key]
            if subject.value is None:
                self._first[key] = YES_OR_NO
            else:
                # Rows are asked whether any is possible: a count that this itself needs is not known yet.
                self._first[key] = self.known.of(subject.value, subject.relation)
                counted = self.meaning.keys.counts.get(key)
                if counted and self._is_empty(*counted):
                    self._first[key] = _NO_ROWS
        return self._first[key]

    # ---- rows ----------------------------------------------------------------------------------------

    def _is_empty(self, rows: Rows, zone: str | None) -> bool:
        return self._with({}, [self.meaning.rules(zone).row(rows)]) is None

    def _counts_clash(self, situation: Situation) -> bool:
        """Whether there are more of some rows than of rows that all of them are among."""
        counts = self.meaning.keys.counts
        found = [key for key in situation if key in counts]
        if not 1 < len(found) <= _MOST_COUNTS:
            return False
        return any(
            situation[some].axes["value"].lowest > situation[most].axes["value"].highest - 1
            and self._are_among(some, most)
            for some in found
            for most in found
            if some != most and counts[some][0].relation == counts[most][0].relation
        )

    def _edges_clash(self, situation: Situation) -> bool:
        """Whether the same newest or oldest row would have to pass tests that contradict each other."""
        edges = self.meaning.keys.edges
        asked: dict[Hashable, dict[int, bool]] = {}
        for key, facts in situation.items():
            if key in edges and not (facts & TRUE and facts & FALSE):
                asked.setdefault(edges[key].row, {})[key] = bool(facts & TRUE)
        # Where none passes there may be no row at all.
        return any(len(one) > 1 and any(one.values()) and self._is_no_row(one) for one in asked.values())

    def _is_no_row(self, answers: dict[int, bool]) -> bool:
        """Whether no row is picked that answers so."""
        known = frozenset(answers.items())
        if known not in self._rows:
            formulas: list[Formula] = []
            for key, answer in answers.items():
                edge = self.meaning.keys.edges[key]
                rules = self.meaning.rules(edge.zone)
                formulas += [
                    rules.row(edge.rows),
                    rules.formula(edge.test, edge.rows.relation, is_true=answer),
                ]
            self._rows[known] = self._with({}, formulas) is None
        return self._rows[known]

    def _are_among(self, some: int, most: int) -> bool:
        """Whether all of some rows are among the others."""
        if (some, most) not in self._subsets:
            (picked, zone), (others, other_zone) = (self.meaning.keys.counts[key] for key in (some, most))
            rules = self.meaning.rules(zone)
            # Days of different zones can't be compared.
            self._subsets[some, most] = (
                zone == other_zone
                and self._with({}, [rules.row(picked), rules.row_not_picked(others)]) is None
            )
        return self._subsets[some, most]
