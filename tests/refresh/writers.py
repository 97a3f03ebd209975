"""Sessions that write to the shop all at once, and end transactions in another order than they began them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random

import psycopg

from tests.properties.base_shop import Shop
from tests.refresh.refreshing import RefreshWarehouse, read_shop
from tests.refresh.rows import apply_writes
from tests.refresh.writes import ShopLife


class Refreshes:
    """How many refreshes there were; writers wait for the next ones with an open transaction."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()
        self.is_over = False

    def one_more(self) -> None:
        """A refresh has ended."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def end(self) -> None:
        """There will be no more."""
        with self._changed:
            self.is_over = True
            self._changed.notify_all()

    def wait_for(self, more: int) -> None:
        """Return when there were so many more, or there are no more."""
        with self._changed:
            wanted = self._count + more
            self._changed.wait_for(lambda: self.is_over or self._count >= wanted)


class Writer(threading.Thread):
    """A session with one transaction after the other, some held open over refreshes, some rolled back."""

    def __init__(
        self, warehouse: RefreshWarehouse, refreshes: Refreshes, others: list[Shop], now: datetime, seed: int
    ) -> None:
        super().__init__(daemon=True)
        self._warehouse, self._refreshes, self._others, self._now = warehouse, refreshes, others, now
        self._random = Random(seed)
        self.committed = self.held = self.rolled_back = self.refused = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        """Write until there are no more refreshes."""
        try:
            with self._warehouse.database.connect() as connection:
                connection.execute("set lock_timeout = '500ms'")
                while not self._refreshes.is_over:
                    self._transaction(connection)
        except BaseException as error:  # told by the test, which this thread can't fail
            self.error = error

    def _transaction(self, connection: psycopg.Connection) -> None:
        random = self._random
        try:
            with connection.transaction():
                for _ in range(random.choice([1, 1, 2, 3])):
                    life = ShopLife(random, read_shop(connection), self._others, self._now, can_replace=False)
                    apply_writes(connection, life.transaction())
                    connection.execute("select pg_sleep(%s)", [random.random() / 20])
                if random.random() < 0.25:
                    self.held += 1
                    self._refreshes.wait_for(random.choice([1, 1, 2, 3]))
                if random.random() < 0.2:
                    self.rolled_back += 1
                    raise psycopg.Rollback
                self.committed += 1
        except (psycopg.IntegrityError, psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            self.refused += 1


@contextmanager
def writing(
    warehouse: RefreshWarehouse, others: list[Shop], now: datetime, *, sessions: int, seed: int
) -> Iterator[tuple[Refreshes, list[Writer]]]:
    """So many writers, at work as long as the block."""
    refreshes = Refreshes()
    writers = [Writer(warehouse, refreshes, others, now, seed * 100 + number) for number in range(sessions)]
    for writer in writers:
        writer.start()
    try:
        yield refreshes, writers
    finally:
        refreshes.end()
        for writer in writers:
            writer.join(timeout=60)
    for writer in writers:
        if writer.error is not None:
            raise writer.error
