"""Of drawn shops and rules: the members that SQL finds are those that the reference evaluator finds.

Each test is one shop with 65 segments or so, and the same for the same seed. CI draws the same cases each
time, so that what fails is what changed. For others, say at night:

    SEGMENTS_PROPERTY_CASES=5000 SEGMENTS_PROPERTY_SEED=$RANDOM .venv/bin/pytest tests/properties

A failure prints a small shop and rule as a file for `regressions/`.
"""

import pytest

from maho_segments.language import Project
from tests.properties.drawing import EVERYONE, draw_case, one_of_each_test, seeds, share_of_telling
from tests.properties.drawn_words import words_in, words_there_are
from tests.properties.regressions import case_text
from tests.properties.smaller import smaller_case
from tests.properties.warehouse import Definitions, Warehouse
from tests.properties.yaml_text import yaml_text

_LEAST_TELLING = 0.4
_SEEDS = seeds(65, 0.95)
_shares: list[float] = []
_missing: list[set[str]] = []


@pytest.mark.parametrize("seed", _SEEDS)
def test_members_are_those_of_the_reference(warehouse: Warehouse, seed: int) -> None:
    drawn = draw_case(warehouse, seed)
    segments = {"everyone": EVERYONE, **drawn.segments, **one_of_each_test(warehouse, drawn, seed)}
    definitions = Definitions(segments, drawn.attributes)

    def fails(project: Project) -> set[str]:
        found, wanted = warehouse.members(project), warehouse.wanted(project)
        return {name for name in found if found[name] != wanted[name]}

    project = warehouse.project(definitions)
    found = warehouse.members(project)
    _shares.append(share_of_telling(found, found["everyone"]))
    _missing.append(words_there_are(project) - words_in(project))
    wanted = warehouse.wanted(project)
    failing = [name for name in segments if found[name] != wanted[name]]
    if not failing:
        return
    case, definitions = smaller_case(warehouse, drawn.case, definitions, failing[0], fails)
    project = warehouse.project(definitions)
    wanted = warehouse.wanted(project)
    pytest.fail(
        f"{len(failing)} of {len(segments)} segments of the shop of seed {seed} have other members than the "
        f"reference. One, made small (its members are those of the reference):\n\n"
        f"# Regression: SAY WHAT WAS WRONG. Drawn with the seed {seed}; SQL found "
        f"{yaml_text(sorted(warehouse.members(project)[failing[0]], key=repr))}.\n"
        f"{case_text(case, definitions, wanted)}",
        pytrace=False,
    )


def test_drawn_rules_tell_profiles_apart() -> None:
    assert _shares, "it looks at what the tests above have drawn: run them with it"
    assert sum(_shares) / len(_shares) > _LEAST_TELLING, _shares


def test_every_word_of_the_language_is_drawn() -> None:
    assert _missing, "it looks at what the tests above have drawn: run them with it"
    assert sorted(set.intersection(*_missing)) == []
