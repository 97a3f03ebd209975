"""How a long service tells what it is doing, to whoever shows it."""

from dataclasses import dataclass
from typing import Literal, Protocol

NodeState = Literal["started", "finished"]


@dataclass(frozen=True)
class NodeEvent:
    """One dbt node (a model, a test, a hook) began or ended. `rows` is what it wrote, where dbt says so."""

    state: NodeState
    name: str
    kind: str
    materialization: str
    status: str = ""
    rows: int | None = None
    seconds: float = 0.0
    message: str = ""
    """What dbt says of how it ended."""
    failures: int | None = None
    """Rows that a test found."""


class Progress(Protocol):
    """Told by a service, from any thread, one call at a time."""

    def step(self, text: str) -> None:
        """A part of the work begins."""

    def part(self, what: str, done: int, total: int) -> None:
        """Of what the step works on now, so much is done."""

    def total(self, nodes: int) -> None:
        """So many dbt nodes will run."""

    def node(self, event: NodeEvent) -> None:
        """A dbt node began or ended."""

    def note(self, text: str) -> None:
        """Something that a person should read, while the work goes on."""


class Silence:
    """Progress that nobody watches."""

    def step(self, text: str) -> None: ...
    def part(self, what: str, done: int, total: int) -> None: ...
    def total(self, nodes: int) -> None: ...
    def node(self, event: NodeEvent) -> None: ...
    def note(self, text: str) -> None: ...
