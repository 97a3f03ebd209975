"""The topics: each is a module whose `fill` makes its people and rows, and a file of cases about them."""

from types import ModuleType

from tests.integration.edges.topics import (
    calendar,
    clocks,
    lists,
    measures,
    missing,
    moments,
    money,
    names,
    no_rows,
    sales,
    text,
)

MODULES: tuple[ModuleType, ...] = (
    missing,
    no_rows,
    money,
    sales,
    moments,
    clocks,
    calendar,
    text,
    lists,
    names,
    measures,
)
TOPICS = {module.__name__.rpartition(".")[2]: module for module in MODULES}
