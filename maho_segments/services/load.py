"""Fills the warehouse's raw tables with a shop."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import psycopg
from psycopg import sql

from maho_segments.services.capture_keeping import captures_changes, install_capture
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.services.schemas import Part, schema_of
from maho_segments.shop.load import LoadReport, load_folder
from maho_segments.shop.progress import ShopProgress, ShowProgress
from maho_segments.shop.replacement import RAW_SCHEMA
from maho_segments.warehouse import connect, ensure_running

Answer = TypeVar("Answer")

_BUILT: Final[tuple[Part, ...]] = ("staging", "relations", "work")
# The comment of the raw schema tells a generated shop, which may be thrown away, from a real one.
DEMO_MARK: Final = "A generated shop: segments demo may replace it."


def load(workspace: Workspace, folder: Path, *, progress: Progress) -> LoadReport:
    """Replace the shop in the warehouse by the CSV files of a folder.

    What was published of a demo shop goes with it: the customers of another shop are other people. Raises
    WarehouseError without a warehouse, ShopError for what can't be loaded; the old shop stays then.
    """
    progress.step("Reaching the warehouse")
    settings = ensure_running(workspace.folder, workspace.environ)
    progress.step(f"Loading {folder}")
    with connect(settings) as connection, connection.transaction():
        if was_demo := holds_demo(connection):
            forget_segments(connection, settings.schema)
        report = replace_shop(
            connection,
            lambda show: load_folder(connection, folder, progress=show),
            comment=None,
            progress=progress,
        )
        is_captured = captures_changes(connection, settings.schema)
    if is_captured:
        # Tables or columns that the shop did not have before have no triggers yet.
        install_capture(workspace, progress)
    if was_demo:
        progress.note("The demo shop and its segments are removed.")
    return report


def holds_demo(connection: psycopg.Connection) -> bool:
    """Whether the shop in the raw tables was generated."""
    row = connection.execute(
        "select obj_description(to_regnamespace(%s), 'pg_namespace')", [RAW_SCHEMA]
    ).fetchone()
    return row is not None and row[0] == DEMO_MARK


def forget_segments(connection: psycopg.Connection, schema: str) -> None:
    """Drop everything that was built of a shop: profiles, memberships, history, and the views of them."""
    for name in (schema, *(schema_of(schema, part) for part in _BUILT)):
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))


def replace_shop(
    connection: psycopg.Connection,
    fill: Callable[[ShowProgress], Answer],
    *,
    comment: str | None,
    progress: Progress,
) -> Answer:
    """Fill the raw tables, and say in the schema's comment what shop it is, together or not at all."""
    with connection.transaction():
        answer = fill(shop_progress(progress))
        connection.execute(
            sql.SQL("comment on schema {} is {}").format(sql.Identifier(RAW_SCHEMA), sql.Literal(comment))
        )
    return answer


def shop_progress(progress: Progress) -> ShowProgress:
    """A listener for the shop's progress that passes it on as ours."""

    def listen(news: ShopProgress) -> None:
        progress.part(news.what, news.done, news.total)

    return listen
