"""What advice proves of drawn rules is so of drawn shops, says the reference. No database is asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from maho_segments.errors import DefinitionsError
from maho_segments.language import Project, advise, check_project
from maho_segments.language.advice.entries import parts_of
from maho_segments.language.advice.meaning import Meaning
from maho_segments.language.advice.prover import Prover
from maho_segments.language.rules import EVERYONE as ALL_TYPES
from maho_segments.language.rules import NotRule, RelatedRows, Rows, Rule, Segment
from tests.projects import copy_project
from tests.properties.attributes import attribute_files, types_of
from tests.properties.base_shop import Case
from tests.properties.drawing import EVERYONE, seeds
from tests.properties.examples import examples
from tests.properties.near import SAME, near
from tests.properties.rewriting import Rewriter
from tests.properties.rules import RuleWriter
from tests.properties.shops import cases
from tests.properties.warehouse import CONDITION, condition_holds
from tests.properties.yaml_text import yaml_text
from tests.reference import Evaluation, evaluate
from tests.reference.people import read_people
from tests.reference.places import read_places
from tests.reference.relations import read_relations

_RULES = 20
_SHOPS = 3
_LEAST_FOUND = 0.9
_found: list[bool] = []


class Files:
    """A project whose segments and attributes are replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = copy_project(folder)
        (folder / "macros/conditions/condition_known_kind.sql").write_text(CONDITION, encoding="utf-8")
        self._attributes = (folder / "attributes.yml").read_text(encoding="utf-8")

    def project(self, segments: Mapping[str, Any], attributes: Mapping[str, Any]) -> Project:
        """The checked project with these, and with the attributes that it has. Raises DefinitionsError."""
        added = "".join(f"\n  {name}: {yaml_text(one)}\n" for name, one in attributes.items())
        (self.folder / "attributes.yml").write_text(self._attributes + added, encoding="utf-8")
        written = {"version": 1, "segments": {"everyone": EVERYONE, **segments}}
        (self.folder / "segments.yml").write_text(yaml_text(written), encoding="utf-8")
        return check_project(self.folder)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("advice"))


@pytest.mark.parametrize("seed", seeds(_RULES * 10, 1))
def test_no_drawn_shop_contradicts_advice(files: Files, seed: int) -> None:
    drawn = [examples(cases(), 1, from_seed=seed * _SHOPS + number)[0] for number in range(_SHOPS)]
    segments, ways, attributes = _draw(files, drawn[0], seed)
    project = _valid(files, segments, attributes)
    ways = [(way, one, other) for way, one, other in ways if {one, other} <= set(project.segments)]
    looked_at = [evaluate(project, case.shop, case.as_of, condition_holds) for case in drawn]

    wrong = [
        f"{told}: {yaml_text([segments[name] for name in names])}, but {somebody}"
        for told, names, claim in _claims(project, ways)
        for evaluation in looked_at
        if (somebody := sorted(_counterexamples(evaluation, *claim), key=repr)[:3])
    ]

    assert not wrong, "\n".join(wrong)


def test_what_is_said_otherwise_is_found_to_be_the_same() -> None:
    assert _found, "it looks at what the tests above have drawn: run them with it"
    assert sum(_found) / len(_found) > _LEAST_FOUND, f"{sum(_found)} of {len(_found)}"


# ---- what is drawn -----------------------------------------------------------------------------------------

Near = tuple[str, str, str]
"""How the second segment is near to the first."""


def _draw(files: Files, case: Case, seed: int) -> tuple[dict[str, Any], list[Near], dict[str, Any]]:
    """Segments for a shop with those near to them, and attributes."""
    project = files.project({}, {})
    types = {name: attribute.type for name, attribute in project.attributes.items()}
    values = _values(project, case)
    writer = RuleWriter(project.vocabulary, types, values, case.moments, case.as_of)
    attributes = examples(attribute_files(writer), 1, from_seed=seed)[0]
    writer = RuleWriter(project.vocabulary, types | types_of(attributes), values, case.moments, case.as_of)
    first = {f"s{number}": one for number, one in enumerate(examples(writer.segment(), 5, from_seed=seed))}
    more = examples(writer.segment(tuple(first)), _RULES - len(first), from_seed=seed)
    segments = first | {f"s{number}": one for number, one in enumerate(more, len(first))}
    rewriter, random = Rewriter(writer, case.as_of), Random(seed)
    ways: list[Near] = []
    for name, segment in list(segments.items()):
        others = list(segments.values())[:_RULES]
        for number, (way, one) in enumerate(near(name, segment, others, rewriter, random)):
            segments[f"{name}_{way}_{number}"] = one
            ways.append((way, name, f"{name}_{way}_{number}"))
    return segments, ways, attributes


