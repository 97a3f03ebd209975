"""A service's work in a thread of its own, and what it tells of it as it comes."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

from maho_segments.services.progress import NodeEvent, Progress

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """A part of the work begins."""

    text: str


@dataclass(frozen=True)
class Note:
    """Something that a person should read."""

    text: str


Told = Step | Note | NodeEvent


class _Queue:
    """Progress that is put where another thread waits for it."""

    def __init__(self, told: "SimpleQueue[Told | None]") -> None:
        self._told = told

    def step(self, text: str) -> None:
        self._told.put(Step(text))

    def part(self, what: str, done: int, total: int) -> None: ...

    def total(self, nodes: int) -> None: ...

    def node(self, event: NodeEvent) -> None:
        self._told.put(event)

    def note(self, text: str) -> None:
        self._told.put(Note(text))


class Streamed(Generic[T]):
    """Work that tells what it does: iterate over it to the end, then `result` has what it gives.

    What the work raises is raised where the iteration ends. A process that ends meanwhile takes the work with
    it: what the database has not committed by then is not done.
    """

    result: T

    def __init__(self, work: Callable[[Progress], T]) -> None:
        self._work = work
        self._told: SimpleQueue[Told | None] = SimpleQueue()
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[Told]:
        thread = threading.Thread(target=self._run, name="segments", daemon=True)
        thread.start()
        while (told := self._told.get()) is not None:
            yield told
        thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self.result = self._work(_Queue(self._told))
        except BaseException as error:
            self._error = error
        finally:
            self._told.put(None)
