"""Stories that are told while they are drawn."""

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
from tests.refresh.refreshing import RefreshWarehouse
from tests.refresh.story import Step, Story
from tests.refresh.writes import ShopLife

_SEGMENTS, _SPARE, _SHOPS = 10, 14, 3


class Author:
    """The beginning of a story, and what it may go on with; the same for the same seed."""

    def __init__(self, warehouse: RefreshWarehouse, seed: int) -> None:
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
        self.story = Story(drawn.case, Definitions({"everyone": EVERYONE, **first}, drawn.attributes))

    def write(self, random: Random, as_of: datetime) -> Step:
        """One transaction of the shop, seldom one that nothing captures."""
        writes = ShopLife(random, self._warehouse.shop(), self.others, as_of).transaction()
        return {"capture" if random.random() < 0.02 else "write": writes}

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
        if random.random() < 0.05:
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

    def refresh(self, random: Random, as_of: datetime) -> Step:
        """Everything is refreshed; at times that is compared with a full refresh, or is one."""
        ways: list[Step] = [{}] * 15 + [{"compare": True}] * 4 + [{"mode": "full"}]
        return {"refresh": random.choice(ways)}

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
