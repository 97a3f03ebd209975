"""Faults in the middle of a refresh, before a chosen one of dbt's statements."""

import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from dbt.adapters.postgres import PostgresConnectionManager
from dbt_common.exceptions import DbtDatabaseError

from tests.databases import Database

_BLOCK = 8192


class Statement(NamedTuple):
    """One that dbt is about to send."""

    number: int
    node: str
    """The model for which it is, or what else dbt calls its connection."""
    text: str


Place = Callable[[Statement], bool]
"""Whether the fault happens before this statement."""

Fault = Callable[[Any, Database], None]
"""What happens to dbt's connection, which is psycopg2's."""


def at_number(number: int) -> Place:
    """Before the statement of that number."""
    return lambda statement: statement.number == number


def before_node(node: str) -> Place:
    """Before a model's first statement."""
    return lambda statement: statement.node == node


def before_commit(node: str) -> Place:
    """When all that a model writes is written, and not committed."""
    return lambda statement: statement.node == node and statement.text == "COMMIT"


def after_commit(node: str) -> Place:
    """When what a model writes is committed, before anything else."""
    committed = False

    def is_there(statement: Statement) -> bool:
        nonlocal committed
        was_committed = committed
        committed = committed or before_commit(node)(statement)
        return was_committed

    return is_there


PLACES = {"before": before_node, "in": before_commit, "after": after_commit}


class KilledError(Exception):
    """dbt is gone: nothing that it does from now on reaches the database."""


def client_killed(connection: Any, database: Database) -> None:
    """The process of dbt is gone, and its sessions with it."""
    _end_sessions(database)
    raise KilledError


def sessions_ended(connection: Any, database: Database) -> None:
    """Somebody calls pg_terminate_backend(); dbt goes on."""
    _end_sessions(database)


def connection_dropped(connection: Any, database: Database) -> None:
    """The network is gone between dbt and the server."""
    with socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


def statement_timed_out(connection: Any, database: Database) -> None:
    """The server's statement_timeout is over."""
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = '20ms'")
        cursor.execute("select pg_sleep(1)")


def deadlocked(connection: Any, database: Database) -> None:
    """Another session and that of dbt wait for each other; the server ends dbt's transaction."""
    with database.connect() as other, connection.cursor() as cursor:
        other.execute("set deadlock_timeout = '1h'")
        other.execute("begin")
        other.execute("select pg_advisory_xact_lock(1, 1)")
        cursor.execute("select pg_advisory_xact_lock(2, 2)")
        waiting = threading.Thread(target=other.execute, args=("select pg_advisory_xact_lock(2, 2)",))
        waiting.start()
        try:
            cursor.execute("set local deadlock_timeout = '50ms'")
            while not database.rows("select 1 from pg_locks where not granted"):
                pass
            cursor.execute("select pg_advisory_xact_lock(1, 1)")
        finally:
            connection.rollback()
            waiting.join()


def disk_full(connection: Any, database: Database) -> None:
    """No file of the session grows beyond a block: what it writes fails, or the log of the server does."""
    backend = connection.info.backend_pid
    owner = Path(f"/proc/{backend}").stat()
    # Only a process of the server's own user may limit it, where the tests' may not limit everybody's.
    child = os.fork()
    if child == 0:
        try:
            if owner.st_uid != os.getuid():
                os.setgroups([])
                os.setgid(owner.st_gid)
                os.setuid(owner.st_uid)
            _, most = resource.prlimit(backend, resource.RLIMIT_FSIZE)
            resource.prlimit(backend, resource.RLIMIT_FSIZE, (_BLOCK, most))
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if status:
        raise OSError("the size of files could not be limited")


def backend_killed(connection: Any, database: Database) -> None:
    """kill -9 of the server process of the session, upon which the server starts anew."""
    os.kill(connection.info.backend_pid, signal.SIGKILL)


def server_killed(connection: Any, database: Database) -> None:
    """kill -9 of the server and, as sessions of a dead one could still commit, of that of dbt."""
    kill_server(database, connection.info.backend_pid)


def kill_server(database: Database, backend: int) -> None:
    """kill -9 of the server and of that server process."""
    ((folder,),) = database.rows("select current_setting('data_directory')")
    server = (Path(folder) / "postmaster.pid").read_text(encoding="ascii").splitlines()[0]
    os.kill(int(server), signal.SIGKILL)
    os.kill(backend, signal.SIGKILL)


def _end_sessions(database: Database) -> None:
    database.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where datname = current_database() and application_name = 'dbt'"
    )


class Statements:
    """Counts dbt's statements, and lets a fault happen before one of them."""

    def __init__(self, database: Database | None, place: Place | None, fault: Fault) -> None:
        self._database, self._place, self._fault = database, place, fault
        self._is_dead = False
        self.count = 0
        self.has_failed = False
        self.mistake: OSError | None = None
        """Why the fault itself did not come about."""

    def before_one(self, manager: PostgresConnectionManager, text: str) -> None:
        """Count one more. Raises DbtDatabaseError where dbt is dead, and what the fault raises."""
        self.count += 1
        connection = manager.get_thread_connection()
        node = str(connection.name).rpartition(".")[2]
        if self._place and not self.has_failed and self._place(Statement(self.count, node, text)):
            self.has_failed = True
            try:
                self._fault(connection.handle, self._database)
            except KilledError:
                self._is_dead = True
            except OSError as error:
                self.mistake = error
                raise
        if self._is_dead:
            raise DbtDatabaseError("killed by a test")


@contextmanager
def counting(
    database: Database | None, place: Place | None = None, fault: Fault = client_killed
) -> Iterator[Statements]:
    """dbt's statements of the block, counted; with a fault before one of them."""
    statements = Statements(database, place, fault)
    add_query = PostgresConnectionManager.add_query

    def counted(self: PostgresConnectionManager, sql: str, *arguments: Any, **options: Any) -> Any:
        with self.exception_handler(sql):
            statements.before_one(self, sql)
        return add_query(self, sql, *arguments, **options)

    PostgresConnectionManager.add_query = counted
    try:
        yield statements
    finally:
        PostgresConnectionManager.add_query = add_query
        if statements.mistake:
            raise statements.mistake
