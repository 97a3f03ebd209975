"""Stories that are told while they are drawn."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.properties.attributes import attribute_files
from tests.properties.base_shop import Shop
from tests.properties.drawing import EVERYONE, draw_case
from tests.properties.examples import examples
from tests.properties.shops import cases
from tests.properties.warehouse import Definitions
from tests.refresh.clock import next_instant
from tests.refresh.clocked import told_by_clocks
from tests.refresh.refreshing import FAILING, RefreshWarehouse
from tests.refresh.story import NOTHING, Step, Story
from tests.refresh.writes import ShopLife

_SEGMENTS, _SPARE, _SHOPS = 10, 14, 3
# The share of writes and edits that make a refresh one of everybody.
_EVERYBODY = 0.02
_COMPARED = 0.2
_BUILT = 0.1
_AUDITED = 0.3
# That the shop's tables are asked whether they are older than agreed, which they mostly are.
_STALE = 0.03

Draw = Callable[["Author", Random, datetime], Step]


class Author:
    """The beginning of a story, and what it may go on with; the same for the same seed."""

    def __init__(self, warehouse: RefreshWarehouse, seed: int, capture: str = "triggers") -> None:
        drawn = draw_case(warehouse, seed, _SEGMENTS + _SPARE)
        self._warehouse = warehouse
        self._pool = list(drawn.segments.values())
        self._names = list(drawn.segments)
        self.others: list[Shop] = [
            one.shop for one in examples(cases(as_of=drawn.case.as_of), _SHOPS, from_seed=seed + 1)
        ]
        self.others.append(drawn.case.shop)
        self._attributes = examples(attribute_files(drawn.writer), 3, from_seed=seed + 2)
        first = {name: drawn.segments[name] for name in self._names[:_SEGMENTS]}
        definitions = Definitions({"everyone": EVERYONE, **first}, drawn.attributes)
        self.story = Story(drawn.case, definitions, capture=capture)

    def write(self, random: Random, as_of: datetime) -> Step:
        """One transaction of the shop, seldom one that nothing captures."""
        life = ShopLife(random, self._warehouse.shop(), self.others, as_of, everybody=_EVERYBODY)
        if self.story.capture == "clocks":
            return {"write": told_by_clocks(life.transaction(), as_of)}
        return {"capture" if random.random() < _EVERYBODY / 4 else "write": life.transaction()}

    def clock(self, random: Random, as_of: datetime) -> Step:
        """It is later."""
        instant = next_instant(random, as_of, self._warehouse.shop())
        return {"clock": instant.astimezone(UTC).isoformat()}

    def define(self, random: Random, as_of: datetime) -> Step:
        """Segments are added, edited, removed, switched off or brought back, or an attribute is edited."""
        now = self._warehouse.definitions
        edits: dict[str, Any] = {}
        if random.random() < 0.15:
            attributes = random.choice(self._attributes)
            name = random.choice(sorted(attributes))
            return {"define": {"attributes": {name: attributes[name]}}}
        if random.random() < _EVERYBODY:
            return {"define": {"guest_orders": random.choice(["join", "keep_apart"])}}
        for _ in range(random.choice([1, 1, 2, 4])):
            name = random.choice(self._names)
            present = now.segments.get(name)
            edits[name] = random.choice(
                [
                    random.choice(self._pool),
                    random.choice(self._pool),
                    {**self._pool[self._names.index(name)]},
                    None,
                    {**(present or random.choice(self._pool)), "active": False},
                ]
            )
        return {"define": {"segments": edits}}

    def guard(self, random: Random, as_of: datetime) -> Step:
        """Some segments get a guard that is soon broken, or all lose theirs."""
        now = self._warehouse.definitions.segments
        if any("guard" in segment for segment in now.values()):
            return {"define": {"segments": {name: _without_guard(segment) for name, segment in now.items()}}}
        guards = [
            {"max_change_percent": 5},
            {"max_change_percent": 60},
            {"min_members": 2},
            {"max_members": 2},
        ]
        names = random.sample(sorted(now), min(4, len(now)))
        return {
            "define": {"segments": {name: {**now[name], "guard": random.choice(guards)} for name in names}}
        }

    def fail(self, random: Random, as_of: datetime) -> Step:
        """A segment comes that can't be asked of guests or of visitors, and one that refers to it; or go."""
        if self.story.capture == "clocks":
            return NOTHING
        if "failing" in self._warehouse.definitions.segments:
            return {"define": {"segments": {"failing": None, "with_failing": None}}}
        condition = {"name": FAILING, "with": {"kind": random.choice(["guest", "visitor"])}}
        # At times with a clock of its own; the condition is asked first, nothing keeps it from failing.
        turning: list[Any] = [{"orders": {"within": random.choice(["1 day", "30 days"])}}]
        fails = {"all": [{"condition": condition}, *(turning if random.random() < 0.5 else [])]}
        failing = {"audience": "everyone", "match": fails}
        referring = {"audience": "everyone", "match": {"not": {"segment": "failing"}}}
        return {"define": {"segments": {"failing": failing, "with_failing": referring}}}

    def release(self, random: Random, as_of: datetime) -> Step:
        """Somebody has looked at what is held."""
        return {"release": True} if self.story.capture == "triggers" else NOTHING

    def audit(self, random: Random, as_of: datetime) -> Step:
        """At times everybody is compared with what the shop's rows say.

        Not where clocks tell what changes: of instants that are yet to come they tell nothing, and no audit
        knows news from drift.
        """
        is_audited = random.random() < _AUDITED and self.story.capture == "triggers"
        return {"audit": True} if is_audited else NOTHING

    def refresh(self, random: Random, as_of: datetime) -> Step:
        """Everything is refreshed; at times that is compared with a full refresh, or is one."""
        if random.random() < _EVERYBODY / 2:
            return {"refresh": {"mode": "full"}}
        how = {"compare": True} if random.random() < _COMPARED else {}
        if random.random() < _STALE:
            return {"refresh": {"stale": True}}
        # The services take the variables of dbt_project.yml, which names triggers.
        is_built = random.random() < _BUILT and self.story.capture == "triggers"
        return {"refresh": {**how, "by": "build"} if is_built else how}

    def refresh_some(self, random: Random, as_of: datetime) -> Step:
        """Some segments are refreshed."""
        names = sorted(self._warehouse.definitions.segments)
        return {"refresh": {"segments": random.sample(names, random.randint(1, min(3, len(names))))}}

    def interrupt(self, random: Random, as_of: datetime) -> Step:
        """A refresh that does not come to its end."""
        some = self.refresh_some(random, as_of)["refresh"] if random.random() < 0.3 else {}
        if random.random() < 0.3:
            return {"refresh": {**some, "nodes": random.randint(1, 8)}}
        fault = random.choice(["killed", "killed", "lost"])
        return {"refresh": {**some, "fault": [round(random.random(), 3), fault]}}


def _without_guard(segment: Any) -> dict[str, Any]:
    return {word: what for word, what in segment.items() if word != "guard"}