def _values(project: Project, case: Case) -> dict[tuple[str, str], list[Any]]:
    """What stands in each column that rules can speak of: good literals."""
    places = read_places(case.shop)
    people = read_people(case.shop, places, joins_guest_orders=True)
    vocabulary = project.vocabulary
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def note(model: str, columns: Mapping[str, Any]) -> None:
        for name, value in columns.items():
            if value is not None:
                plain = _plain(value)
                found.setdefault((model, name), {})[repr(plain)] = plain

    for profile in people.profiles.values():
        note(vocabulary.profile.model, profile.columns)
    for name, owned in read_relations(case.shop, places, people).items():
        relation = vocabulary.relations[name]
        for row in (row for rows in owned.values() for row in rows):
            note(relation.table.model, row.columns)
            for parent, columns in row.parents.items():
                note(relation.parents[parent].table.model, columns)
    return {place: [values[text] for text in sorted(values)] for place, values in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / value.denominator
    return sorted(value) if isinstance(value, frozenset) else value


def _valid(files: Files, segments: dict[str, Any], attributes: dict[str, Any]) -> Project:
    """The project with those of the segments that are valid: not every slip is."""
    while True:
        try:
            return files.project(segments, attributes)
        except DefinitionsError as error:
            invalid = {problem.segment for problem in error.problems} & segments.keys()
            if not invalid:
                raise
            for name in invalid:
                del segments[name]


# ---- what is claimed ---------------------------------------------------------------------------------------

Claim = tuple[Segment, Segment | None, bool]
"""Nobody is in the first and in the second (True), or in the first and not in the second (False)."""
Told = tuple[str, tuple[str, ...], Claim]
"""What is told of segments, their names, and the claim that it is."""


def _counterexamples(
    evaluation: Evaluation, one: Segment, other: Segment | None, both: bool
) -> frozenset[Any]:
    members = evaluation.holds(one)
    if other is None:
        return members
    return members & evaluation.holds(other) if both else members - evaluation.holds(other)


def _claims(project: Project, ways: list[Near]) -> Iterator[Told]:
    """Everything that can be proved of the segments and their parts, and that advice tells of two of them."""
    meaning = Meaning(project)
    provers = {one.audience: Prover(meaning, one.audience) for one in project.segments.values()}
    for name, segment in project.segments.items():
        prover, rules = provers[segment.audience], meaning.rules(segment.time_zone)
        if prover.is_impossible(meaning.segment(segment, is_in=True)):
            yield "never", (name,), (segment, None, True)
        for part, relation in _parts(segment.match, None):
            for answer in (True, False):
                if prover.is_impossible(rules.formula(part, relation, is_true=answer)):
                    rule = part if answer else NotRule(part)
                    match = RelatedRows(Rows(relation, rule)) if relation else rule
                    asked = replace(segment, match=match, websites=None, customer_groups=None)
                    yield f"never {rule}", (name,), (asked, None, True)
    anybody = Prover(meaning, ALL_TYPES)
    for way, name, near_name in ways:
        one, other = project.segments[name], project.segments[near_name]
        proved = {
            answers: anybody.is_impossible(
                meaning.segment(one, is_in=answers[0]), meaning.segment(other, is_in=answers[1])
            )
            for answers in ((True, True), (True, False), (False, True))
        }
        if proved[True, True]:
            yield f"apart ({way})", (name, near_name), (one, other, True)
        if proved[True, False]:
            yield f"within ({way})", (name, near_name), (one, other, False)
        if proved[False, True]:
            yield f"around ({way})", (name, near_name), (other, one, False)
        if way == SAME:
            _found.append(proved[True, False] and proved[False, True])
    yield from _told_of_two(project)


def _told_of_two(project: Project) -> Iterator[Told]:
    for problem in advise(project):
        if problem.code not in ("same-segment", "contains-segment") or problem.segment is None:
            continue
        whole = project.segments[problem.segment]
        for name in set(re.findall(r"`(\w+)`", problem.found)) - {whole.name}:
            names = (whole.name, name)
            yield problem.code, names, (project.segments[name], whole, False)
            if problem.code == "same-segment":
                yield problem.code, names, (whole, project.segments[name], False)


def _parts(rule: Rule, relation: str | None) -> Iterator[tuple[Rule, str | None]]:
    yield rule, relation
    for part, about in parts_of(rule, relation):
        yield from _parts(part, about)
