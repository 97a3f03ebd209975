"""Laws of the language, of drawn rules about drawn shops: rules that say the same have the same members.

`SEGMENTS_PROPERTY_CASES=5000` asks for more cases, `SEGMENTS_PROPERTY_SEED=7` for others.
"""

from collections import Counter
from random import Random
from typing import Any

import pytest

from tests.properties.drawing import EVERYONE, checked, draw_case, seeds
from tests.properties.rewriting import Rewriter, wider, without_settings
from tests.properties.warehouse import Warehouse
from tests.properties.yaml_text import yaml_text

_RULES = 12
_WAYS = 3


@pytest.mark.parametrize("seed", seeds(_RULES * _WAYS, 0.3))
def test_rules_that_say_the_same_have_the_same_members(warehouse: Warehouse, seed: int) -> None:
    drawn = draw_case(warehouse, seed, _RULES)
    random, asked = Random(seed), Counter[str]()
    same_clock = {name: one for name, one in drawn.segments.items() if "time_zone" not in one}
    others: dict[str, Any] = {"everyone": EVERYONE}
    expected: list[tuple[str, str, str]] = []
    for name, segment in drawn.segments.items():
        known = {} if "time_zone" in segment else same_clock
        ways = list(Rewriter(drawn.writer, drawn.case.as_of, known).rewritten(segment["match"]))
        random.shuffle(ways)
        # Laws that were asked seldom so far come first.
        ways.sort(key=lambda way: asked[way[0]])
        for number, (law, match) in enumerate(ways[:_WAYS]):
            asked[law] += 1
            others[f"{name}_same_{number}"] = {**segment, "match": match}
            expected.append((law, name, f"{name}_same_{number}"))
        others[f"{name}_plain"] = without_settings(segment)
        expected.append(("settings", name, f"{name}_plain"))
        others[f"{name}_not"] = {**segment, "match": {"not": segment["match"]}}
        others[f"{name}_audience"] = {**segment, "match": EVERYONE["match"]}
        others[f"{name}_referred"] = {"audience": "everyone", "match": {"segment": name}}
        expected.append(("reference", name, f"{name}_referred"))
        for number, (_, match) in enumerate(wider(segment["match"])):
            others[f"{name}_wider_{number}"] = {**segment, "match": match}
    members = warehouse.members(checked(warehouse, drawn, others))
    broken = [
        f"{law}:\n  {yaml_text(drawn.segments[one])}\n  {yaml_text(others[other])}\n"
        f"  {sorted(members[one])}\n  {sorted(members[other])}"
        for law, one, other in expected
        if members[one] != members[other]
    ]
    for name, segment in drawn.segments.items():
        negated, audience = members[f"{name}_not"], members[f"{name}_audience"]
        if members[name] | negated != audience or members[name] & negated:
            broken.append(f"not: {yaml_text(segment)}")
        for number, (law, match) in enumerate(wider(segment["match"])):
            if not members[name] <= members[f"{name}_wider_{number}"]:
                broken.append(f"{law}:\n  {yaml_text(segment)}\n  {yaml_text(match)}")
    assert not broken, "\n".join([f"seed {seed}", *broken])
