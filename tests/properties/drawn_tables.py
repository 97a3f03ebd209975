"""Drawing the rows of raw tables: their keys, their EAV values, and the ids by which they mention others."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.properties.base_shop import ATTRIBUTE_IDS, Row, Shop

Draw = Callable[..., Any]


class Tables:
    """A shop whose tables are drawn one after the other."""

    def __init__(self, draw: Draw, shop: Shop) -> None:
        self.draw, self.shop = draw, shop

    def rows(self, name: str, key: str | None, most: int, /, **columns: Any) -> list[Row]:
        """Draws and keeps a table's rows; what is no strategy is each one's value, and None means no rows."""
        if None in columns.values():
            return []
        strategies = {
            column: value if isinstance(value, st.SearchStrategy) else st.just(value)
            for column, value in columns.items()
        }
        least = self.draw(st.sampled_from([most // 4, *[most // 2] * 4]))
        drawn = self.draw(st.lists(st.fixed_dictionaries(strategies), min_size=least, max_size=most))
        numbered = [{key: number, **row} if key else row for number, row in enumerate(drawn, 1)]
        self.shop.setdefault(name, []).extend(numbered)
        return numbered

    def twins(self, name: str, time: str, *owner: str) -> None:
        """Gives rows the owner of the row before, so that many have several, and its time or none."""
        for former, row in pairwise(self.shop.get(name, [])):
            shares = self.draw(st.sampled_from(["nothing", "nothing", "owner", "time", "time", "no time"]))
            if shares != "nothing":
                row.update({column: former[column] for column in owner})
            if shares == "time":
                row[time] = former[time]
            if shares == "no time":
                row[time] = None

    def unique(self, name: str, *columns: str) -> None:
        """Leaves of rows that agree in these columns the first, as the table's unique key does."""
        seen: dict[tuple[Any, ...], Row] = {}
        for row in self.shop.get(name, []):
            seen.setdefault(tuple(row[column] for column in columns), row)
        self.shop[name] = list(seen.values())

    def ids(self, name: str, key: str) -> st.SearchStrategy:
        """An id of a row of that table, seldom one that does not exist."""
        known = [row[key] for row in self.shop.get(name, [])]
        return st.sampled_from([*known * 3, 99])

    def owners(self, name: str, key: str) -> st.SearchStrategy | None:
        """An id of a row of that table, with which the shop deletes what belongs to it; None without any."""
        known = [row[key] for row in self.shop.get(name, [])]
        return st.sampled_from(known) if known else None

    def values(self, kind: str, backend: str, owners: list[int], **columns: st.SearchStrategy) -> None:
        """EAV values of those entities: some set, some empty, some left out."""
        family = {"customer": "customer_entity", "customer_address": "customer_address_entity"}
        table = f"{family.get(kind, f'{kind}_entity')}_{backend}"
        by_store = kind.startswith("catalog")
        for owner in owners:
            for code, values in columns.items():
                if not self.draw(st.integers(0, 4)):
                    continue
                row = {
                    "entity_id": owner,
                    "attribute_id": ATTRIBUTE_IDS[kind, code],
                    "value": self.draw(values),
                }
                self.shop.setdefault(table, []).append({**row, **({"store_id": 0} if by_store else {})})
                if by_store and self.draw(st.integers(0, 4)) == 1:
                    self.shop[table].append({**row, "store_id": 1, "value": self.draw(values)})
