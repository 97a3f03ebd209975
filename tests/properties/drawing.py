"""Cases: a shop in a warehouse, and segments drawn for it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from maho_segments.language import Project
from tests.properties.attributes import attribute_files, types_of
from tests.properties.base_shop import Case
from tests.properties.every_test import every_test
from tests.properties.examples import examples
from tests.properties.rules import RuleWriter
from tests.properties.shops import cases
from tests.properties.warehouse import Definitions, ProfileKey, Warehouse

SEED: Final = int(os.environ.get("SEGMENTS_PROPERTY_SEED", "1"))
CASES: Final = int(os.environ.get("SEGMENTS_PROPERTY_CASES", "400"))
SEGMENTS_PER_SHOP: Final = 30
SHARES_OF_TESTS: Final = 6
"""So many shops have one of everything that can be tested."""
_TRIES = 3
EVERYONE: Final = {"audience": "everyone", "match": {"profile_type": {"is_set": True}}}


def seeds(cases_per_shop: int, share: float = 1.0) -> list[int]:
    """A seed for each shop, so many that a share of the wanted cases comes about."""
    shops = max(1, round(CASES * share / cases_per_shop))
    return [SEED * 10_000 + number for number in range(shops)]


@dataclass(frozen=True)
class Drawn:
    """A shop that is loaded, and what is drawn for it."""

    case: Case
    writer: RuleWriter
    attributes: Mapping[str, Any]
    segments: dict[str, Any]

    @property
    def definitions(self) -> Definitions:
        """What stands in the files."""
        return Definitions(self.segments, self.attributes)


def draw_case(warehouse: Warehouse, seed: int, count: int = SEGMENTS_PER_SHOP) -> Drawn:
    """Load a shop, and draw attributes and segments for it; some segments refer to others."""
    # One shop in eight keeps guests' orders apart: each change has dbt read the project anew.
    guest_orders = "keep_apart" if seed % 8 == 7 else "join"
    case = examples(cases(guest_orders), 1, from_seed=seed)[0]
    warehouse.load(case)
    project = warehouse.project(Definitions({"everyone": EVERYONE}))
    values = warehouse.values(project)
    types = {name: attribute.type for name, attribute in project.attributes.items()}
    writer = RuleWriter(project.vocabulary, types, values, case.moments, case.as_of)
    attributes = examples(attribute_files(writer), 1, from_seed=seed)[0]
    types |= types_of(attributes)
    writer = RuleWriter(project.vocabulary, types, values, case.moments, case.as_of)
    first = _telling(warehouse, writer, {}, attributes, count // 4, seed)
    return Drawn(case, writer, attributes, _telling(warehouse, writer, first, attributes, count, seed + 1))


def one_of_each_test(warehouse: Warehouse, drawn: Drawn, seed: int) -> dict[str, Any]:
    """Segments about the shop's share of all that can be tested, and those that aim: the best of a few."""
    rules = every_test(drawn.writer)[seed % SHARES_OF_TESTS :: SHARES_OF_TESTS]
    rules = [rule.map(lambda match: {"match": match}) for rule in rules] + drawn.writer.aimed
    tries = [examples(st.tuples(*[rule] * _TRIES), 1, from_seed=seed)[0] for rule in rules]
    candidates = {
        f"test_{number}_{place}": {"audience": "everyone", **rule}
        for number, several in enumerate(tries)
        for place, rule in enumerate(several)
    }
    project = warehouse.project(Definitions({"everyone": EVERYONE, **candidates}, drawn.attributes))
    members = warehouse.wanted(project)

    def is_telling(name: str) -> bool:
        return bool(members[name]) and members[name] != members["everyone"]

    names = [
        max([f"test_{number}_{place}" for place in range(_TRIES)], key=is_telling)
        for number in range(len(rules))
    ]
    return {name: candidates[name] for name in names}


def _telling(
    warehouse: Warehouse,
    writer: RuleWriter,
    segments: dict[str, Any],
    attributes: Mapping[str, Any],
    count: int,
    seed: int,
) -> dict[str, Any]:
    """The segments and more, together `count`, which may refer to them.

    Of rules that are drawn blindly most hold for nobody or for everybody. So twice as many are drawn, and
    those preferred that hold for some, says the reference.
    """
    wanted = count - len(segments)
    drawn = examples(writer.segment(tuple(segments)), 2 * wanted, from_seed=seed)
    candidates = {f"candidate_{number}": one for number, one in enumerate(drawn)}
    project = warehouse.project(Definitions({"everyone": EVERYONE, **segments, **candidates}, attributes))
    members = warehouse.wanted(project)
    telling = [name for name in candidates if members[name] and members[name] != members["everyone"]]
    others = [name for name in candidates if name not in telling]
    most = max(wanted * 2 // 3, wanted - len(others))
    chosen = (telling[:most] + others)[:wanted]
    return segments | {f"s{number}": candidates[name] for number, name in enumerate(chosen, len(segments))}


def share_of_telling(members: Mapping[str, frozenset[ProfileKey]], everyone: frozenset[ProfileKey]) -> float:
    """The share of segments that hold somebody and not everybody."""
    telling = [name for name, found in members.items() if found and found != everyone]
    return len(telling) / max(len(members), 1)


def checked(warehouse: Warehouse, drawn: Drawn, more: Mapping[str, Any]) -> Project:
    """The project with the drawn segments and more."""
    return warehouse.project(Definitions({**drawn.segments, **more}, drawn.attributes))
