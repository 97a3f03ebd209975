"""The edge cases: segments, the nicknames of their members among the people of their topic, and a word why.

They stand in `topics/NAME.yml`, written as in segments.yml; `members`, `why` and `as_of`, the name of an
instant, are added.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

INSTANTS = {
    # Monday noon in Berlin, where clocks went forward the day before; New York's did on 9 March.
    "spring": "2025-03-31T10:00:00Z",
    # Sunday noon in New York and Havana, where clocks went back that night; Berlin's did a week before.
    "autumn": "2025-11-02T17:00:00Z",
    # The last day of February in a year that has 28.
    "last_of_february": "2026-02-28T12:00:00Z",
    # Half past midnight of the new year in Berlin, still the old one in New York.
    "year_end": "2026-12-31T23:30:00Z",
    # Before dawn of 29 February in Berlin, late in the evening of the 28th in New York.
    "leap_day": "2028-02-29T04:00:00Z",
}
OURS = ("why", "members", "as_of", "match")


@dataclass(frozen=True)
class Case:
    """A rule as it is written, who is in it, at which instant, and why; `keys` are the segment's others."""

    topic: str
    name: str
    match: str
    members: frozenset[str]
    why: str
    as_of: str
    keys: dict[str, object]

    @property
    def segment(self) -> str:
        """The name of its segment."""
        return f"{self.topic}_{self.name}"

    def definition(self) -> str:
        """The segment as segments.yml has it."""
        lines = [f"    {key}: {json.dumps(value)}\n" for key, value in self.keys.items()]
        return "".join([f"  {self.segment}:\n", *lines, f"    match: {self.match}\n"])


def read_cases(topic: str, texts: dict[str, str]) -> list[Case]:
    """The cases of a topic; `texts` are what capitals in its rules stand for."""
    source = (Path(__file__).parent / "topics" / f"{topic}.yml").read_text(encoding="utf-8")
    rules = yaml.compose(source)
    cases = []
    for (name, keys), (_, mapping) in zip(yaml.safe_load(source).items(), rules.value, strict=True):
        (node,) = (value for key, value in mapping.value if key.value == "match")
        match = source[node.start_mark.index : node.end_mark.index]
        for word, text in texts.items():
            match = match.replace(word, text)
        cases.append(
            Case(
                topic=topic,
                name=name,
                match=match,
                members=frozenset(keys["members"]),
                why=keys["why"],
                as_of=keys.get("as_of", "spring"),
                keys={key: value for key, value in keys.items() if key not in OURS},
            )
        )
    return cases
